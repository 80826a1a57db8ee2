"""Tests that silence while a table of this machine's kernel is full is our own failure, and no other silence is."""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

import pytest

from probes.framework.evidence import Failure, FailureKind, O
from probes.net.core.neighbour_table import NeighbourTable
from probes.net.core.own_limits import PAUSE, OwnLimits
from probes.net.core.tracked_connections import TrackedConnections
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.vantage import CONNECTIONS, NEIGHBOURS, LimitHit
from tests.unit.probes.framework.virtual import run

ADDRESS = ip_address("2001:db8::1")
TIMEOUT = Failure(kind=FailureKind.TIMEOUT)
SILENT = TcpConnect(address=ADDRESS, port=443, failure=TIMEOUT)
OPEN = TcpConnect(address=ADDRESS, port=443)
REFUSED = replace(SILENT, failure=Failure(kind=FailureKind.REFUSED))
LOSING = EchoSeries(address=ADDRESS, interval=1.0, payload_size=56, rtts=(0.01, None))


class Kernel:
    """Simulates a kernel's counters: neighbours refused for lack of room, by family, and tracked connections."""

    def __init__(self) -> None:
        self.refused: dict[int, int] = {4: 0, 6: 900}
        self.tracked: TrackedConnections | None = None
        self.asked = 0

    def neighbours(self, family: int) -> NeighbourTable | None:
        self.asked += 1
        return NeighbourTable(1_024, self.refused[family]) if family in self.refused else None

    def limits(self) -> OwnLimits:
        return OwnLimits(self.neighbours, lambda: self.tracked)


async def after(change: Callable[[Kernel], None], step: O, *, family: int = 6, begun: float = 0.0) -> O:
    """Return a step that started ``begun`` seconds after the change and ended 4 seconds after that."""
    kernel = Kernel()
    limits = kernel.limits()
    limits.start()
    await asyncio.sleep(5.0)
    since = asyncio.get_running_loop().time() + begun
    change(kernel)
    limits.hit(0.0, 6)  # somebody looks
    await asyncio.sleep(max(begun, 0.0) + 4.0)
    return limits.believed(step, since, family)


def overflow(kernel: Kernel) -> None:
    kernel.refused[6] += 1


def track_all(kernel: Kernel) -> None:
    kernel.tracked = TrackedConnections(1_000, 995)


def test_silence_while_the_table_was_full_is_a_failure_of_ours_that_may_pass() -> None:
    step = run(after(overflow, SILENT))
    assert step.failure == Failure(
        kind=FailureKind.CUT_SHORT, detail="this machine dropped packets: net.ipv6.neigh.default.gc_thresh3 is 1024"
    )
    assert step.failure.is_momentary


def test_silence_over_the_other_family_or_of_later_is_believed() -> None:
    assert run(after(overflow, SILENT, family=4)) is SILENT
    assert run(after(overflow, SILENT, begun=1.0)) is SILENT
    assert run(after(lambda kernel: None, SILENT)) is SILENT


@pytest.mark.parametrize(
    ("kind", "number", "change"),
    [(FailureKind.FILTERED_HERE, errno.EPERM, track_all), (FailureKind.NO_ROUTE_HERE, errno.EINVAL, overflow)],
)
def test_a_datagram_that_the_kernel_did_not_take_may_leave_later(
    kind: FailureKind, number: int, change: Callable[[Kernel], None]
) -> None:
    refused = replace(SILENT, failure=Failure(kind=kind, errno=number))
    assert run(after(lambda kernel: None, refused)) is refused
    step = run(after(change, refused))
    assert step.failure is not None
    assert step.failure.is_momentary


@pytest.mark.parametrize("step", [OPEN, REFUSED], ids=["open", "refused"])
def test_what_came_back_is_believed(step: TcpConnect) -> None:
    assert run(after(overflow, step)) is step


@pytest.mark.parametrize("family", [4, 6])
def test_a_filter_that_tracks_all_it_may_drops_packets_of_both_families(family: int) -> None:
    step = run(after(track_all, SILENT, family=family))
    assert step.failure is not None
    assert step.failure.kind is FailureKind.CUT_SHORT
    assert CONNECTIONS in step.failure.detail


def test_loss_of_a_series_is_blamed_on_the_table() -> None:
    async def main() -> EchoSeries:
        kernel = Kernel()
        limits = kernel.limits()
        limits.start()
        await asyncio.sleep(1.0)
        overflow(kernel)
        return limits.blamed(LOSING, 0.0, 6)

    step = run(main())
    assert step.failure is not None
    assert (step.failure.kind, step.received) == (FailureKind.CUT_SHORT, 1)


def test_many_silences_of_one_moment_ask_once() -> None:
    async def main() -> tuple[int, int]:
        kernel = Kernel()
        limits = kernel.limits()
        limits.start()
        await asyncio.sleep(4.0)
        asked = kernel.asked
        for _ in range(1_000):
            limits.believed(SILENT, 0.0, 6)
        at_once = kernel.asked - asked
        await asyncio.sleep(2 * PAUSE)
        limits.believed(SILENT, 0.0, 6)
        return at_once, kernel.asked - asked

    assert run(main()) == (2, 4)


def test_each_limit_is_told_once_until_it_is_met_again() -> None:
    async def main() -> list[tuple[LimitHit, ...]]:
        kernel = Kernel()
        limits = kernel.limits()
        limits.start()
        told = [limits.untold()]
        for _ in range(3):
            overflow(kernel)
            await asyncio.sleep(1.0)
            limits.believed(SILENT, 0.0, 6)
        told += [limits.untold(), limits.untold()]
        return told

    assert run(main()) == [(), (LimitHit(setting=NEIGHBOURS[6], room=1_024, family=6),), ()]


def test_a_kernel_that_tells_nothing_is_not_blamed() -> None:
    assert run(after(lambda kernel: kernel.refused.clear(), SILENT)) is SILENT
