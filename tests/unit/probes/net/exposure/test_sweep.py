"""Sweeps of TCP ports: how long one stands back for the other questions to the same address."""

import asyncio
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core.loop_lag import LoopLag
from probes.net.core.tcp import Connector, Dials
from probes.net.exposure.sweep import HEAD_START, Sweeper
from tests.unit.probes.framework.virtual import run

ADDRESS, PORTS = ip_address("2001:db8::1"), (22, 23, 80)


class _Refused(Dials):
    """Every port is closed."""

    def begin(self, address: IPAddress, port: int) -> None:
        self._note(port, Failure(kind=FailureKind.REFUSED))


class _Refuses(Connector):
    def __init__(self) -> None:
        super().__init__(1.0)

    def dials(self) -> Dials:
        return _Refused(self)


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
        replies = await Sweeper(_Refuses(), pace, LoopLag()).sweep(ADDRESS, PORTS, None)
        assert [reply.failure for reply in replies] == [FailureKind.REFUSED] * len(PORTS)
        assert pace.asked == [len(PORTS)]
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(stands_back)


def test_sweep_of_one_port_never_stands_back() -> None:
    async def main() -> float:
        await Sweeper(_Refuses(), _Pace(9.0), LoopLag()).sweep(ADDRESS, (22,), None)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(0.0)


def test_first_part_stands_back_whatever_the_pace_has_room_for() -> None:
    async def main() -> float:
        await Sweeper(_Refuses(), _Pace(0.0), LoopLag()).sweep(ADDRESS, PORTS, None, first=True)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(HEAD_START)
