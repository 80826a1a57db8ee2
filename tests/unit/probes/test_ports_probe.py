"""Which ports are swept again: what stayed silent, and what this machine was too busy to listen to."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.exposure import SWEPT, PortSweep
from probes.ports import REPEATS, ports
from tests.unit.probes.fake_net import FakeNet

SIX = ip_address("2001:db8::80")


async def swept(outcomes: dict[int, FailureKind]) -> list[list[int]]:
    """The ports of each sweep; those that are not named refuse."""
    rec = Recorder(lambda: 0.0)
    await ports(
        EndpointTask(endpoint=Endpoint(address=SIX, port=None, name=None), host=None), FakeNet(swept=outcomes), rec
    )
    return [[reply.port for reply in step.replies] for step in rec.steps if isinstance(step, PortSweep)]


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.CUT_SHORT])
async def test_what_was_not_heard_is_asked_again(kind: FailureKind) -> None:
    assert await swept({22: kind, 445: kind}) == [list(SWEPT)] + [[22, 445]] * REPEATS


async def test_refusals_are_believed_at_once() -> None:
    assert await swept({}) == [list(SWEPT)]


async def test_a_dead_host_costs_one_wait() -> None:
    assert await swept(dict.fromkeys(SWEPT, FailureKind.TIMEOUT)) == [list(SWEPT)]


async def test_a_machine_of_ours_that_stood_still_makes_no_dead_host() -> None:
    outcomes = dict.fromkeys(SWEPT, FailureKind.TIMEOUT) | {22: FailureKind.CUT_SHORT}
    assert await swept(outcomes) == [list(SWEPT)] * (1 + REPEATS)
