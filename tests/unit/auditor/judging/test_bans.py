"""Tests bans: from the connections of a whole run to addresses that shut the vantage out, and their judgement.

Every ban has a twin here, a host that dies in the same way: neither is a success, and nothing is stated of either
beyond the evidence."""

import json
import tracemalloc
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from itertools import permutations

import pytest

from auditor.framework.check import Check, load
from auditor.framework.findings import Outcome, Reason
from auditor.judging.bans import Bans
from auditor.judging.judge import judge
from inventory.model import Network, Subject, SubjectId
from probes.framework.evidence import NO_CONNECT, Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.pages import PageParts
from tests.golden import lab
from tests.golden.case import FULL_SIZE, Case, dump
from tests.golden.case import load as load_case
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6
from tests.golden.lab_mail import closed, dialogue, usual

CHECKS: Mapping[str, Check] = {str(id_): check for id_, check in load().items()}
REACH, PAGE, TLS, MAIL = "ipv6.web.reach", "ipv6.web.http-ok", "security.tls.cert-chain", "ipv6.mail.mx-reach"
FIRST, OTHER = lab.site(id=SubjectId("first")), lab.site(id=SubjectId("other"))
DOMAIN = replace(lab.mail(), id=SubjectId("mail"))
UP = (*lab.ports(V4, 80, 443), lab.page(V4, 200))
NO_PAGE = lab.http(
    V6, replace(lab.answer(V6, None), failure=Failure(kind=FailureKind.TIMEOUT, detail=NO_CONNECT)), port=443
)


def of(subject: Subject, minutes: int, *found: Evidence) -> list[Evidence]:
    """Return evidence of a subject, ``minutes`` into the run."""
    return [
        replace(
            one,
            subject=subject.id,
            id=EvidenceId(f"{subject.id} {one.id} {minutes}"),
            started=lab.NOW + timedelta(0, minutes * 60),
        )
        for one in found
    ]


def judged(run: Iterable[Evidence], subject: Subject, *checks: str) -> dict[str, tuple[Outcome, Reason | None]]:
    """Return the IPv6 outcomes and reasons by check, with all evidence of the run known, as a run is judged."""
    bans, every = Bans((FIRST, OTHER, DOMAIN)), list(run)
    for one in every:
        bans.add(one, one.parts())
    case = Case(check=REACH, code="", about="", subject=FIRST, evidence=(), expect=(), controls=FULL_SIZE)
    ctx = load_case(case.check, json.loads(json.dumps(dump(case, CHECKS)))).ctx
    latest = max(one.started for one in every)
    ctx = replace(ctx, now=latest, vantage=replace(ctx.vantage, shut_out=bans.seen()))
    own = EvidenceSet(one for one in every if one.subject == subject.id)
    found = judge(subject, own, [CHECKS[id_] for id_ in checks], ctx, on_bug=_raise)
    return {str(one.check): (one.outcome, one.reason) for one in found if str(one.address) in (V6, "None")}


def _raise(_check: Check, _subject: Subject, error: Exception) -> None:
    raise error


WELL = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443), lab.page(V6, 200))
LIMITED = (Outcome.INCONCLUSIVE, Reason.RATE)


@pytest.mark.parametrize("how", [TIMEOUT, REFUSED, FailureKind.PROHIBITED])
def test_judge_site_behind_a_ban_of_its_hoster_is_left_open(how: FailureKind) -> None:
    after = of(OTHER, 20, lab.names([V6]), *UP, *lab.ports(V6, shut=how))
    assert judged([*WELL, *after], OTHER, REACH) == {REACH: LIMITED}


def test_judge_mail_domain_behind_a_ban_of_a_site_there_is_left_open() -> None:
    banned = of(FIRST, 10, lab.tcp(V6, 443, TIMEOUT, attempt=2), lab.tcp(V6, 80, TIMEOUT, attempt=2))
    after = of(DOMAIN, 20, usual([V6], [V4]), closed(V6, TIMEOUT), closed(V4, TIMEOUT))
    assert judged([*WELL, *banned, *after], DOMAIN, MAIL)[MAIL] == LIMITED


def test_judge_mail_host_that_bans_at_the_sweep_before_it_was_spoken_to_is_left_open() -> None:
    """A ban stays open for a host that refused ports and later was silent on the same ports."""
    begun = of(FIRST, 0, lab.names([V6]), *UP, lab.tcp(V6, 443), lab.tcp(V6, 80, REFUSED))
    banned = of(FIRST, 1, lab.tcp(V6, 80, TIMEOUT, attempt=2)) + of(FIRST, 2, lab.tcp(V6, 80, TIMEOUT, attempt=3))
    after = of(DOMAIN, 3, usual([V6], [V4]), closed(V6, TIMEOUT), closed(V4, TIMEOUT))
    assert judged([*begun, *banned, *after], DOMAIN, MAIL)[MAIL] == LIMITED


