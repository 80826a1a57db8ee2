"""Sweeps of TCP ports: how long one stands back for the other questions to the same address."""

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core.loop_lag import LoopLag
from probes.net.core.metered import MeteredSocket
from probes.net.core.neighbour_table import NeighbourTable
from probes.net.core.own_limits import OwnLimits
from probes.net.core.tcp import Connector, Dials
from probes.net.exposure import sweep
from probes.net.exposure.sweep import HEAD_START, SOCKETS, Sweeper
from tests.unit.probes.framework.virtual import run

ADDRESS, PORTS = ip_address("2001:db8::1"), (22, 23, 80)


class _Ended(Dials):
    """Ends each connection at once with the same failure."""

    def __init__(self, connector: Connector, kind: FailureKind) -> None:
        super().__init__(connector)
        self._kind = kind

    def begin(self, address: IPAddress, port: int) -> None:
        self._note(port, Failure(kind=self._kind))


class _Ends(Connector):
    def __init__(self, kind: FailureKind = FailureKind.REFUSED) -> None:
        super().__init__(1.0)
        self._kind = kind

    def dials(self) -> Dials:
        return _Ended(self, self._kind)


class _Late(_Ended):
    """Ends each connection after one second."""

    def settled(self) -> list[tuple[int, MeteredSocket | Failure]]:
        return super().settled() if self._is_over else []

    _is_over = False

    async def wait(self) -> None:
        await asyncio.sleep(1)
        self._is_over = True


class _Slow(_Ends):
    def dials(self) -> Dials:
        return _Late(self, FailureKind.REFUSED)


class _Pace:
    """Lets all connects through at once, and tells a delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.asked: list[int] = []

    async def admit(self, address: IPAddress, packets: int = 1) -> None: ...

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        self.asked.append(packets)
        return self._delay


@pytest.mark.parametrize(("delay", "stands_back"), [(0.0, 0.0), (0.25, 0.25), (9.0, HEAD_START)])
def test_sweep_stands_back_as_long_as_it_would_hold_up_the_others(delay: float, stands_back: float) -> None:
    async def main() -> float:
        pace = _Pace(delay)
        replies = await Sweeper(_Ends(), pace, LoopLag(), OwnLimits()).sweep(ADDRESS, PORTS, None)
        assert [reply.failure for reply in replies] == [FailureKind.REFUSED] * len(PORTS)
        assert pace.asked == [len(PORTS)]
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(stands_back)


def test_sweep_of_one_port_never_stands_back() -> None:
    async def main() -> float:
        await Sweeper(_Ends(), _Pace(9.0), LoopLag(), OwnLimits()).sweep(ADDRESS, (22,), None)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(0.0)


def test_first_part_stands_back_whatever_the_pace_has_room_for() -> None:
    async def main() -> float:
        await Sweeper(_Ends(), _Pace(0.0), LoopLag(), OwnLimits()).sweep(ADDRESS, PORTS, None, first=True)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(HEAD_START)


@pytest.mark.parametrize(("files", "at_once"), [(65_536, SOCKETS), (3_000, 1_000)])
def test_sweeps_hold_no_more_sockets_than_they_may(monkeypatch: pytest.MonkeyPatch, files: int, at_once: int) -> None:
    """The sweeps hold 500 ports for a second each; as many run at once as there are sockets for."""
    monkeypatch.setattr(sweep, "most_files", lambda: files)

    async def main() -> float:
        sweeper = Sweeper(_Slow(), _Pace(0.0), LoopLag(), OwnLimits())
        async with asyncio.TaskGroup() as group:
            for _ in range(24):
                group.create_task(sweeper.sweep(ADDRESS, tuple(range(1, 501)), None))
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(24 * 500 / at_once)


def test_silence_of_ports_is_our_own_failure_while_the_table_of_neighbours_is_full() -> None:
    async def main(refused: Iterator[int]) -> list[FailureKind | None]:
        limits = OwnLimits(lambda family: NeighbourTable(1_024, next(refused) if family == 6 else 0), lambda: None)
        limits.start()
        await asyncio.sleep(1.0)
        sweeper = Sweeper(_Ends(FailureKind.TIMEOUT), _Pace(0.0), LoopLag(), limits)
        return [reply.failure for reply in await sweeper.sweep(ADDRESS, PORTS, None)]

    assert run(main(iter((7, 7)))) == [FailureKind.TIMEOUT] * len(PORTS)
    assert run(main(iter((7, 9)))) == [FailureKind.CUT_SHORT] * len(PORTS)


@pytest.mark.parametrize(("listen", "heard"), [(0.05, b""), (2.0, b"5.5.5-MariaDB")])
async def test_a_server_that_greets_late_is_heard_with_patience(listen: float, heard: bytes) -> None:
    near, far = socket.socketpair(socket.AF_UNIX)
    with near, far:
        near.setblocking(False)
        asyncio.get_running_loop().call_later(0.3, far.send, b"5.5.5-MariaDB")
        reply = await sweep._converse(near, 3306, b"", listen)
        assert (reply.failure, reply.greeting, reply.ended) == (None, heard, False)
        await asyncio.sleep(0.3)
