"""Which packets the echo engine takes for an answer. The socket is a stand-in; integration tests have real ones."""

import struct
from ipaddress import ip_address

import pytest

from probes.net.icmp import Echo, Series

THERE = {4: "192.0.2.1", 6: "2001:db8::1"}
OTHER = {4: "192.0.2.2", 6: "2001:db8::2"}


class Socket:
    """Keeps what is sent, hands out what the test puts into ``inbox``."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.inbox: list[tuple[bytes, str]] = []

    def sendto(self, packet: bytes, target: object) -> None:
        self.sent.append(packet)

    def recvmsg(self, size: int, ancillary: int) -> tuple[bytes, list[object], int, tuple[str, int]]:
        if not self.inbox:
            raise BlockingIOError
        data, host = self.inbox.pop(0)
        return data, [], 0, (host, 0)


class Bench:
    def __init__(self, version: int) -> None:
        self.version = version
        self.sock = Socket()
        self.echo = Echo(version, wait=5.0)
        self.echo._sock = self.sock  # type: ignore[assignment]  # the stand-in
        self.echo._raw = True
        self.series = Series.toward(ip_address(THERE[version]))

    async def send(self) -> bytes:
        await self.echo.send(self.series, 56)
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
        self.sock.inbox.append((data, host))
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
    assert bench.series.hop_limits == ([61] if bench.version == 4 else [])
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
    assert bench.series.rtts == [None]
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