def test_judge_mail_host_that_goes_on_refusing_fails() -> None:
    begun = of(FIRST, 0, lab.names([V6]), *UP, lab.tcp(V6, 443), lab.tcp(V6, 80, REFUSED))
    lost = of(FIRST, 1, lab.tcp(V6, 80, TIMEOUT, attempt=2)) + of(FIRST, 2, lab.tcp(V6, 80, TIMEOUT, attempt=3))
    later = of(FIRST, 4, lab.tcp(V6, 80, REFUSED, attempt=4))
    after = of(DOMAIN, 3, usual([V6], [V4]), closed(V6, TIMEOUT), dialogue(V4))
    assert judged([*begun, *lost, *after, *later], DOMAIN, MAIL)[MAIL][0] is Outcome.FAIL


def test_judge_mail_domain_at_an_address_that_goes_on_answering_fails() -> None:
    lively = of(FIRST, 30, lab.tcp(V6, 443, attempt=3))
    after = of(DOMAIN, 20, usual([V6], [V4]), closed(V6, TIMEOUT), dialogue(V4))
    assert judged([*WELL, *lively, *after], DOMAIN, MAIL)[MAIL][0] is Outcome.FAIL


def test_judge_site_that_bans_in_mid_run_is_neither_accused_nor_passed_for_what_came_after() -> None:
    begun = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443))
    after = of(FIRST, 10, NO_PAGE, lab.tcp(V6, 443, TIMEOUT, attempt=2))
    assert judged([*begun, *after], FIRST, PAGE) == {PAGE: LIMITED}


def test_judge_host_that_dies_in_mid_run_is_told_as_open_and_never_passes() -> None:
    """A host that dies is judged like a ban from here: facts not seen before stay open, with their reason."""
    begun = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443))
    after = of(FIRST, 10, NO_PAGE, lab.tcp(V6, 443, TIMEOUT, attempt=2), lab.tls(V6, (), failure=TIMEOUT))
    found = judged([*begun, *after], FIRST, PAGE, TLS)
    assert found[PAGE] == LIMITED
    assert Outcome.PASS not in {outcome for outcome, _ in found.values()}


def test_judge_host_that_was_dead_from_the_beginning_fails() -> None:
    dead = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, shut=TIMEOUT))
    assert judged(dead, FIRST, REACH)[REACH][0] is Outcome.FAIL


def test_judge_host_of_which_a_router_says_that_it_is_gone_fails() -> None:
    gone = of(OTHER, 20, lab.names([V6]), *UP, *lab.ports(V6, shut=FailureKind.UNREACHABLE))
    assert judged([*WELL, *gone], OTHER, REACH)[REACH][0] is Outcome.FAIL


def test_judge_page_that_falls_silent_on_a_connection_that_stood_fails() -> None:
    stalled = of(FIRST, 10, lab.page(V6, None, failure=TIMEOUT), lab.tcp(V6, 443, attempt=2))
    begun = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443))
    assert judged([*begun, *stalled], FIRST, PAGE)[PAGE][0] is Outcome.FAIL


def test_judge_page_that_falls_silent_in_the_moment_of_a_ban_is_left_open() -> None:
    begun = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443))
    stalled = of(FIRST, 1, lab.page(V6, None, failure=TIMEOUT))
    banned = of(FIRST, 10, lab.tcp(V6, 443, TIMEOUT, attempt=2), lab.tcp(V6, 80, TIMEOUT, attempt=2))
    assert judged([*begun, *stalled, *banned], FIRST, PAGE) == {PAGE: LIMITED}


def test_judge_page_that_was_read_again_is_no_answer_behind_a_ban() -> None:
    begun = of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443))
    stalled = of(FIRST, 1, lab.page(V6, None, failure=TIMEOUT))
    banned = of(FIRST, 10, lab.tcp(V6, 443, TIMEOUT, attempt=2), lab.tcp(V6, 80, TIMEOUT, attempt=2))
    seen = PageParts(address=IPv6Address(V6), port=443, url=f"https://{lab.WEB}/", status=200, reused=True)
    again = of(FIRST, 9, lab.evidence("page_parts", seen, task=V6, endpoint=lab.at(V6, 443)))
    assert judged([*begun, *stalled, *again, *banned], FIRST, PAGE) == {PAGE: LIMITED}


def test_judge_another_port_of_a_lively_address_that_is_shut_fails() -> None:
    """A shut port fails although the address accepts connections for another site all the time, at another port."""
    other = replace(OTHER, services=lab.services(("https", 8443)))
    shut = of(other, 10, lab.names([V6]), lab.tcp(V4, 8443), lab.tcp(V6, 8443, REFUSED))
    lively = of(FIRST, 20, lab.tcp(V6, 443, attempt=2))
    assert judged([*WELL, *shut, *lively], other, REACH)[REACH][0] is Outcome.FAIL


