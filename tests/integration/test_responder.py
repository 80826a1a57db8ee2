"""Tests the responder at control endpoints on real sockets: it answers our probes, in bounds, over IPv4 and IPv6."""

import asyncio
import errno
import json
import socket
import subprocess
from contextlib import AsyncExitStack
from ipaddress import ip_address

import pytest
from scapy.contrib.stamp import STAMPSessionReflectorTestUnauthenticated, STAMPSessionSenderTestUnauthenticated
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape
from probes.net.exposure.sweep import sweep_ports
from probes.net.kernel import KernelNet
from probes.net.respond.responder import GREETING, LARGEST_ECHO, OBJECTS, Responder, ResponderOffer
from probes.net.stamp_sender import send_stamp
from probes.observations.transport import StampSeries
from probes.wire.dns.messages import parse
from probes.wire.path import stamp
from tests.integration.test_exposure import SETUP, inside
from tests.integration.test_net import HERE4, HERE6
from tests.support import private_net

pytestmark = pytest.mark.needs_root

BOTH = (ip_address(HERE4), ip_address(HERE6))
HOPS = 33
HOP_LIMIT = {
    socket.AF_INET: (socket.IPPROTO_IP, socket.IP_TTL),
    socket.AF_INET6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
}
ANY = (ip_address("0.0.0.0"), ip_address("::"))


def test_every_port_answers_a_sweep_over_both_families() -> None:
    async def main(net: KernelNet, rec: Recorder) -> None:
        async with Responder(ANY, ResponderOffer(tcp=(22, 23, 445))) as listening:
            assert (len(listening.opened), listening.refused) == (12, [])
            for address in BOTH:
                sweep = await sweep_ports(net, rec, address, (22, 23, 445))
                assert {one.greeting or one.reply for one in sweep.replies} == {GREETING}

    inside(main)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_what_is_sent_over_tcp_comes_back_up_to_a_bound(here: str) -> None:
    async def main() -> None:
        async with Responder(BOTH, ResponderOffer(tcp=(), stamp=None)):
            reader, writer = await asyncio.open_connection(here, 7)
            writer.write(bytes(range(256)) * 48)
            assert await asyncio.wait_for(reader.readexactly(256 * 48), 300) == bytes(range(256)) * 48
            writer.write(bytes(100_000))
            assert len(await asyncio.wait_for(reader.read(), 300)) <= LARGEST_ECHO
            writer.close()
            await asyncio.sleep(0.05)

    private_net.run(SETUP, main)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_datagrams_come_back_no_longer_than_they_were(here: str) -> None:
    async def main() -> None:
        async with Responder(BOTH, ResponderOffer(tcp=())):
            loop = asyncio.get_running_loop()
            family = socket.AF_INET if here == HERE4 else socket.AF_INET6
            with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.setsockopt(*(HOP_LIMIT[family]), HOPS)
                await loop.sock_sendto(sock, b"anybody there?", (here, 7))
                assert await asyncio.wait_for(loop.sock_recv(sock, 2_000), 300) == b"anybody there?"
                question = stamp.test_packet(1, 1_774_000_000.0)
                await loop.sock_sendto(sock, question, (here, stamp.PORT))
                answer = await asyncio.wait_for(loop.sock_recv(sock, 2_000), 300)
                assert len(answer) == len(question)
                assert answer[:4] == question[:4]
                assert answer[24:38] == question[:14]
                assert answer[40] == HOPS

    private_net.run(SETUP, main)


def counted() -> int:
    """Return the number of packets between two responders so far."""
    shown = subprocess.run(["nft", "-j", "list", "counters"], check=True, capture_output=True).stdout
    return sum(one["counter"]["packets"] for one in json.loads(shown)["nftables"] if "counter" in one)


