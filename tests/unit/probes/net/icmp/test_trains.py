"""Series that leave at one beat: each gets its requests, a beat at a time, and one that fails ends alone."""

import asyncio
import errno
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address

import pytest

from probes.net.core import faults
from probes.net.icmp.echo import RunningEchoes
from probes.net.icmp.trains import Trains
from tests.unit.probes.net.icmp.test_echo import Bench, Socket

BEAT = 0.001


class Counting(Socket):
    """Records how many requests were sent with each call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def send(self, names: Sequence[bytes], packets: Sequence[bytes]) -> tuple[int, int]:
        self.calls.append(len(packets))
        return super().send(names, packets)


def series(number: int) -> RunningEchoes:
    return RunningEchoes(ip_address(f"2001:db8::{number}"))


@pytest.mark.real_clock
async def test_each_gets_its_requests_and_they_leave_together() -> None:
    bench = Bench(6)
    trains, some = Trains(bench.echo, BEAT), [series(number) for number in (1, 2, 3)]
    sock = Counting()
    bench.echo._bulk = sock  # type: ignore[assignment]  # the stand-in
    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(some, 1):
            group.create_task(trains.run(one, 2 * number, 56))
    assert [len(series.rtts) for series in some] == [2, 4, 6]
    assert len(sock.sent) == 12
    assert max(sock.calls) >= 2
    assert trains._timer is None


@pytest.mark.real_clock
async def test_what_cannot_be_sent_ends_its_series_alone() -> None:
    bench = Bench(6)
    bench.sock.refuses = [errno.EHOSTUNREACH]
    trains, bad, good = Trains(bench.echo, BEAT), series(1), series(2)
    with pytest.raises(faults.Fault):
        await trains.run(bad, 5, 56)
    await trains.run(good, 5, 56)
    assert (len(bad.rtts), len(good.rtts)) == (0, 5)


@pytest.mark.real_clock
async def test_one_that_is_cancelled_takes_part_no_more() -> None:
    bench = Bench(6)
    trains, one, other = Trains(bench.echo, BEAT), series(1), series(2)
    async with asyncio.TaskGroup() as group:
        ended = group.create_task(trains.run(one, 1_000_000, 56))
        await asyncio.sleep(0)
        ended.cancel()
        with suppress(asyncio.CancelledError):
            await ended
        before = len(one.rtts)
        await trains.run(other, 3, 56)
    assert (len(one.rtts), len(other.rtts)) == (before, 3)
    trains.close()
