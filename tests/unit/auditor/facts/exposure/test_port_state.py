"""Tests connects: the attribution of a failure, the result of several attempts, and when a bad address is a fail."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from auditor.facts.exposure.port_state import OpenState, Port, none_left, port_state
from auditor.framework.address_owners import ANYWHERE
from auditor.framework.check import load
from auditor.framework.context import Context, SelfTestPoint
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceSet, FailureKind
from tests.golden import lab
from tests.golden.case import Case, dump
from tests.golden.case import load as load_case

CHECKS = {str(id_): check for id_, check in load().items()}
ADDRESS = ip_address(lab.V6)


def context(*controls: str) -> Context:
    base = Case(check="ipv6.web.reach", code="", about="", subject=lab.site(), evidence=(lab.names(),), expect=())
    case = replace(base, controls=controls)
    return load_case(case.check, dump(case, CHECKS)).ctx


def seen(*failures: FailureKind | None, ctx: Context | None = None) -> Port:
    tries = [lab.tcp(lab.V6, 443, failure, attempt=n + 1) for n, failure in enumerate(failures)]
    return port_state(EvidenceSet(tries), ctx or context("tcp/443"), ADDRESS, 443)


@pytest.mark.parametrize(
    ("failure", "state", "reason"),
    [
        (None, OpenState.OPEN, None),
        (FailureKind.REFUSED, OpenState.CLOSED, None),
        (FailureKind.RESET, OpenState.CLOSED, None),
        (FailureKind.UNREACHABLE, OpenState.CLOSED, None),
        (FailureKind.PROHIBITED, OpenState.CLOSED, None),
        (FailureKind.TIMEOUT, OpenState.SILENT, None),
        (FailureKind.CUT_SHORT, OpenState.UNKNOWN, Reason.CUT),
        (FailureKind.OUT_OF_SCOPE, OpenState.UNKNOWN, Reason.SCOPE),
        (FailureKind.NO_PERMISSION, OpenState.UNKNOWN, Reason.PRIV),
        (FailureKind.FILTERED_HERE, OpenState.UNKNOWN, Reason.EGR),
        (FailureKind.BUG, OpenState.UNKNOWN, Reason.CUT),
    ],
)
def test_one_attempt(failure: FailureKind | None, state: OpenState, reason: Reason | None) -> None:
    found = seen(failure)
    assert (found.state, found.reason) == (state, reason)


def test_silence_on_a_line_that_loses_packets_is_unknown() -> None:
    silent = [lab.tcp(lab.V6, 443, FailureKind.TIMEOUT, attempt=attempt) for attempt in (1, 2)]
    lossy, whole = lab.echo(lab.V6, 15, 20), lab.echo(lab.V6, 20, 20)
    ctx = context("tcp/443")
    found = port_state(EvidenceSet([*silent, lossy]), ctx, ADDRESS, 443)
    assert (found.state, found.reason) == (OpenState.UNKNOWN, Reason.SMPL)
    assert port_state(EvidenceSet([*silent, whole]), ctx, ADDRESS, 443).state is OpenState.SILENT


def test_silence_without_control_is_unknown() -> None:
    found = seen(FailureKind.TIMEOUT, ctx=context("tcp/80"))
    assert (found.state, found.reason) == (OpenState.UNKNOWN, Reason.EGR)


def test_silence_is_unknown_where_the_owner_alone_answers() -> None:
    own = ip_address("2001:db8:ffff::99")
    ctx = context()
    ctx = replace(ctx, vantage=replace(ctx.vantage, answers={(6, "tcp/443"): frozenset({ANYWHERE.owner(own)})}))
    found = port_state(EvidenceSet([lab.tcp(str(own), 443, FailureKind.TIMEOUT)]), ctx, own, 443)
    assert found.reason is Reason.EGR


def test_never_tried_is_unknown() -> None:
    found = seen()
    assert (found.state, found.reason, found.evidence) == (OpenState.UNKNOWN, Reason.CUT, ())


def test_the_best_attempt_counts_and_is_what_it_rests_on() -> None:
    found = seen(FailureKind.TIMEOUT, None, FailureKind.CUT_SHORT)
    assert found.state is OpenState.OPEN
    assert found.evidence == (f"tcp {lab.V6}#443 attempt 2",)
    assert seen(FailureKind.TIMEOUT, FailureKind.CUT_SHORT).state is OpenState.SILENT


def test_a_failure_while_our_own_family_was_sick_is_ours() -> None:
    ctx = context("tcp/443")
    sick = SelfTestPoint(at=lab.NOW + timedelta(minutes=5), label="after", families=frozenset({4}), iterative=True)
    ctx = replace(ctx, vantage=replace(ctx.vantage, points=(*ctx.vantage.points, sick)))
    assert seen(FailureKind.UNREACHABLE, ctx=ctx).reason is Reason.V6


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ([OpenState.CLOSED, OpenState.SILENT], True),
        ([OpenState.CLOSED, OpenState.OPEN], False),
        ([OpenState.CLOSED, OpenState.UNKNOWN], False),
    ],
)
def test_a_bad_address_is_a_fail_only_where_none_is_or_may_be_good(states: list[OpenState], left: bool) -> None:
    assert none_left([Port(address=ADDRESS, port=443, state=state) for state in states]) is left
