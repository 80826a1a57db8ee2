"""Tests which ports are swept again: silent ones, those missed while this machine was busy, and the control."""

import asyncio
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import CONNECTIONS
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.net.exposure.sweep import LISTEN, PATIENT, sweeper
from probes.observations.exposure import SWEPT, UNUSED, PortReply, PortSweep
from probes.ports import FIRST, HALVES, REPEATS, is_a_hole, ports
from tests.unit.probes.fake_net import FakeNet

SIX = ip_address("2001:db8::80")
ONCE = [list(FIRST), list(HALVES[0]), list(HALVES[1])]
CONTROLLED = [list(FIRST), list(HALVES[0]), [1], list(HALVES[1]), [1]]
"""The first port that answers is tcpmux if a host refuses everything."""


async def swept(
    outcomes: dict[int, FailureKind | None],
    waits: list[tuple[int, ...]] | None = None,
    patience: list[float] | None = None,
) -> list[list[int]]:
    """Return the ports of each sweep; unnamed ports refuse. ``waits`` collects the ports swept at the same time.

    ``patience`` collects the seconds that each sweep listens.
    """
    rec, asked, told = Recorder(lambda: 0.0), list[int](), [] if waits is None else waits
    listened = [] if patience is None else patience

    class Host:
        async def sweep(
            self, address: IPAddress, ports: tuple[int, ...], name: str | None, *, first: bool, listen: float
        ) -> tuple[PortReply, ...]:
            assert first == (ports == FIRST)
            listened.append(listen)
            asked.extend(ports)
            await asyncio.sleep(0)  # what is asked beside it begins meanwhile
            if asked:
                told.append(tuple(asked))
                asked.clear()
            return tuple(PortReply(port=port, failure=outcomes.get(port, FailureKind.REFUSED)) for port in ports)

    net = FakeNet(run=(PortSweep,), engines={sweeper: Host()})
    await ports(EndpointTask(endpoint=Endpoint(address=SIX, port=None, name=None), host=None), net, rec)
    return [[reply.port for reply in step.replies] for step in rec.steps if isinstance(step, PortSweep)]


def test_the_parts_are_all_ports() -> None:
    assert tuple(sorted((*FIRST, *HALVES[0], *HALVES[1]))) == SWEPT


@pytest.mark.parametrize("kind", [FailureKind.TIMEOUT, FailureKind.CUT_SHORT])
async def test_what_was_not_heard_is_asked_again(kind: FailureKind) -> None:
    assert await swept({22: kind, 445: kind}) == CONTROLLED + [[22, 445], [1]] * REPEATS


async def test_a_host_that_drops_all_but_one_port_takes_a_third_of_its_connections() -> None:
    silent: dict[int, FailureKind | None] = dict.fromkeys(SWEPT, FailureKind.TIMEOUT)
    made = sum(map(len, await swept(silent | {22: None})))
    assert made <= CONNECTIONS // 3


async def test_a_host_whose_first_ports_are_all_silent_is_asked_the_rest_at_once_and_then_the_control() -> None:
    silent: dict[int, FailureKind | None] = dict.fromkeys(SWEPT, FailureKind.TIMEOUT)
    open_port = HALVES[0][0]
    asked = await swept(silent | {open_port: None})
    assert asked[: len(ONCE) + 1] == [*ONCE, [open_port]]
    assert asked[-1] == [open_port]


async def test_refusals_are_believed_at_once() -> None:
    assert await swept({}) == CONTROLLED


async def test_an_open_port_is_the_control_before_one_that_refuses() -> None:
    assert [443] in await swept({443: None})


async def test_a_server_that_should_greet_and_did_not_has_longer_to_do_so_at_the_end() -> None:
    patience: list[float] = []
    assert (await swept({3306: None, 443: None}, patience=patience))[-1] == [3306]
    assert patience[-1] == PATIENT
    assert set(patience[:-1]) == {LISTEN}


@pytest.mark.parametrize("outcomes", [{443: None}, {UNUSED[0]: None, 3306: None}, {}])
async def test_no_other_port_is_listened_to_for_long(outcomes: dict[int, FailureKind | None]) -> None:
    patience: list[float] = []
    await swept(outcomes, patience=patience)
    assert set(patience) == {LISTEN}


async def test_a_dead_host_is_asked_each_port_once_and_costs_two_waits() -> None:
    waits: list[tuple[int, ...]] = []
    assert await swept(dict.fromkeys(SWEPT, FailureKind.TIMEOUT), waits) == ONCE
    assert waits == [FIRST, (*HALVES[0], *HALVES[1])]


async def test_a_machine_of_ours_that_stood_still_makes_no_dead_host() -> None:
    outcomes: dict[int, FailureKind | None] = dict.fromkeys(SWEPT, FailureKind.TIMEOUT)
    assert len(await swept(outcomes | {22: FailureKind.CUT_SHORT})) == len(ONCE) + REPEATS


def sweep(address: str, *accepted: int) -> PortSweep:
    return PortSweep(
        address=ip_address(address),
        replies=tuple(
            PortReply(port=port, failure=None if port in accepted else FailureKind.REFUSED) for port in SWEPT
        ),
    )


@pytest.mark.parametrize(
    ("four", "six", "expected"),
    [((443,), (443,), False), ((443,), (443, 23), True), ((443, 23), (443,), False), ((), (1,), False)],
)
def test_is_a_hole_port_that_only_ipv6_accepts_on_is(
    four: tuple[int, ...], six: tuple[int, ...], expected: bool
) -> None:
    assert is_a_hole([sweep("192.0.2.1", *four), sweep("2001:db8::1", *six)]) is expected


def test_is_a_hole_one_family_alone_is_not() -> None:
    assert not is_a_hole([sweep("2001:db8::1", 23)])
