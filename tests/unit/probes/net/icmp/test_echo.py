"""Which packets the echo engine takes for an answer. The socket is a stand-in; integration tests have real ones."""

import asyncio
import errno
import struct
from collections.abc import Sequence
from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.icmp import echo
from probes.net.icmp.bulk import BATCH, Received, Refused
from probes.net.icmp.echo import Echo, RunningEchoes
from tests.unit.probes.framework.virtual import run

THERE = {4: "192.0.2.1", 6: "2001:db8::1"}
OTHER = {4: "192.0.2.2", 6: "2001:db8::2"}


class Socket:
    """Simulates the kernel: keeps the sent packets and returns those that the test puts into ``inbox``."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.inbox: list[Received] = []
        self.queue: list[Refused] = []
        self.has_errors = False
        self.refuses: list[int] = []

    def send(self, names: Sequence[bytes], packets: Sequence[bytes]) -> tuple[int, int]:
        assert len(names) == len(packets) <= BATCH
        if self.refuses:
            return 0, self.refuses.pop(0)
        self.sent += packets
        return len(packets), 0

    def receive(self) -> list[Received]:
        waiting, self.inbox = self.inbox, []
        return waiting

    def errors(self) -> list[Refused]:
        waiting, self.queue, self.has_errors = self.queue, [], False
        return waiting


class Bench:
    def __init__(self, version: int) -> None:
        self.version = version
        self.sock = Socket()
        self.echo = Echo(version, wait=5.0)
        self.echo._bulk = self.sock  # type: ignore[assignment]  # the stand-in
        self.series = RunningEchoes(ip_address(THERE[version]))

    async def send(self) -> bytes:
        await self.echo.send(self.series, 56)
        await asyncio.sleep(0)
        return self.sock.sent[-1]

    def reply(self, request: bytes) -> bytes:
        return (b"\x81\0" if self.version == 6 else b"\0\0") + b"\0\0" + request[4:]

    def error(self, request: bytes, about: str, info: int = 0, *, too_big: bool = False) -> None:
        """A router refuses a request: of IPv4 it quotes eight bytes alone."""
        if self.version == 6:
            kind = (2, 0) if too_big else (1, 4)
            quoted, sender = request, struct.pack("=HHI", 10, 0, 0) + ip_address("fe80::1").packed + bytes(4)
        else:
            kind = (3, 4) if too_big else (3, 1)
            quoted, sender = request[:8], struct.pack("=HH", 2, 0) + ip_address("192.0.2.254").packed + bytes(8)
        told = struct.pack("=IBBBxII", 113, 3 if self.version == 6 else 2, *kind, info, 0) + sender
        self.sock.queue.append((told, quoted, ip_address(about).packed))
        self.sock.has_errors = True
        self.echo._readable()

    def receive(self, data: bytes, host: str) -> None:
        self.sock.inbox.append((data, ip_address(host).packed, 61, None))
        self.echo._readable()


@pytest.fixture(params=[4, 6])
async def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


async def test_reply_ends_its_request_with_time_and_hop_limit(bench: Bench) -> None:
    bench.receive(bench.reply(await bench.send()), THERE[bench.version])
    assert [rtt is not None for rtt in bench.series.rtts] == [True]
    assert bench.series.outstanding == 0
    assert bench.series.hop_limits == (61,)
    await bench.series.settled()


async def test_replies_to_each_request_find_their_place(bench: Bench) -> None:
    requests = [await bench.send() for _ in range(3)]
    for index in (2, 0):
        bench.receive(bench.reply(requests[index]), THERE[bench.version])
    assert [rtt is not None for rtt in bench.series.rtts] == [True, False, True]
    bench.receive(bench.reply(requests[0]), THERE[bench.version])  # a duplicate
    assert (bench.series.outstanding, bench.series.hop_limits) == (1, (61, 61))


async def test_what_is_no_reply_to_us(bench: Bench) -> None:
    request = await bench.send()
    reply = bench.reply(request)
    bench.receive(reply, OTHER[bench.version])
    token = request[8:16]
    bench.receive(reply.replace(token, bytes(8)), THERE[bench.version])
    bench.receive(reply[: len(reply) - 48], THERE[bench.version])
    bench.receive(b"", THERE[bench.version])
    assert bench.series.rtts == (None,)
    assert bench.series.outstanding == 1


async def test_an_error_about_our_request(bench: Bench) -> None:
    request = await bench.send()
    bench.error(request, OTHER[bench.version])
    assert (bench.series.error, bench.series.outstanding) == (None, 1)
    bench.error(request, THERE[bench.version])
    expected = "3/1 from 192.0.2.254" if bench.version == 4 else "1/4 from fe80::1"
    assert (bench.series.error, bench.series.outstanding) == (expected, 0)


async def test_an_error_that_quotes_another_token_is_not_ours() -> None:
    bench = Bench(6)
    request = await bench.send()
    bench.error(request[:8] + bytes(56), THERE[6])
    assert (bench.series.error, bench.series.outstanding) == (None, 1)


async def test_sequence_numbers_begin_again() -> None:
    bench = Bench(4)
    bench.echo._count = 0xFFFE
    requests = [await bench.send() for _ in range(3)]
    bench.error(requests[0], THERE[4])
    assert bench.series.outstanding == 2
    bench.error(requests[2], THERE[4])
    assert bench.series.outstanding == 1


async def test_what_cannot_be_sent_ends_its_series_alone(bench: Bench) -> None:
    other = RunningEchoes(ip_address(OTHER[bench.version]))
    bench.sock.refuses = [errno.ENETUNREACH]
    for series in (bench.series, other):
        await bench.echo.send(series, 56)
    with pytest.raises(faults.Fault) as raised:
        await bench.series.settled()
    assert raised.value.failure.kind is FailureKind.NO_ROUTE_HERE
    assert (bench.series.rtts, other.rtts, len(bench.sock.sent)) == ((), (None,), 1)
    with pytest.raises(faults.Fault):
        await bench.echo.send(bench.series, 56)


class Grudging(Socket):
    """A kernel that takes a few packets of each batch and answers each at once; ``silent`` hosts do not."""

    def __init__(self, bench: Bench, silent: set[bytes]) -> None:
        super().__init__()
        self.bench, self.silent = bench, silent

    def send(self, names: Sequence[bytes], packets: Sequence[bytes]) -> tuple[int, int]:
        count, number = super().send(names[:7], packets[:7])
        for name, packet in zip(names[:count], packets[:count], strict=True):
            source = name[8:24] if self.bench.version == 6 else name[4:8]
            if source not in self.silent:
                self.inbox.append((self.bench.reply(packet), source, 61, None))
        return count, number


@pytest.mark.real_clock
@pytest.mark.parametrize("size", [56, 200])
async def test_what_leaves_together_is_asked_once_each_and_it_is_known_who_answered(bench: Bench, size: int) -> None:
    count = 3 * BATCH + 5
    addresses = [ip_address(THERE[bench.version]) + number for number in range(count)]
    bench.echo._deadlines._seconds = 2.0  # a busy machine reads answers late
    bench.sock = Grudging(bench, {address.packed for address in addresses[::3]})
    bench.echo._bulk = bench.sock  # type: ignore[assignment]  # the stand-in
    found = [RunningEchoes(address) for address in addresses]
    for series in found:
        bench.echo.put(series, size)
    bench.echo.flush()
    for series in found:
        await series.settled()
    assert [series.address for series in found] == addresses
    assert [series.rtts[0] is None for series in found] == [not number % 3 for number in range(count)]
    assert [series.hop_limits for series in found] == [(61,) if number % 3 else () for number in range(count)]
    assert len(bench.sock.sent) == len(set(bench.sock.sent)) == count
    assert bench.echo._pending == {}
    for _ in range(1_000):  # a batch is forgotten at its own deadline, a moment after those before it
        if bench.echo._batches:
            await asyncio.sleep(0.01)
    assert bench.echo._batches == {}


async def test_sizes_may_differ_in_a_batch(bench: Bench) -> None:
    other = RunningEchoes(ip_address(OTHER[bench.version]))
    for series, size in ((bench.series, 56), (other, 1232), (bench.series, 12)):
        bench.echo.put(series, size)
    bench.echo.flush()
    assert [len(packet) - 8 for packet in bench.sock.sent] == [56, 1232, 12]
    bench.receive(bench.reply(bench.sock.sent[2]), THERE[bench.version])
    assert [rtt is not None for rtt in bench.series.rtts] == [False, True]


async def test_numbers_begin_again_after_the_last_one() -> None:
    bench = Bench(6)
    bench.echo._count = 0xFFFFFFFF - 1
    for _ in range(3):
        bench.receive(bench.reply(await bench.send()), THERE[6])
    assert None not in bench.series.rtts


async def test_too_large_for_our_own_link_is_ours(bench: Bench) -> None:
    bench.sock.refuses = [errno.EMSGSIZE]
    await bench.echo.send(bench.series, 1452)
    with pytest.raises(faults.Fault) as raised:
        await bench.series.settled()
    assert raised.value.failure.kind is FailureKind.CUT_SHORT


@pytest.mark.parametrize("version", [4, 6])
def test_a_busy_kernel_is_waited_for(version: int) -> None:
    async def main() -> Bench:
        bench = Bench(version)
        bench.sock.refuses = [errno.ENOBUFS, errno.EINVAL]
        await bench.echo.send(bench.series, 56)
        await asyncio.sleep(0.05)
        return bench

    bench = run(main())
    assert (len(bench.sock.sent), bench.series.rtts, bench.series.failure) == (1, (None,), None)


async def test_a_kernel_that_stays_busy_is_given_up() -> None:
    bench = Bench(6)
    bench.echo._wait = 0.03
    bench.sock.refuses = [errno.ENOBUFS] * 1_000
    await bench.echo.send(bench.series, 56)
    with pytest.raises(faults.Fault):
        await bench.series.settled()


async def test_a_call_that_stood_still_makes_nobody_faster(bench: Bench) -> None:
    for took, last in ((0.0002, 100.0 + 0.0002 / 20 * 19), (0.5, 100.0 + 19 * 20e-6)):
        bench.echo._pending.clear()
        bench.echo._sent([(RunningEchoes(ip_address(THERE[bench.version])), 56)] * 20, 100.0, 100.0 + took)
        times = [sent for _, _, sent in bench.echo._pending.values()]
        assert times == sorted(times)
        assert times[0] == 100.0
        assert times[-1] == pytest.approx(last, abs=1e-9)


async def test_the_kernel_says_when_a_reply_arrived(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(echo, "time", SimpleNamespace(perf_counter=lambda: now, time=lambda: 1e6 + now))
    reply = bench.reply(await bench.send())
    now += 5.0  # we were busy elsewhere
    bench.sock.inbox.append((reply, ip_address(THERE[bench.version]).packed, 61, 1e6 + 100.01))
    bench.echo._readable()
    (rtt,) = bench.series.rtts
    assert rtt == pytest.approx(0.01, abs=1e-6)


async def test_the_mtu_that_a_router_names(bench: Bench) -> None:
    request = await bench.send()
    bench.error(request, THERE[bench.version], 1400, too_big=True)
    assert bench.series.mtu == 1400
