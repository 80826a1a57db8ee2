"""Tests facts about EDNS answers that golden cases of ``security.dns.edns`` do not tell apart."""

from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import pytest

from auditor.facts.dns.edns_manners import manners
from auditor.framework.check import load
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import EdnsAnswer
from tests.golden import lab
from tests.golden.case import Case, dump
from tests.golden.case import load as load_case

CHECKS = {str(id_): check for id_, check in load().items()}
A, ZONE = "2001:db8:53::1", "example.vn."


@pytest.fixture(scope="module")
def ctx() -> Context:
    case = Case(check="security.dns.edns", code="", about="", subject=lab.zone(), evidence=(lab.names(),), expect=())
    return load_case(case.check, dump(case, CHECKS)).ctx


def _answer(
    trial: str, *, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, tc: bool = False, record: bool = False, opt: bool = True
) -> EdnsAnswer:
    message = dns.message.make_response(dns.message.make_query(ZONE, "SOA", id=4711, use_edns=0))
    message.flags |= dns.flags.TC if tc else 0
    message.use_edns(0 if opt else -1)
    message.set_rcode(rcode)
    if record:
        message.answer.append(dns.rrset.from_text(ZONE, 60, "IN", "A", "192.0.2.1"))
    return EdnsAnswer(server=ip_address(A), zone="example.vn", trial=trial, response=message.to_wire())


def _look(*others: EdnsAnswer) -> EvidenceSet:
    """Return evidence of all trials with right answers, except those replaced by ``others``."""
    right = {trial: _answer(trial) for trial in ("plain", "option", "flag", "small")}
    answers = right | {"version": _answer("version", rcode=dns.rcode.BADVERS)} | {one.trial: one for one in others}
    task, endpoint = f"{A}#53 example.vn", lab.at(A, 53)
    return EvidenceSet((lab.evidence("edns", *answers.values(), task=task, endpoint=endpoint),))


@pytest.mark.parametrize(
    ("version", "wrong", "reason"),
    [
        (_answer("version", rcode=dns.rcode.BADVERS), (), None),
        (_answer("version", tc=True), (), Reason.RATE),
        (_answer("version"), ("version",), None),
        (_answer("version", tc=True, record=True), ("version",), None),
        (_answer("version", rcode=dns.rcode.FORMERR, tc=True), ("version",), None),
    ],
)
def test_manners_only_an_answer_that_sends_to_tcp_and_says_no_more_is_a_rate_limit(
    ctx: Context, version: EdnsAnswer, wrong: tuple[str, ...], reason: Reason | None
) -> None:
    found = manners(_look(version), ctx, "example.vn", ip_address(A))
    assert found is not None
    assert (found.wrong, found.reason) == (wrong, reason)


_SLIP = {trial: _answer(trial, tc=True, opt=False) for trial in ("plain", "option", "flag", "small")}


@pytest.mark.parametrize(
    ("others", "wrong", "reason"),
    [
        (("option",), (), Reason.RATE),
        (("flag", "small"), (), Reason.RATE),
        (("small",), ("small",), None),
        (("plain",), (), Reason.RATE),
    ],
)
def test_manners_answers_cut_short_without_opt_are_a_rate_limit_where_they_are_never_too_large(
    ctx: Context, others: tuple[str, ...], wrong: tuple[str, ...], reason: Reason | None
) -> None:
    found = manners(_look(*(_SLIP[trial] for trial in others)), ctx, "example.vn", ip_address(A))
    assert found is not None
    assert (found.wrong, found.reason, found.none) == (wrong, reason, False)


def test_manners_of_a_server_without_edns_are_told_beside_a_rate_limit(ctx: Context) -> None:
    bare = _answer("plain", rcode=dns.rcode.FORMERR, opt=False)
    found = manners(_look(bare, _SLIP["option"]), ctx, "example.vn", ip_address(A))
    assert found is not None
    assert found.none
