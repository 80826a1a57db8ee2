"""Tests that an SSH server is called cut off only where its port took the connection."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from auditor.facts.exposure.ssh import server
from auditor.framework.check import load
from auditor.framework.findings import Reason
from auditor.framework.shut_out import ShutOut
from probes.framework.evidence import NO_CONNECT, EvidenceSet, FailureKind
from tests.golden import cases_ssh, lab
from tests.golden.case import Case, dump
from tests.golden.case import load as load_case

CHECKS = {str(id_): check for id_, check in load().items()}
ADDRESS = ip_address(lab.V6)


@pytest.mark.parametrize(
    ("kind", "detail", "shut_out", "cut_off", "reason"),
    [
        (FailureKind.RESET, "", False, True, Reason.RATE),
        (FailureKind.TIMEOUT, NO_CONNECT, True, False, Reason.RATE),
        (FailureKind.REFUSED, "", True, False, Reason.RATE),
        (FailureKind.CUT_SHORT, "", False, False, Reason.CUT),
    ],
)
def test_a_server_is_cut_off_only_after_a_connect(
    kind: FailureKind, detail: str, shut_out: bool, cut_off: bool, reason: Reason
) -> None:
    case = Case(check="ipv6.web.reach", code="", about="", subject=lab.site(), evidence=(lab.names(),), expect=())
    ctx = load_case(case.check, dump(replace(case, controls=("tcp/22",)), CHECKS)).ctx
    since = {ADDRESS: datetime(2000, 1, 1, tzinfo=UTC)} if shut_out else {}
    ctx = replace(ctx, vantage=replace(ctx.vantage, shut_out=ShutOut(limited=since)))
    found = server(EvidenceSet([cases_ssh.server(lab.V6, failure=kind, detail=detail)]), ctx, ADDRESS, 22)
    assert (found.cut_off, found.reason) == (cut_off, reason)
