"""Which packets the echo engine takes for an answer. The socket is a stand-in; integration tests have real ones."""

import asyncio
import errno
import struct
import time
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.bulk import BATCH, Received
from probes.net.icmp import Echo, Series

THERE = {4: "192.0.2.1", 6: "2001:db8::1"}
OTHER = {4: "192.0.2.2", 6: "2001:db8::2"}


class Socket:
    """Stands in for the kernel: keeps what is sent, hands out what the test puts into ``inbox``."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.inbox: list[Received] = []
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


class Bench:
    def __init__(self, version: int) -> None:
        self.version = version
        self.sock = Socket()
        self.echo = Echo(version, wait=5.0)
        self.echo._bulk = self.sock  # type: ignore[assignment]  # the stand-in
        self.echo._raw = True
        self.series = Series(ip_address(THERE[version]))

    async def send(self) -> bytes:
        await self.echo.send(self.series, 56)
        await asyncio.sleep(0)
        return self.sock.sent[-1]

    def reply(self, request: bytes) -> bytes:
        body = (b"\x81\0" if self.version == 6 else b"\0\0") + b"\0\0" + request[4:]
        return body if self.version == 6 else ipv4(body, THERE[4])

    def error(self, request: bytes, about: str) -> bytes:
        if self.version == 6:
            head = struct.pack("!IHBB", 6 << 28, len(request), 58, 60) + bytes(16) + ip_address(about).packed
            return b"\1\4\0\0\0\0\0\0" + head + request
        return ipv4(b"\3\1\0\0\0\0\0\0" + ipv4(request, about)[:28], "192.0.2.254")  # 8 bytes of what was sent

    def receive(self, data: bytes, host: str) -> None:
        self.sock.inbox.append((data, ip_address(host.partition("%")[0]).packed, None, None))
        self.echo._readable()


def ipv4(payload: bytes, to: str) -> bytes:
    return (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 61, 1, 0)
        + bytes(4)
        + ip_address(to).packed
        + payload
    )


@pytest.fixture(params=[4, 6])
async def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


async def test_a_reply(bench: Bench) -> None:
    bench.receive(bench.reply(await bench.send()), THERE[bench.version])
    assert [rtt is not None for rtt in bench.series.rtts] == [True]
    assert bench.series.outstanding == 0
    assert bench.series.hop_limits == ((61,) if bench.version == 4 else ())
    await bench.series.settled()


async def test_replies_to_each_request_find_their_place(bench: Bench) -> None:
    requests = [await bench.send() for _ in range(3)]
    for index in (2, 0):
        bench.receive(bench.reply(requests[index]), THERE[bench.version])
    assert [rtt is not None for rtt in bench.series.rtts] == [True, False, True]
    bench.receive(bench.reply(requests[0]), THERE[bench.version])  # a duplicate
    assert (bench.series.outstanding, len(bench.series.hop_limits) in (0, 2)) == (1, True)


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
    bench.receive(bench.error(request, OTHER[bench.version]), "192.0.2.254" if bench.version == 4 else "fe80::1%eth0")
    assert (bench.series.error, bench.series.outstanding) == (None, 1)
    bench.receive(bench.error(request, THERE[bench.version]), "192.0.2.254" if bench.version == 4 else "fe80::1%eth0")
    expected = "3/1 from 192.0.2.254" if bench.version == 4 else "1/4 from fe80::1"
    assert (bench.series.error, bench.series.outstanding) == (expected, 0)


async def test_an_error_about_somebody_elses_request(bench: Bench) -> None:
    request = await bench.send()
    other = request[:4] + bytes([request[4] ^ 1]) + request[5:8] + bytes(56)
    bench.receive(bench.error(other, THERE[bench.version]), THERE[bench.version])
    assert (bench.series.error, bench.series.outstanding) == (None, 1)


async def test_sequence_numbers_begin_again() -> None:
    bench = Bench(4)
    bench.echo._count = 0xFFFE
    requests = [await bench.send() for _ in range(3)]
    bench.receive(bench.error(requests[0], THERE[4]), THERE[4])
    assert bench.series.outstanding == 2
    bench.receive(bench.error(requests[2], THERE[4]), THERE[4])
    assert bench.series.outstanding == 1


async def test_what_cannot_be_sent_ends_its_series_alone(bench: Bench) -> None:
    other = Series(ip_address(OTHER[bench.version]))
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
    bench.echo._deadlines._seconds = 0.05
    bench.sock = Grudging(bench, {address.packed for address in addresses[::3]})
    bench.echo._bulk = bench.sock  # type: ignore[assignment]  # the stand-in
    found = [Series(address) for address in addresses]
    for series in found:
        bench.echo.put(series, size)
    bench.echo.flush()
    for series in found:
        await series.settled()
    assert [series.address for series in found] == addresses
    assert [series.rtts[0] is None for series in found] == [not number % 3 for number in range(count)]
    assert [series.hop_limits for series in found] == [(61,) if number % 3 else () for number in range(count)]
    assert len(bench.sock.sent) == len(set(bench.sock.sent)) == count
    assert (bench.echo._pending, bench.echo._batches) == ({}, {})


async def test_sizes_may_differ_in_a_batch(bench: Bench) -> None:
    other = Series(ip_address(OTHER[bench.version]))
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


async def test_a_busy_kernel_is_waited_for(bench: Bench) -> None:
    bench.sock.refuses = [errno.ENOBUFS, errno.EINVAL]
    await bench.echo.send(bench.series, 56)
    await asyncio.sleep(0.05)
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
        bench.echo._sent([(Series(ip_address(THERE[bench.version])), 56)] * 20, 100.0, 100.0 + took)
        times = [sent for _, _, sent in bench.echo._pending.values()]
        assert times == sorted(times)
        assert times[0] == 100.0
        assert times[-1] == pytest.approx(last, abs=1e-9)


@pytest.mark.real_clock
async def test_the_kernel_says_when_a_reply_arrived(bench: Bench) -> None:
    reply = bench.reply(await bench.send())
    arrived = time.time()
    await asyncio.sleep(0.05)  # we were busy elsewhere
    bench.sock.inbox.append((reply, ip_address(THERE[bench.version]).packed, 61, arrived))
    bench.echo._readable()
    (rtt,) = bench.series.rtts
    assert rtt is not None
    assert 0 <= rtt < 0.04


async def test_the_mtu_that_a_router_names(bench: Bench) -> None:
    request = await bench.send()
    error = bytearray(bench.error(request, THERE[bench.version]))
    start, head = (0, struct.pack("!BBHI", 2, 0, 0, 1400)) if bench.version == 6 else (
        20, struct.pack("!BBHHH", 3, 4, 0, 0, 1400))  # fmt: skip
    error[start : start + 8] = head
    bench.receive(bytes(error), "192.0.2.254" if bench.version == 4 else "fe80::1")
    assert bench.series.mtu == 1400