BURST = (
    *of(FIRST, 0, lab.names([V6]), *UP, *lab.ports(V6, 80, 443)),
    *of(FIRST, 1, lab.tls(V6, (), failure=REFUSED)),
    *of(FIRST, 2, lab.tcp(V6, 443, attempt=2)),
)


def test_judge_handshake_that_a_limit_on_new_connections_refused_is_left_open() -> None:
    assert judged(BURST, FIRST, TLS)[TLS] == LIMITED


@pytest.mark.parametrize(
    ("failure", "explained"),
    [
        (Failure(kind=REFUSED), True),
        (Failure(kind=TIMEOUT, detail=NO_CONNECT), True),
        (Failure(kind=TIMEOUT), False),  # the connection stood
        (Failure(kind=FailureKind.RESET), False),
    ],
)
def test_sometimes_explains_only_connections_that_did_not_come_about(failure: Failure, explained: bool) -> None:
    bans = Bans((FIRST,))
    for one in BURST:
        bans.add(one, one.parts())
    where = (IPv6Address(V6), "tcp/443")
    assert bans.seen().explains(failure, where, lab.NOW, subject=FIRST.id) is explained
    assert not bans.seen().explains(failure, where, lab.NOW, subject=OTHER.id)


@pytest.mark.parametrize(
    ("failure", "one_round", "explained"),
    [
        (Failure(kind=TIMEOUT, detail=NO_CONNECT), True, True),
        (Failure(kind=TIMEOUT, detail=NO_CONNECT), False, False),  # its last look stood alone
        (Failure(kind=REFUSED), True, False),
        (Failure(kind=TIMEOUT), True, False),
    ],
)
def test_in_one_round_a_limit_at_one_place_may_be_one_for_the_whole_office(
    failure: Failure, one_round: bool, explained: bool
) -> None:
    seen, elsewhere = gathered(*BURST).seen(), (IPv4Address(V4), "tcp/443")
    assert seen.explains(failure, elsewhere, lab.NOW, subject=FIRST.id, one_round=one_round) is explained
    assert not seen.explains(failure, elsewhere, lab.NOW, subject=OTHER.id, one_round=one_round)


ACCEPTED, SHUT, AGAIN = (
    *of(FIRST, 0, lab.tcp(V6, 443)),
    *of(FIRST, 5, lab.tcp(V6, 443, TIMEOUT, attempt=2)),
    *of(FIRST, 9, lab.tcp(V6, 443, TIMEOUT, attempt=3)),
)


def gathered(*run: Evidence, subject: Subject = FIRST) -> Bans:
    bans = Bans((subject,))
    for one in run:
        bans.add(one, one.parts())
    return bans


@pytest.mark.parametrize("order", list(permutations((ACCEPTED, SHUT, AGAIN))))
def test_limited_does_not_depend_on_the_order_of_evidence(order: tuple[Evidence, ...]) -> None:
    assert gathered(*order).seen().limited == {ACCEPTED.steps[0].at()[0]: ACCEPTED.started}  # type: ignore[index]


def test_limited_needs_two_looks_and_no_later_success() -> None:
    (later,) = of(FIRST, 12, lab.tcp(V6, 443, attempt=4))
    assert gathered(ACCEPTED, SHUT).seen().limited == {}
    assert gathered(ACCEPTED, SHUT, AGAIN, later).seen().limited == {}
    assert gathered(SHUT, AGAIN).seen().limited == {}


def test_limited_counts_no_port_that_never_accepted() -> None:
    others = of(FIRST, 5, lab.tcp(V6, 80, TIMEOUT), lab.tcp(V6, 8080, TIMEOUT), lab.tcp(V6, 25, REFUSED))
    assert gathered(ACCEPTED, *others).seen().limited == {}


def test_limited_says_nothing_inside_tslcd() -> None:
    assert gathered(ACCEPTED, SHUT, AGAIN, subject=replace(FIRST, network=Network.TSLCD)).seen().limited == {}


def test_bans_keep_little_of_a_host_of_which_many_ports_are_closed() -> None:
    """Little is kept of each host, since twenty thousand subjects are gathered before the first of them is judged."""
    sites = [lab.site(id=SubjectId(str(number))) for number in range(200)]
    (connect,) = of(FIRST, 0, lab.tcp(V6, 443))
    bans = Bans(sites)
    tracemalloc.start()
    for number, site in enumerate(sites):
        replies = (PortReply(port=443), *(PortReply(port=port, failure=REFUSED) for port in range(1, 101)))
        sweep = PortSweep(address=IPv6Address(number), replies=replies, t0=0.0, t=1.0)
        one = replace(connect, subject=site.id, id=EvidenceId(str(number)), steps=(sweep,))
        bans.add(one, one.parts())
    (held, _) = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bans.seen().limited == {}
    assert held / len(sites) < 8_000  # bytes
