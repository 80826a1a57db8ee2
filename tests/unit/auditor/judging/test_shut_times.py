"""Tests at which times an address shut the vantage out, and what is said of silence in them.

Each ban has a twin: a host that lets the same connects pass and drops what is asked for, which is told.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv6Address
from itertools import permutations

import pytest

from auditor.framework.check import load
from auditor.framework.findings import Outcome, Reason
from auditor.judging.bans import Bans
from auditor.judging.judge import judge
from auditor.judging.shut_times import ShutTimes
from probes.framework.evidence import NO_CONNECT, At, Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.mail import SmtpDialogue, SmtpReply
from probes.observations.transport import EchoSeries
from tests.golden import lab
from tests.golden.case import FULL_SIZE, Case, dump
from tests.golden.case import load as load_case
from tests.golden.lab import REFUSED, TIMEOUT, V6

CHECKS = {str(id_): check for id_, check in load().items()}
HOST, ADDRESS, ECHO = lab.site(), IPv6Address(V6), "ipv6.path.echo"
UDP, ICMP, TCP, MAIL = (ADDRESS, "udp/53"), (ADDRESS, "icmp"), (ADDRESS, "tcp/443"), (ADDRESS, "tcp/25")
SILENCE, NO_ANSWER = Failure(kind=TIMEOUT), Failure(kind=TIMEOUT, detail=NO_CONNECT)


def at(seconds: float, one: Evidence) -> Evidence:
    """Return the evidence as measured some seconds into the run."""
    id_ = EvidenceId(f"{one.id} {seconds}")
    return replace(one, id=id_, subject=HOST.id, started=lab.NOW + timedelta(seconds=seconds))


def echo(received: int, sent: int = 20) -> Evidence:
    """Return a series of echoes, one a second, of which the last were answered."""
    rtts = (*(None,) * (sent - received), *(0.01,) * received)
    series = EchoSeries(address=ADDRESS, interval=1.0, payload_size=56, rtts=rtts, t=float(sent))
    return lab.evidence("icmp6", series, task=V6, endpoint=lab.at(V6, None))


OPEN, SHUT = lab.tcp(V6, 443), lab.tcp(V6, 443, TIMEOUT)
BAN = (at(0, OPEN), at(5, SHUT), at(15, SHUT), at(40, OPEN))
"""A ban that lapsed before the end of the run."""
LATER = (*BAN, at(600, OPEN))


def gathered(run: Iterable[Evidence]) -> Bans:
    bans = Bans((HOST,))
    for one in run:
        bans.add(one, one.parts())
    return bans


def explains(run: Iterable[Evidence], failure: Failure, where: At, begun: float, ended: float) -> bool:
    seen, start = gathered(run).seen(), lab.NOW
    begin, end = start + timedelta(seconds=begun), start + timedelta(seconds=ended)
    return seen.explains(failure, where, begin, until=end, subject=None)


@pytest.mark.parametrize("order", list(permutations(BAN)))
def test_silence_of_anything_within_a_ban_is_explained_in_any_order_of_evidence(order: tuple[Evidence, ...]) -> None:
    assert explains(order, SILENCE, UDP, 10, 12)
    assert explains(order, SILENCE, ICMP, -1, 20)  # asked before the ban, and still awaited in it
    assert explains(order, NO_ANSWER, MAIL, 10, 12)
    assert not explains(order, SILENCE, UDP, -3, -1)


def test_an_address_that_never_bans_explains_nothing() -> None:
    lively = (at(0, OPEN), at(5, OPEN), at(40, OPEN), at(600, OPEN))
    assert not explains(lively, SILENCE, UDP, 100, 102)
    assert not explains((at(0, OPEN), at(5, SHUT), at(40, OPEN)), SILENCE, UDP, 4, 12)  # one connect, lost by chance
    closed = (at(0, OPEN), *(at(second, lab.tcp(V6, 8080, TIMEOUT)) for second in (5, 15)), at(40, OPEN))
    assert not explains(closed, SILENCE, UDP, 4, 12)


def test_of_an_address_that_bans_a_long_time_without_a_connection_is_unknown() -> None:
    assert explains(LATER, SILENCE, ICMP, 100, 120)
    assert explains(LATER, SILENCE, ICMP, 700, 720)
    lively = (*BAN, *(at(second, OPEN) for second in (41, 44, 47, 50)))
    assert not explains(lively, SILENCE, ICMP, 41.5, 49.5)


@pytest.mark.parametrize(("answered", "explained"), [(0, True), (20, False)])
def test_limit_on_connections_alone_explains_no_other_silence(answered: int, explained: bool) -> None:
    """Three connects get through in ten seconds, and echo does all the time."""
    burst = [at(second, SHUT) for second in (1, 2)] + [at(second, OPEN) for second in (0, 3.5)]
    more = [at(second + 3.5, SHUT) for second in (1, 2)] + [at(7, OPEN)]
    run = [*burst, *more, at(1.5, replace(echo(answered), steps=(replace(echo(answered).steps[0], t=0.2),)))]
    assert explains(run, SILENCE, UDP, 4, 6) is explained
    assert explains(run, NO_ANSWER, MAIL, 4, 6)  # a new connection


def test_refusals_of_ports_that_are_open_at_other_times_count_like_silence() -> None:
    refused = lab.tcp(V6, 443, REFUSED)
    run = (at(0, OPEN), at(5, refused), at(15, refused), at(40, OPEN))
    assert explains(run, Failure(kind=FailureKind.PROHIBITED), UDP, 10, 10)


GONE = FailureKind.UNREACHABLE


def test_filter_that_calls_an_open_port_unreachable_is_told_from_a_host_that_is_gone() -> None:
    unreachable = lab.tcp(V6, 443, GONE)
    gone = (at(0, OPEN), at(5, unreachable), at(15, unreachable))
    for where in (TCP, MAIL, UDP):
        assert explains((*gone, at(40, OPEN)), Failure(kind=GONE), where, 10, 10)
        assert explains((*gone, at(40, OPEN)), Failure(kind=GONE), where, 600, 600)
        assert not explains(gone, Failure(kind=GONE), where, 10, 10)


def test_a_host_that_refuses_all_connects_to_one_that_it_banned_is_unknown_to_new_ones_later_too() -> None:
    """It answers echo meanwhile, and nobody asks its open ports when it refuses a connect again."""
    refused = lab.tcp(V6, 443, REFUSED)
    pings = replace(echo(20), steps=(replace(echo(20).steps[0], t=1.0),))
    run = (at(0, OPEN), at(5, refused), at(15, refused), at(9, pings), at(40, OPEN))
    assert explains(run, Failure(kind=REFUSED), MAIL, 600, 600)
    assert not explains(run, SILENCE, UDP, 600, 602)


def test_connects_of_one_sweep_count_apart_if_they_are_apart_in_time() -> None:
    steps = tuple(replace(SHUT.steps[0], t0=second, t=second + 4) for second in (0.0, 6.0))
    assert explains((at(0, OPEN), at(1, replace(SHUT, steps=steps))), SILENCE, UDP, 10, 12)
    assert not explains((at(0, OPEN), at(1, replace(SHUT, steps=steps[:1] * 2))), SILENCE, UDP, 10, 12)


def test_connection_that_fell_silent_was_accepted_at_its_beginning() -> None:
    stalled = SmtpDialogue(
        address=ADDRESS,
        port=25,
        server_name="mx",
        connected=True,
        replies=(SmtpReply(code=220, lines=("220 mx",)),),
        failure=SILENCE,
        t0=0.0,
        t=30.0,
    )
    greeted = lab.evidence("smtp", stalled, task=V6, endpoint=lab.at(V6, 25))
    shut = [at(second, lab.tcp(V6, 25, TIMEOUT)) for second in (5, 15)]
    run = (at(0, greeted), *shut, at(20, lab.tcp(V6, 25)), at(24, lab.tcp(V6, 25)))
    assert explains(run, SILENCE, UDP, 10, 12)
    assert not explains(run, SILENCE, UDP, -3, -1)
    assert not explains(run, SILENCE, UDP, 21, 23)


def judged(run: Iterable[Evidence]) -> tuple[Outcome, str, Reason | None]:
    """Return what ``ipv6.path.echo`` says of the host with all evidence of the run known."""
    every = [at(0, lab.names([V6])), *run]
    case = Case(check=ECHO, code="", about="", subject=HOST, evidence=(), expect=(), controls=FULL_SIZE)
    ctx = load_case(ECHO, json.loads(json.dumps(dump(case, CHECKS)))).ctx
    ctx = replace(ctx, now=every[-1].started, vantage=replace(ctx.vantage, shut_out=gathered(every).seen()))
    (found,) = judge(HOST, EvidenceSet(every), [CHECKS[ECHO]], ctx, on_bug=_raise)
    return found.outcome, found.code, found.reason


def _raise(_check: object, _subject: object, error: Exception) -> None:
    raise error


UNDECIDED = (Outcome.INCONCLUSIVE, "NOT_DECIDED", Reason.RATE)


def test_echo_that_a_ban_swallowed_at_each_look_is_left_open() -> None:
    looks = (at(0.1, echo(0)), at(56, echo(0)), at(640, echo(0)))
    assert judged((*LATER, *looks)) == UNDECIDED


def test_echo_that_comes_back_when_a_ban_lapses_is_left_open() -> None:
    assert judged((*LATER, at(0.1, echo(0)), at(30, echo(10)))) == UNDECIDED


def test_echo_that_a_lively_host_drops_is_told() -> None:
    lively = [at(float(second), OPEN) for second in range(0, 30, 3)]
    assert judged((*lively, at(0.1, echo(0))))[:2] == (Outcome.WARN, "FILTERED")
    assert judged((*lively, at(0.1, echo(10))))[:2] == (Outcome.WARN, "LOSSY")


def test_echo_that_a_host_drops_while_no_ban_lasts_is_told() -> None:
    lively = [at(100.0 + second, OPEN) for second in range(0, 30, 3)]
    assert judged((*BAN, *lively, at(0.1, echo(0)), at(102, echo(0))))[:2] == (Outcome.WARN, "FILTERED")


def test_times_are_known_only_of_addresses_that_opened_a_port() -> None:
    times = ShutTimes()
    for second in (5, 15):
        times.shut(ADDRESS, 1, lab.NOW + timedelta(seconds=second), at(second, SHUT))
    assert times.seen({}) == {}
    assert set(times.seen({ADDRESS: 1})) == {ADDRESS}
