"""Which ports are swept again: what stayed silent, what this machine was too busy to listen to, and the control."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.framework.unlike import BRACKET, UNLIKE
from probes.observations.exposure import SWEPT, PortSweep
from probes.ports import FIRST, HALVES, REPEATS, ports
from probes.ports_again import ports_again
from tests.unit.probes.fake_net import FakeNet

SIX = ip_address("2001:db8::80")
ONCE = [list(FIRST), list(HALVES[0]), list(HALVES[1])]
CONTROLLED = [list(FIRST), list(HALVES[0]), [1], list(HALVES[1]), [1]]
"""Of a host that refuses everything, tcpmux is the first port that answers."""


async def swept(outcomes: dict[int, FailureKind | None]) -> list[list[int]]:
    """The ports of each sweep; those that are not named refuse."""
    rec = Recorder(lambda: 0.0)
    await ports(
        EndpointTask(endpoint=Endpoint(address=SIX, port=None, name=None), host=None), FakeNet(swept=outcomes), rec
    )
    return [[reply.port for reply in step.replies] for step in rec.steps if isinstance(step, PortSweep)]


def test_the_parts_are_all_ports() -> None:
    assert tuple(sorted((*FIRST, *HALVES[0], *HALVES[1]))) == SWEPT


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.CUT_SHORT])
async def test_what_was_not_heard_is_asked_again(kind: FailureKind) -> None:
    assert await swept({22: kind, 445: kind}) == CONTROLLED + [[22, 445], [1]] * REPEATS


async def test_refusals_are_believed_at_once() -> None:
    assert await swept({}) == CONTROLLED


async def test_an_open_port_is_the_control_before_one_that_refuses() -> None:
    assert [443] in await swept({443: None})


async def test_a_dead_host_costs_three_waits() -> None:
    assert await swept(dict.fromkeys(SWEPT, FailureKind.TIMEOUT)) == ONCE


async def test_a_machine_of_ours_that_stood_still_makes_no_dead_host() -> None:
    outcomes: dict[int, FailureKind | None] = dict.fromkeys(SWEPT, FailureKind.TIMEOUT)
    assert len(await swept(outcomes | {22: FailureKind.CUT_SHORT})) == len(ONCE) + REPEATS


@pytest.mark.parametrize(("bracket", "expected"), [({BRACKET: "443"}, [[443], [23, 3389], [443]]), ({}, [[23, 3389]])])
async def test_ports_that_differ_are_swept_between_two_controls(
    bracket: dict[str, str], expected: list[list[int]]
) -> None:
    rec = Recorder(lambda: 0.0)
    endpoint = Endpoint(address=SIX, port=None, name=None)
    await ports_again(EndpointTask(endpoint=endpoint, hints={UNLIKE: "23 3389", **bracket}), FakeNet(), rec)
    assert [[one.port for one in step.replies] for step in rec.steps if isinstance(step, PortSweep)] == expected
