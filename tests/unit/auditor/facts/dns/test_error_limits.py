"""Tests that errors that a server gives only at times are told from those that it gives to a question each time."""

from ipaddress import ip_address

import pytest

from auditor.facts.dns.error_limits import errs_at_times, passing, passing_errors
from auditor.facts.dns.exchanges import QuestionAttempt, parsed
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.dns import DnsExchange, EdnsAnswer
from tests.golden import lab
from tests.golden.lab import TIMEOUT, ZONE, asked, soa, soa_wire

SERVER, OTHER = "2001:db8:a::53", "2001:db8:b::53"
RIGHT = soa(SERVER)


def error(rcode: str = "REFUSED", *, server: str = SERVER, transport: str = "udp", edns_size: int = 1232) -> Evidence:
    return soa(server, rcode=rcode, aa=False, answer=None, attempt=2, transport=transport, edns_size=edns_size)


def trial(name: str, *, rcode: str = "NOERROR") -> Evidence:
    wire = soa_wire(ZONE, None, rcode=rcode, aa=rcode == "NOERROR")
    step = EdnsAnswer(server=ip_address(SERVER), zone=ZONE, trial=name, response=wire)
    return lab.evidence("edns", step, task=f"{SERVER}#53 {ZONE}", endpoint=lab.at(SERVER, 53))


def ns(**how: object) -> Evidence:
    return asked("zone_data", SERVER, (ZONE, "NS"), **how)  # type: ignore[arg-type]


def client(**how: object) -> Evidence:
    return asked("resolver", SERVER, (ZONE, "AAAA"), recursion=True, **how)  # type: ignore[arg-type]


def stranger(**how: object) -> Evidence:
    return asked("recursion", SERVER, (ZONE, "A"), recursion=True, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pieces", "rcodes"),
    [
        ((error(), RIGHT), {"REFUSED"}),
        ((RIGHT, error("SERVFAIL")), {"SERVFAIL"}),
        ((RIGHT, error(), error("SERVFAIL"), error("NOTIMP")), {"REFUSED", "SERVFAIL", "NOTIMP"}),
        ((error("NXDOMAIN"), RIGHT), {"NXDOMAIN"}),
        ((error(), trial("plain")), {"REFUSED"}),
        ((trial("plain", rcode="REFUSED"), RIGHT), {"REFUSED"}),
        ((ns(rcode="NXDOMAIN", flags="AA"), ns(rcode="REFUSED", attempt=2)), {"REFUSED"}),
        ((client(rcode="SERVFAIL", flags="RA"), client(flags="RA", attempt=2)), {"SERVFAIL"}),
        ((client(rcode="REFUSED"), client(rcode="NXDOMAIN", flags="RA", attempt=2)), {"REFUSED"}),
    ],
)
def test_passing_errors_are_answers_to_a_question_that_was_also_answered(
    pieces: tuple[Evidence, ...], rcodes: set[str]
) -> None:
    found = passing_errors(EvidenceSet(pieces), ip_address(SERVER))
    assert set(found) == rcodes
    assert all(len(ids) == 2 for ids in found.values())


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (error(),),
        (RIGHT, RIGHT),
        (error(), soa(OTHER)),
        (error(), soa(SERVER, transport="tcp")),
        (error(transport="tcp"), RIGHT),
        (error(edns_size=0), RIGHT),
        (error(), soa(SERVER, aa=False)),
        (error(), soa(SERVER, failure=TIMEOUT)),
        (error(), soa(SERVER, answer=None, tc=True)),
        (error(), ns(flags="AA")),
        (ns(rcode="SERVFAIL", dnssec_ok=True), ns(flags="AA", attempt=2)),
        (ns(rcode="REFUSED", recursion=True), ns(flags="AA", attempt=2)),
        (ns(flags="AA"), ns(rcode="NXDOMAIN", flags="AA", attempt=2)),
        (trial("version", rcode="REFUSED"), RIGHT),
        (client(rcode="SERVFAIL", flags="RA"), client(attempt=2)),
        (stranger(rcode="REFUSED"), stranger(flags="RA", attempt=2)),
    ],
)
def test_passing_errors_are_none_where_no_question_was_answered_in_both_ways(pieces: tuple[Evidence, ...]) -> None:
    assert not passing_errors(EvidenceSet(pieces), ip_address(SERVER))


def test_errs_at_times_shows_the_error_and_the_right_answer_beside_what_is_left_open() -> None:
    question = ns(rcode="REFUSED")
    verdict = errs_at_times(EvidenceSet((RIGHT, error(), question)), ip_address(SERVER), "REFUSED", (question.id,))
    assert (verdict.code, dict(verdict.args)) == ("ERRS_AT_TIMES", {"address": SERVER, "rcode": "REFUSED"})
    assert set(verdict.evidence) == {question.id, RIGHT.id, error().id}


@pytest.mark.parametrize(("rcode", "code"), [("REFUSED", "ERRS_AT_TIMES"), ("SERVFAIL", None), ("NOERROR", None)])
def test_an_answer_is_passing_where_its_error_is(rcode: str, code: str | None) -> None:
    told = stranger(rcode=rcode)
    (step,) = told.steps
    assert isinstance(step, DnsExchange)
    reply = QuestionAttempt(step=step, evidence=told.id, at=told.started, message=parsed(step.response))
    verdict = passing(EvidenceSet((RIGHT, error(), told)), reply)
    assert (verdict and verdict.code) == code
