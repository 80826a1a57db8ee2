"""Tests that a train of echoes in which a host banned the vantage, or let it in again, shows no loss."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv6Address

import pytest

from auditor.facts.path.loss_rtt_parity import side
from auditor.framework.check import load
from auditor.framework.findings import Reason
from auditor.framework.shut_out import ShutOut, ShutTime
from probes.framework.evidence import EvidenceSet
from probes.observations.path import EchoTrain
from tests.golden import lab
from tests.golden.case import FULL_SIZE, Case, dump
from tests.golden.case import load as load_case

CHECKS = {str(id_): check for id_, check in load().items()}
ADDRESS = IPv6Address(lab.V6)


@pytest.mark.parametrize(
    ("lost", "ban", "reason"), [(15, (-20, 3), Reason.RATE), (15, (-20, -3), None), (0, (-20, 3), None)]
)
def test_train_in_the_midst_of_which_a_ban_lapsed_is_unknown(
    lost: int, ban: tuple[int, int], reason: Reason | None
) -> None:
    train = EchoTrain(address=ADDRESS, interval=0.2, rtts=(*(None,) * lost, *(0.01,) * (30 - lost)), t=6.0)
    seen = lab.evidence("echo_train", train, task=lab.V6, endpoint=lab.at(lab.V6, None))
    case = Case(
        check="ipv6.web.reach", code="", about="", subject=lab.site(), evidence=(), expect=(), controls=FULL_SIZE
    )
    ctx = load_case(case.check, dump(case, CHECKS)).ctx
    since, until = (seen.started + timedelta(seconds=second) for second in ban)
    shut = ShutOut(times={ADDRESS: (ShutTime(since=since, until=until, shown=True, whole=True),)})
    ctx = replace(ctx, vantage=replace(ctx.vantage, shut_out=shut))
    assert side(EvidenceSet([seen]), ctx, [ADDRESS]).reason is reason