@pytest.mark.parametrize("ports", [(7007, 7008), (7007, 7007)], ids=["other port", "same port"])
@pytest.mark.parametrize("offered", ["echo", "stamp"])
@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_two_responders_do_not_answer_each_other_for_ever(here: str, offered: str, ports: tuple[int, int]) -> None:
    """A packet with the source address and port of one responder is sent to the other."""
    packet = stamp.test_packet(1, 1_774_000_000.0)
    base = IPv6(src=here, dst=here, hlim=255) if ":" in here else IP(src=here, dst=here, ttl=255)
    forged = bytes(base / UDP(sport=ports[1], dport=ports[0]) / packet)
    family = socket.AF_INET6 if ":" in here else socket.AF_INET
    rule = "nft add table inet t\nnft add counter inet t c\n"
    rule += "nft add chain inet t i '{ type filter hook input priority 0; }'\n"
    rule += "nft add rule inet t i udp dport { 7007, 7008 } counter name c\n"

    async def main() -> None:
        async with AsyncExitStack() as stack:
            for port in dict.fromkeys(ports):
                both: dict[str, int | None] = {"echo": None, "stamp": None, offered: port}
                await stack.enter_async_context(Responder(BOTH, ResponderOffer(tcp=(), **both)))
            with socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
                raw.sendto(forged, (here, 0))
            before = now = 0
            while now <= 255 and (now == 0 or now != before):  # until no more packets come, or too many
                before = now
                await asyncio.sleep(0.5)
                now = counted()
            assert 1 <= now <= 255

    private_net.run(SETUP + rule, main)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_our_own_test_packets_come_back_from_it(here: str) -> None:
    """All packets come back, or half if a filter drops every second; a closed port is reported as such."""
    lossy = "nft add table inet t\nnft add chain inet t i '{ type filter hook input priority 0; }'\n"
    lossy += "nft add rule inet t i udp dport 8620 numgen inc mod 2 == 1 drop\n"

    async def main(net: KernelNet, rec: Recorder) -> None:
        shape = EchoShape(count=20, interval=0.005, size=0)

        async def series(port: int) -> StampSeries:
            found = await send_stamp(net, rec, Endpoint(address=ip_address(here), port=port), shape)
            assert isinstance(found, StampSeries)
            return found

        async with (
            Responder(BOTH, ResponderOffer(tcp=(), echo=None)),
            Responder(BOTH, ResponderOffer(tcp=(), echo=None, stamp=8620)),
        ):
            whole, half, nobody = [await series(port) for port in (stamp.PORT, 8620, 8621)]
        assert (whole.sent, whole.received, whole.failure) == (20, 20, None)
        assert all(rtt is not None and 0 <= rtt < 1 for rtt in whole.rtts)
        assert [rtt is None for rtt in half.rtts] == [False, True] * 10
        assert nobody.failure is not None
        assert (nobody.failure.kind, nobody.received) == (FailureKind.REFUSED, 0)

    inside(main, lossy)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_scapys_test_packets_come_back_from_it(here: str) -> None:
    """Scapy, an independent sender, reads the expected fields in the answers."""

    async def main() -> None:
        async with Responder(BOTH, ResponderOffer(tcp=(), echo=None)):
            loop = asyncio.get_running_loop()
            family = socket.AF_INET if here == HERE4 else socket.AF_INET6
            with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.connect((here, stamp.PORT))
                for number in (0, 1, 0xFFFFFFFF):
                    sent = STAMPSessionSenderTestUnauthenticated(seq=number, ts=stamp.EPOCH + 1_774_000_000)
                    await loop.sock_sendall(sock, bytes(sent))
                    data = await asyncio.wait_for(loop.sock_recv(sock, 2_000), 300)
                    back = STAMPSessionReflectorTestUnauthenticated(data)
                    assert (back.seq_sender, back.ts_sender) == (number, sent.ts)
                    assert back.ts_rx <= back.ts
                    assert len(data) == len(bytes(sent))

    private_net.run(SETUP, main)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_answers_come_from_the_address_that_was_asked(here: str) -> None:
    """The responder is bound to all addresses: a connected socket receives nothing from another address."""

    async def main() -> None:
        async with Responder(ANY, ResponderOffer(tcp=(), stamp=None)):
            loop = asyncio.get_running_loop()
            family = socket.AF_INET if here == HERE4 else socket.AF_INET6
            with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.bind(("127.0.0.1" if here == HERE4 else "::1", 0))
                sock.connect((here, 7))
                await loop.sock_sendall(sock, b"hello")
                assert await asyncio.wait_for(loop.sock_recv(sock, 100), 300) == b"hello"

    private_net.run(SETUP, main)


def test_no_more_objects_at_once_than_the_line_bears() -> None:
    async def main() -> None:
        async with Responder(BOTH, ResponderOffer(tcp=(), echo=None, stamp=None, object_port=8081)):
            held = [await asyncio.open_connection(HERE6, 8081) for _ in range(OBJECTS)]
            for _, writer in held:
                writer.write(b"GET /throughput?bytes=20000000 HTTP/1.1\r\n\r\n")
            heads = [await reader.readuntil(b"\r\n\r\n") for reader, _ in held]
            assert len(heads) == OBJECTS
            reader, writer = await asyncio.open_connection(HERE6, 8081)
            assert await reader.read() == b""
            for one, _ in held:
                assert len(await one.read()) == 20_000_000
            for _, one_writer in (*held, (reader, writer)):
                one_writer.close()
                await one_writer.wait_closed()

    private_net.run(SETUP, main)


def test_the_object_is_as_large_as_asked_for() -> None:
    async def asked(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(HERE6, 8081)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer

    async def main() -> None:
        async with Responder(BOTH, ResponderOffer(tcp=(), echo=None, stamp=None, object_port=8081)):
            whole = await asked(b"GET /throughput?bytes=200000 HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = whole.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert body == bytes(200_000)
            assert (await asked(b"GET /etc/passwd HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
            assert await asked(b"x" * 100_000 + b"\r\n\r\n") == b""

    private_net.run(SETUP, main)


def test_what_cannot_be_opened_is_named() -> None:
    async def main() -> None:
        async with Responder(BOTH[:1], ResponderOffer(tcp=(22,), echo=None, stamp=None)) as first:
            assert first.opened == [f"tcp/22 on {HERE4}"]
            async with Responder(BOTH[:1], ResponderOffer(tcp=(22, 23), echo=None, stamp=None)) as second:
                assert second.opened == [f"tcp/23 on {HERE4}"]
                ((name, why),) = second.refused
                assert (name, why.errno) == (f"tcp/22 on {HERE4}", errno.EADDRINUSE)

    private_net.run(SETUP, main)


def test_dns_port_refuses_over_udp_and_tcp_of_both_families() -> None:
    async def main(net: KernelNet, rec: Recorder) -> None:
        async with Responder(ANY, ResponderOffer(tcp=(53, 443), dns=53)) as listening:
            assert not listening.refused
            assert sorted(one for one in listening.opened if one.endswith("::")) == [
                "dns/53 on ::",
                "echo/7 on ::",
                "stamp/862 on ::",
                "tcp-dns/53 on ::",
                "tcp-echo/7 on ::",
                "tcp/443 on ::",
            ]
            for address in BOTH:
                for transport in ("udp", "tcp"):
                    question = DnsQuestion(name=".", rtype="NS")
                    step = await net.dns(rec, Endpoint(address=address, port=53), question, transport)
                    assert step.failure is None
                    assert step.response is not None
                    assert parse(step.response).rcode_text == "REFUSED"
            await asyncio.sleep(0.05)

    inside(main)
