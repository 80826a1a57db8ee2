"""Tests the engines of KernelNet on real sockets: each fault as the kernel reports it, and no socket left."""

import asyncio
import errno
import gzip
import ssl
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from inventory.model import Endpoint, IPAddress
from inventory.scope import Scope
from probes.framework.evidence import NO_CONNECT, FailureKind, Observation
from probes.framework.limits import Deadline
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.icmp_errors import ask_closed_port
from probes.mail_transport import fetch_policy
from probes.net.api import DnsQuestion, EchoShape, HttpRequest
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.http.requests import pages
from probes.net.http.visit import visit_https
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.net.snmp.shared import SharedAgent, SharedGets
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.transport import EchoSeries
from probes.tls import shake_hands
from probes.wire.dns.messages import parse
from tests.support import private_net
from tests.support.scripted import Answer, certificates, datagrams, stream

pytestmark = pytest.mark.needs_root

HERE4, HERE6 = "192.0.2.1", "2001:db8::1"
ADDRESSES = f"""
ip addr add {HERE4}/32 dev lo
ip addr add 192.0.2.2/32 dev lo
ip addr add {HERE6}/128 dev lo nodad
ip addr add 2001:db8::2/128 dev lo nodad
"""
FAST = replace(
    QUICK,
    dns_udp=1.0,
    dns_connect=1.5,
    dns_answer=1.5,
    tcp_connect=1.5,
    tls=2.0,
    http=2.0,
    echo_count=3,
    echo_interval=0.01,
    echo_wait=1.0,
)
PATIENT = replace(FAST, dns_udp=20.0, http=20.0, echo_wait=20.0)
"""Timeouts for tests that need an answer, however busy the machine is."""
EVERYTHING = Scope(allow=(ip_network("0.0.0.0/0"), ip_network("::/0"), ip_network("fe80::/10")))


class Unlimited:
    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Admit packets without waiting."""

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0


def setting(timing: object = FAST, scope: Scope = EVERYTHING, hints: str = ". NS a\na A 192.0.2.1") -> Setting:
    return Setting(
        scope=scope,
        limits=Unlimited(),
        timing=timing,  # type: ignore[arg-type]  # a Profile
        names=Source(hints=parse_hints(hints)),
        contact="https://example.vn/scan",
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class Bench:
    """Holds the net and the recorder of a test inside the namespace."""

    net: KernelNet
    rec: Recorder


def inside(main: Callable[[Bench], Awaitable[None]], setup: str = "", how: Callable[[], Setting] = setting) -> None:
    async def opened() -> None:
        async with KernelNet(how()) as net:
            await main(Bench(net, Recorder(time.monotonic)))

    private_net.run(ADDRESSES + setup, opened)


def at(address: str, port: int | None = None, name: str | None = None) -> Endpoint:
    return Endpoint(address=ip_address(address), port=port, name=name)


def kind(step: Observation) -> FailureKind | None:
    return None if step.failure is None else step.failure.kind


def rules(*lines: str) -> str:
    body = "\n".join(lines)
    return "nft -f - <<'END'\ntable inet t {\nchain in { type filter hook input priority 0;\n" + body + "\n}\n}\nEND\n"


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def wait_for_their_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


# --- TCP ------------------------------------------------------------------------------------------------------------


def test_tcp_outcomes() -> None:
    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            async with stream(here, 80, hang):
                connected = await bench.net.tcp(bench.rec, at(here, 80))
            assert connected.failure is None
            assert connected.source == ip_address(here)
            assert kind(await bench.net.tcp(bench.rec, at(here, 81))) is FailureKind.REFUSED
            silent = await bench.net.tcp(bench.rec, at(here, 82))
            assert kind(silent) is FailureKind.TIMEOUT
            assert silent.t - silent.t0 > 1.4
        for nowhere in ("203.0.113.1", "2001:db8:ffff::1"):
            assert kind(await bench.net.tcp(bench.rec, at(nowhere, 80))) is FailureKind.NO_ROUTE_HERE
        for unreachable in ("198.51.100.1", "2001:db8:1::1"):
            assert kind(await bench.net.tcp(bench.rec, at(unreachable, 80))) is FailureKind.NO_ROUTE_HERE
        for forbidden in ("198.51.100.65", "2001:db8:2::1"):
            assert kind(await bench.net.tcp(bench.rec, at(forbidden, 80))) is FailureKind.FILTERED_HERE
        assert kind(await bench.net.tcp(bench.rec, at("fe80::1", 80))) is FailureKind.NO_ROUTE_HERE
        assert len(bench.rec.steps) == 13

    inside(
        main,
        rules("tcp dport 82 drop")
        + "ip route add unreachable 198.51.100.0/26\nip route add unreachable 2001:db8:1::/48\n"
        + "ip route add prohibit 198.51.100.64/26\nip route add prohibit 2001:db8:2::/48\n",
    )


def test_the_time_of_a_handshake_is_that_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time does not depend on when this program looks; there is none if the kernel had to retransmit."""
    # This is like a distant host: its answer is not there yet when the connect begins.
    monkeypatch.setattr(MeteredSocket, "ask_again", lambda *_: errno.EALREADY)

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 80, hang):
            asyncio.get_running_loop().call_later(0.001, time.sleep, 0.3)
            async with asyncio.TaskGroup() as group:
                made = [group.create_task(bench.net.tcp(bench.rec, at(HERE6, 80))) for _ in range(60)]
            steps = [one.result() for one in made]
            assert max(step.t - step.t0 for step in steps) > 0.3
            assert all(step.rtt is not None and 0 < step.rtt < 60 for step in steps)

    inside(main)


def test_a_mapped_address_is_not_reached_over_ipv4() -> None:
    mapped = f"::ffff:{HERE4}"

    async def main(bench: Bench) -> None:
        async with stream(HERE4, 80, hang), stream(HERE4, 53, hang):
            url = HttpRequest(endpoint=at(mapped, 80), url="http://x.vn/")
            question = DnsQuestion(name="x.vn", rtype="A")
            steps: list[Observation] = [
                await bench.net.tcp(bench.rec, at(mapped, 80)),
                await shake_hands(bench.net, bench.rec, at(mapped, 80), protocol="https"),
                await pages(bench.net).http(bench.rec, url),
                await bench.net.echo(bench.rec, ip_address(mapped)),
                await bench.net.dns(bench.rec, at(mapped, 53), question, "udp"),
                await bench.net.dns(bench.rec, at(mapped, 53), question, "tcp"),
            ]
            assert {kind(step) for step in steps} == {FailureKind.NO_ROUTE_HERE}

    inside(main)


def test_a_filter_that_rejects_datagrams_is_told_from_a_missing_host() -> None:
    question = DnsQuestion(name="x.vn", rtype="A")

    async def main(bench: Bench) -> None:
        async def outcome(here: str, port: int) -> FailureKind | None:
            return kind(await bench.net.dns(bench.rec, at(here, port), question, "udp"))

        for here in (HERE4, HERE6):
            assert await outcome(here, 86) is FailureKind.PROHIBITED
            assert await outcome(here, 87) is FailureKind.UNREACHABLE
        for port in (88, 89):
            assert await outcome(HERE4, port) is FailureKind.PROHIBITED

    inside(
        main,
        rules(
            "udp dport 86 reject with icmpx type admin-prohibited",
            "udp dport 87 reject with icmpx type host-unreachable",
            "meta nfproto ipv4 udp dport 88 reject with icmp type net-prohibited",
            "meta nfproto ipv4 udp dport 89 reject with icmp type host-prohibited",
        ),
    )


def test_icmp_errors_that_arrive_are_the_paths() -> None:
    async def main(bench: Bench) -> None:
        async def outcome(here: str, port: int) -> FailureKind | None:
            return kind(await bench.net.tcp(bench.rec, at(here, port)))

        assert await outcome(HERE6, 83) is FailureKind.PROHIBITED
        assert await outcome(HERE4, 83) is FailureKind.UNREACHABLE  # Linux reports code 13 as EHOSTUNREACH
        for here in (HERE4, HERE6):
            assert await outcome(here, 84) is FailureKind.UNREACHABLE
            assert await outcome(here, 85) is FailureKind.REFUSED

    inside(
        main,
        rules(
            "tcp dport 83 reject with icmpx type admin-prohibited",
            "tcp dport 84 reject with icmpx type host-unreachable",
            "tcp dport 85 reject with tcp reset",
        ),
        lambda: setting(replace(FAST, tcp_connect=3.0)),  # on loopback the first error arrives during connect()
    )


def test_datagrams_that_the_kernel_does_not_take_are_no_silence_of_who_was_asked() -> None:
    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            address = ip_address(here)
            gets = SharedGets()
            agent = SharedAgent(gets.of(address), address, 161, b"public", 0.5, _at_once)
            with pytest.raises(faults.Fault) as refused:
                await agent.get(["1.3.6.1.2.1.1.2.0"])
            gets.close()
            asked = await bench.net.dns(bench.rec, at(here, 53), DnsQuestion(name="x.vn", rtype="A"), "udp")
            for failure in (refused.value.failure, asked.failure):
                assert failure is not None
                assert (failure.kind, failure.errno) == (FailureKind.CUT_SHORT, errno.ENOBUFS)
                assert failure.is_momentary

    inside(main, "tc qdisc add dev lo root bfifo limit 1\n")


async def _at_once() -> None:
    """Admit a question at once."""


def test_what_our_own_packet_filter_keeps_in_is_told_as_that() -> None:
    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            address = ip_address(here)
            gets = SharedGets()
            agent = SharedAgent(gets.of(address), address, 161, b"public", 0.5, _at_once)
            with pytest.raises(faults.Fault) as refused:
                await agent.get(["1.3.6.1.2.1.1.2.0"])
            gets.close()
            assert refused.value.failure.kind is FailureKind.FILTERED_HERE
            asked = await bench.net.dns(bench.rec, at(here, 53), DnsQuestion(name="x.vn", rtype="A"), "udp")
            assert kind(asked) is FailureKind.FILTERED_HERE
            echoes = await bench.net.echo(bench.rec, address)
            untold = here == HERE6  # the kernel does not report a dropped echo request over IPv6
            assert (echoes.received, kind(echoes)) == (0, None if untold else FailureKind.FILTERED_HERE)
            assert kind(await ask_closed_port(bench.net, bench.rec, at(here, 47))) is FailureKind.FILTERED_HERE

    inside(main, rules("meta l4proto { udp, icmp, ipv6-icmp } drop").replace("hook input", "hook output"))


def test_a_machine_without_ports_to_send_from_is_busy_and_has_a_route() -> None:
    async def main(bench: Bench) -> None:
        async with stream(HERE4, 80, hang), stream(HERE6, 80, hang):
            for here in (HERE4, HERE6):
                there = ip_address(here)
                first = await bench.net.connector.connect(there, 80)
                with first, pytest.raises(faults.Fault) as refused:
                    await bench.net.connector.connect(there, 80)
                failure = refused.value.failure
                assert (failure.kind, failure.errno) == (FailureKind.CUT_SHORT, errno.EADDRNOTAVAIL)
                assert failure.is_momentary

    inside(main, "sysctl -qw net.ipv4.ip_local_port_range='40000 40000'\n")


def test_scope_is_asked_before_anything_is_sent() -> None:
    async def main(bench: Bench) -> None:
        there = at(HERE4, 53, "x.vn")
        url = HttpRequest(endpoint=there, url="http://x.vn:53/")
        question = DnsQuestion(name="x.vn", rtype="A")
        steps: list[Observation] = [
            await bench.net.tcp(bench.rec, there),
            await shake_hands(bench.net, bench.rec, there, protocol="https"),
            await pages(bench.net).http(bench.rec, url),
            await bench.net.echo(bench.rec, there.address),
            await bench.net.dns(bench.rec, at("127.0.0.1", 53), question, "udp"),
            await bench.net.dns(bench.rec, at(HERE4, 5353), question, "udp"),
        ]
        assert {kind(step) for step in steps} == {FailureKind.OUT_OF_SCOPE}
        assert kind(await bench.net.dns(bench.rec, there, question, "udp")) is FailureKind.REFUSED
        assert list(bench.rec.steps[:6]) == steps

    inside(main, "", lambda: setting(scope=Scope(allow=(), documentation=True)))


# --- DNS ------------------------------------------------------------------------------------------------------------

QUESTION = DnsQuestion(name="www.example.vn", rtype="AAAA")


def answered(query: bytes, *, wrong_id: bool = False, flags: int = 0x8400) -> bytes:
    number = int.from_bytes(query[:2]) ^ (1 if wrong_id else 0)
    return struct.pack("!HHHHHH", number, flags, 1, 0, 0, 0) + query[12:32]


def test_dns_over_udp() -> None:
    async def ask(bench: Bench, port: int, here: str = HERE6) -> DnsExchange:
        return await bench.net.dns(bench.rec, at(here, port), QUESTION, "udp")

    def good(data: bytes, answer: Answer) -> None:
        answer(answered(data))

    def elsewhere(data: bytes, answer: Answer) -> None:
        answer(answered(data), source="2001:db8::2")

    def other_port(data: bytes, answer: Answer) -> None:
        answer(answered(data), source_port=5400)

    def wrong_then_right(data: bytes, answer: Answer) -> None:
        answer(answered(data, wrong_id=True))
        answer(answered(data).replace(b"example", b"exbmple"))
        answer(data)  # the question itself, without the response flag
        answer(b"\x80")
        answer(answered(data), source="2001:db8::2")
        answer(answered(data))

    def refuses_bare(data: bytes, answer: Answer) -> None:
        answer(struct.pack("!HHHHHH", int.from_bytes(data[:2]), 0x8001, 0, 0, 0, 0))

    async def main(bench: Bench) -> None:
        async with datagrams(HERE6, 5301, good), datagrams(HERE6, 5302, elsewhere), datagrams(HERE6, 5303, other_port):
            got = await ask(bench, 5301)
            assert got.response is not None
            assert parse(got.response).aa
            spoofed = await ask(bench, 5302)
            assert (kind(spoofed), spoofed.answered_from) == (FailureKind.TIMEOUT, ip_address("2001:db8::2"))
            assert spoofed.response is None
            assert kind(await ask(bench, 5303)) is FailureKind.TIMEOUT
        async with datagrams(HERE6, 5304, wrong_then_right), datagrams(HERE6, 5305, refuses_bare):
            patient = await ask(bench, 5304)
            assert patient.failure is None
            assert patient.answered_from == ip_address("2001:db8::2")
            bare = await ask(bench, 5305)
            assert bare.response is not None
            assert parse(bare.response).rcode_text == "FORMERR"
        for here in (HERE4, HERE6):
            assert kind(await ask(bench, 5306, here)) is FailureKind.REFUSED
            assert kind(await ask(bench, 5307, here)) is FailureKind.TIMEOUT
        assert kind(await ask(bench, 5308)) is FailureKind.PROHIBITED
        assert kind(await ask(bench, 53, "203.0.113.1")) is FailureKind.NO_ROUTE_HERE
        assert kind(await ask(bench, 53, "2001:db8:ffff::1")) is FailureKind.NO_ROUTE_HERE
        assert kind(await bench.net.dns(bench.rec, at(HERE6), DnsQuestion(name="a..b", rtype="A"), "udp")) is (
            FailureKind.NAME_ERROR
        )

    inside(main, rules("udp dport 5307 drop", "udp dport 5308 reject with icmpv6 type admin-prohibited"))


def test_many_questions_at_once_are_not_mixed_up() -> None:
    def good(data: bytes, answer: Answer) -> None:
        size = data.index(b"\0", 12) + 5
        answer(struct.pack("!HHHHHH", int.from_bytes(data[:2]), 0x8400, 1, 0, 0, 0) + data[12:size])

    async def main(bench: Bench) -> None:
        async def one(number: int) -> None:
            got = await bench.net.dns(bench.rec, at(HERE6, 5301), DnsQuestion(name=f"n{number}.vn", rtype="A"), "udp")
            assert got.response is not None
            question = parse(got.response).question()
            assert question is not None
            assert question.name == f"n{number}.vn"

        async with datagrams(HERE6, 5301, good):
            await asyncio.gather(*(one(number) for number in range(2_000)))

    inside(main, how=lambda: setting(PATIENT))


def test_errors_of_one_server_do_not_reach_the_questions_to_another() -> None:
    def good(data: bytes, answer: Answer) -> None:
        answer(answered(data))

    async def main(bench: Bench) -> None:
        async with datagrams(HERE6, 5301, good):
            ports = [5301, 5302] * 100
            steps = await asyncio.gather(
                *(bench.net.dns(bench.rec, at(HERE6, port), QUESTION, "udp") for port in ports)
            )
        for port, step in zip(ports, steps, strict=True):
            assert kind(step) is (None if port == 5301 else FailureKind.REFUSED)

    inside(main, how=lambda: setting(PATIENT))


def test_dns_over_tcp() -> None:
    async def read(reader: asyncio.StreamReader) -> bytes:
        return await reader.readexactly(int.from_bytes(await reader.readexactly(2)))

    async def good(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = answered(await read(reader)) + b"\0" * 60_000
        framed = len(wire).to_bytes(2) + wire
        writer.write(framed[:1])
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(framed[1:])
        await writer.drain()

    async def wrong_id(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = answered(await read(reader), wrong_id=True)
        writer.write(len(wire).to_bytes(2) + wire)
        await writer.drain()

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\0\x40" + answered(await read(reader)))
        await writer.drain()

    async def main(bench: Bench) -> None:
        async def ask(port: int) -> DnsExchange:
            return await bench.net.dns(bench.rec, at(HERE6, port), QUESTION, "tcp")

        async with stream(HERE6, 5301, good), stream(HERE6, 5302, wrong_id), stream(HERE6, 5303, half):
            whole = await ask(5301)
            assert whole.response is not None
            assert len(whole.response) > 60_000
            assert kind(await ask(5302)) is FailureKind.PROTOCOL
            assert kind(await ask(5303)) is FailureKind.PROTOCOL
        async with stream(HERE6, 5304, hang_up), stream(HERE6, 5305, hang):
            assert kind(await ask(5304)) in {FailureKind.PROTOCOL, FailureKind.RESET}
            assert kind(await ask(5305)) is FailureKind.TIMEOUT
        assert kind(await ask(5306)) is FailureKind.REFUSED
        assert kind(await ask(5307)) is FailureKind.TIMEOUT

    inside(main, rules("tcp dport 5307 drop"))


@pytest.mark.parametrize("ends", [True, False])
def test_dns_over_tcp_of_a_server_that_takes_one_connection_at_once(ends: bool) -> None:
    """All addresses belong to one process, which closes every further connection or never answers it."""
    connections: list[asyncio.StreamReader] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(reader)
        try:
            if len(connections) == 1:
                wire = answered(await reader.readexactly(int.from_bytes(await reader.readexactly(2))))
                await asyncio.sleep(0.05)
                writer.write(len(wire).to_bytes(2) + wire)
                await writer.drain()
                await reader.read()
            elif not ends:
                await asyncio.sleep(60)
        finally:
            connections.remove(reader)

    async def main(bench: Bench) -> None:
        addresses = (HERE6, "2001:db8::2", HERE4, "192.0.2.2")
        async with AsyncExitStack() as one_process:
            for address in addresses:
                await one_process.enter_async_context(stream(address, 5301, talk))
            asked = (bench.net.dns(bench.rec, at(address, 5301), QUESTION, "tcp") for address in addresses)
            steps = await asyncio.gather(*asked)
        assert [kind(step) for step in steps] == [None] * len(addresses)

    inside(main)


def test_dns_over_tcp_of_dead_servers_holds_up_no_other() -> None:
    async def main(bench: Bench) -> None:
        dead = [bench.net.dns(bench.rec, at(HERE6, 5307), QUESTION, "tcp") for _ in range(12)]
        began = time.monotonic()
        assert {kind(step) for step in await asyncio.gather(*dead)} == {FailureKind.TIMEOUT}
        assert time.monotonic() - began < 12 * FAST.dns_connect / 2

    inside(main, rules("tcp dport 5307 drop"))


def test_dns_over_tcp_waits_for_a_turn_in_no_time_of_the_probe() -> None:
    async def main(bench: Bench) -> None:
        async def probe() -> DnsExchange:
            async with Deadline(2 * FAST.dns_connect):
                return await bench.net.dns(bench.rec, at(HERE6, 5307), QUESTION, "tcp")

        steps = await asyncio.gather(*(probe() for _ in range(16)))
        assert {kind(step) for step in steps} == {FailureKind.TIMEOUT}

    inside(main, rules("tcp dport 5307 drop"))


# --- ICMP -----------------------------------------------------------------------------------------------------------


def test_echo() -> None:
    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            series = await bench.net.echo(bench.rec, ip_address(here))
            assert (series.sent, series.received, series.failure, series.error) == (3, 3, None, None)
            assert series.hop_limits == (64, 64, 64)
            assert all(rtt is not None and rtt < 60 for rtt in series.rtts)
        for silent in ("192.0.2.2", "2001:db8::2"):
            series = await bench.net.echo(bench.rec, ip_address(silent))
            assert (series.sent, series.received, series.failure) == (3, 0, None)
            assert 0.3 < series.t - series.t0 < 5
        for nowhere in ("203.0.113.1", "2001:db8:ffff::1"):
            assert kind(await bench.net.echo(bench.rec, ip_address(nowhere))) is FailureKind.NO_ROUTE_HERE

    inside(
        main,
        rules("ip daddr 192.0.2.2 icmp type echo-request drop", "ip6 daddr 2001:db8::2 icmpv6 type echo-request drop"),
    )


def test_echo_tells_icmp_errors() -> None:
    async def main(bench: Bench) -> None:
        six = await bench.net.echo(bench.rec, ip_address(HERE6))
        assert (six.received, six.error, six.failure) == (0, f"1/1 from {HERE6}", None)
        assert six.t - six.t0 < PATIENT.echo_wait  # an error ends the wait
        four = await bench.net.echo(bench.rec, ip_address(HERE4))
        assert (four.received, four.error) == (0, f"3/1 from {HERE4}")

    inside(
        main,
        rules(
            "icmpv6 type echo-request reject with icmpv6 type admin-prohibited",
            "icmp type echo-request reject with icmp type host-unreachable",
        ),
        lambda: setting(PATIENT),
    )


def test_echo_of_many_at_once() -> None:
    async def main(bench: Bench) -> None:
        many = [ip_address("2001:db8:a::") + number for number in range(1_000)]
        found = await asyncio.gather(*(bench.net.echo(bench.rec, address) for address in many))
        assert all(series.received == 3 for series in found)

    inside(main, "ip -6 route add local 2001:db8:a::/64 dev lo\n", lambda: setting(PATIENT))


def test_echo_errors_are_about_whom_they_quote_however_many_come_at_once() -> None:
    """An error makes the next call of the socket fail, which may be about another address."""

    async def main(bench: Bench) -> None:
        silent, alive = (
            [ip_address(first) + number for number in range(300)] for first in ("2001:db8:a:1::", "2001:db8:a::")
        )
        mixed = [address for pair in zip(silent, alive, strict=True) for address in pair]
        found = await asyncio.gather(*(bench.net.echo(bench.rec, address) for address in mixed))
        assert [(one.received, one.error, one.failure) for one in found[1::2]] == [(3, None, None)] * len(alive)
        assert {(one.sent, one.received, one.failure) for one in found[::2]} == {(3, 0, None)}
        assert {str(one.error).startswith("1/1 from 2001:db8::") for one in found[::2]} == {True}

    refused = rules("ip6 daddr 2001:db8:a:1::/64 icmpv6 type echo-request reject with icmpv6 type admin-prohibited")
    inside(main, "ip -6 route add local 2001:db8:a::/48 dev lo\n" + refused, lambda: setting(PATIENT))


def test_echoes_of_different_sizes_leave_together() -> None:
    """The kernel gets one batch: each echo must carry its own bytes, in the next batch too."""

    async def main(bench: Bench) -> None:
        shapes = [EchoShape(count=3, interval=0.01, size=size) for size in (12, 56, 57, 1232, 1452) * 20]
        for here in (HERE4, HERE6):
            found = await asyncio.gather(*(bench.net.echo(bench.rec, ip_address(here), shape) for shape in shapes))
            assert [(one.payload_size, one.received) for one in found] == [(shape.size, 3) for shape in shapes]

    inside(main, how=lambda: setting(PATIENT))


@pytest.mark.parametrize("group", ["0 0", "1 0"])
def test_echo_needs_the_group_that_the_kernel_lets_send_it(group: str) -> None:
    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            series = await bench.net.echo(bench.rec, ip_address(here))
            if group == "0 0":
                assert (series.received, series.failure, series.hop_limits) == (3, None, (64, 64, 64))
            else:
                assert (series.sent, kind(series)) == (0, FailureKind.NO_PERMISSION)

    inside(main, f"sysctl -qw net.ipv4.ping_group_range='{group}'\n")


def test_a_cancelled_series_keeps_what_it_has() -> None:
    async def main(bench: Bench) -> None:
        task = asyncio.ensure_future(bench.net.echo(bench.rec, ip_address(HERE6)))
        await asyncio.sleep(1.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (series,) = bench.rec.steps
        assert isinstance(series, EchoSeries)
        assert kind(series) is FailureKind.CUT_SHORT
        assert 1 <= series.received < 5_000

    inside(main, "", lambda: setting(replace(FAST, echo_count=5_000, echo_interval=0.1)))


# --- TLS ------------------------------------------------------------------------------------------------------------


def server_context(folder: Path, **limits: object) -> tuple[ssl.SSLContext, list[bytes]]:
    pem, chain = certificates(folder, "www.example.vn")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    for key, value in limits.items():
        setattr(context, key, value)
    return context, chain


def test_tls_handshakes(tmp_path: Path) -> None:
    context, chain = server_context(tmp_path)
    context.set_alpn_protocols(["http/1.1"])
    names: list[str | None] = []
    context.sni_callback = lambda _object, name, _context: names.append(name)

    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            async with stream(here, 443, hang, tls=context):
                done = await shake_hands(bench.net, bench.rec, at(here, 443, "www.example.vn"), protocol="https")
                assert (done.failure, done.version, done.alpn) == (None, "TLSv1.3", "http/1.1")
                assert done.cipher
                assert list(done.chain) == chain
                plain = await shake_hands(bench.net, bench.rec, at(here, 443), protocol="https")
                assert (plain.failure, plain.server_name) == (None, None)
        assert names == ["www.example.vn", None] * 2

    inside(main)


def test_a_weak_server_still_shows_its_certificate(tmp_path: Path) -> None:
    context, chain = server_context(tmp_path)
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 443, hang, tls=context):
            done = await shake_hands(bench.net, bench.rec, at(HERE6, 443, "www.example.vn"), protocol="https")
        assert (done.failure, done.version, list(done.chain)) == (None, "TLSv1", chain)

    inside(main)


def test_tls_faults() -> None:
    def says(wire: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(wire)
            await writer.drain()
            await asyncio.sleep(0.2)

        return talk

    async def main(bench: Bench) -> None:
        async def outcome(port: int, name: str | None = "x.vn") -> FailureKind | None:
            return kind(await shake_hands(bench.net, bench.rec, at(HERE6, port, name), protocol="https"))

        alert, unrecognized = b"\x15\x03\x03\0\x02\x02\x28", b"\x15\x03\x03\0\x02\x02\x70"
        async with stream(HERE6, 1, says(alert)), stream(HERE6, 2, says(unrecognized)):
            assert await outcome(1) is FailureKind.TLS_ALERT
            assert await outcome(2) is FailureKind.TLS_ALERT
        async with stream(HERE6, 3, says(b"HTTP/1.1 400 Bad Request\r\n\r\n")), stream(HERE6, 4, hang):
            assert await outcome(3) is FailureKind.PROTOCOL
            assert await outcome(4) is FailureKind.TIMEOUT
        async with stream(HERE6, 5, hang_up):
            assert await outcome(5) in {FailureKind.PROTOCOL, FailureKind.RESET}
        assert await outcome(6) is FailureKind.REFUSED
        assert await outcome(7) is FailureKind.TIMEOUT
        assert await outcome(6, "a..b") is FailureKind.PROTOCOL

    inside(main, rules("tcp dport 7 drop"))


# --- HTTP -----------------------------------------------------------------------------------------------------------


def responds(
    *parts: bytes, hold: float = 0.0
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        for part in parts:
            writer.write(part)
            await writer.drain()
        await asyncio.sleep(hold)

    return talk


seen: list[bytes] = []


def endless(head: bytes, piece: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()

    return talk


def get(port: int, path: str = "/", scheme: str = "http") -> HttpRequest:
    return HttpRequest(endpoint=at(HERE6, port, "www.example.vn"), url=f"{scheme}://www.example.vn:{port}{path}")


def test_http_answers(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    body = "<title>Cổng thông tin</title>".encode()
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Odd: \xff\xfe\r\n\r\n" % len(body) + body
    squeezed = gzip.compress(body)
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(squeezed) + squeezed
    moved = b"HTTP/1.1 301 Moved\r\nLocation: ../to?a=b\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"

    async def main(bench: Bench) -> None:
        async with (
            stream(HERE6, 80, responds(ok)),
            stream(HERE6, 81, responds(packed)),
            stream(HERE6, 82, responds(moved)),
            stream(HERE6, 443, responds(ok), tls=context),
        ):
            plain = await pages(bench.net).http(bench.rec, get(80, "/a/b?c=%20d"))
            assert (plain.status, plain.reason, plain.body, plain.body_size) == (200, "OK", body, len(body))
            assert (plain.failure, plain.truncated, plain.location) == (None, False, None)
            assert ("X-Odd", "\ufffd\ufffd") in plain.headers
            assert (await pages(bench.net).http(bench.rec, get(81))).body == body
            redirect = await pages(bench.net).http(bench.rec, get(82, "/a/b/"))
            assert redirect.location == "http://www.example.vn:82/a/to?a=b"
            secure = await pages(bench.net).http(bench.rec, get(443, scheme="https"))
            assert (secure.status, secure.body) == (200, body)
        first, *_, last = seen
        assert first.startswith(b"GET /a/b?c=%20d HTTP/1.1\r\n")
        assert b"Host: www.example.vn\r\n" in first
        assert b"ipv6-readiness-auditor/" in first
        assert b"Accept-Encoding: gzip\r\n" in first  # deflate may mean two formats, and we read only one
        assert b"(+https://example.vn/scan)" in first
        assert b"Host: www.example.vn\r\n" in last
        assert not any(b"ookie" in request for request in seen)

    seen.clear()
    inside(main)


def test_http_faults() -> None:
    async def main(bench: Bench) -> None:
        async def outcome(port: int, scheme: str = "http") -> FailureKind | None:
            return kind(await pages(bench.net).http(bench.rec, get(port, scheme=scheme)))

        cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        async with (
            stream(HERE6, 1, responds()),
            stream(HERE6, 2, responds(b"\0\1 nonsense\r\n\r\n")),
            stream(HERE6, 3, hang),
        ):
            assert await outcome(1) is FailureKind.PROTOCOL
            assert await outcome(2) is FailureKind.PROTOCOL
            assert await outcome(3) is FailureKind.TIMEOUT
        async with stream(HERE6, 8, hang_up):
            assert await outcome(8, "https") in {FailureKind.PROTOCOL, FailureKind.RESET}
        async with stream(HERE6, 4, responds(cut)), stream(HERE6, 5, responds(cut, hold=60)):
            for port, failure in ((4, FailureKind.PROTOCOL), (5, FailureKind.TIMEOUT)):
                got = await pages(bench.net).http(bench.rec, get(port))
                assert (got.status, got.body, kind(got)) == (200, b"half", failure)
        assert await outcome(6) is FailureKind.REFUSED
        assert await outcome(7) is FailureKind.TIMEOUT
        nowhere = HttpRequest(endpoint=at("2001:db8:ffff::1", 80), url="http://x.vn/")
        assert kind(await pages(bench.net).http(bench.rec, nowhere)) is FailureKind.NO_ROUTE_HERE
        for url in ("http://", "ftp://x.vn/", "http://[x/", "http://x.vn:99999/", "x"):
            got = await pages(bench.net).http(bench.rec, HttpRequest(endpoint=at(HERE6, 80), url=url))
            assert kind(got) is FailureKind.PROTOCOL

    inside(main, rules("tcp dport 7 drop"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_http_of_a_silent_port_is_no_answer_to_the_connect_however_short_the_time(scheme: str) -> None:
    async def main(bench: Bench) -> None:
        failure = (await pages(bench.net).http(bench.rec, get(7, scheme=scheme))).failure
        assert failure is not None
        assert (failure.kind, failure.detail) == (FailureKind.TIMEOUT, NO_CONNECT)

    inside(main, rules("tcp dport 7 drop"), lambda: setting(replace(FAST, tcp_connect=0.5, http=0.5)))


def test_http_page_that_still_comes_when_the_time_is_over_is_a_page() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n")
        while True:
            writer.write(b"x" * 100)
            await writer.drain()
            await asyncio.sleep(0.05)

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 80, drip):
            got = await pages(bench.net).http(bench.rec, get(80))
        assert (got.status, got.failure, got.truncated) == (200, None, True)
        assert 0 < got.body_size < 500_000

    inside(main)


def test_http_is_bounded() -> None:
    ok = b"HTTP/1.1 200 OK\r\n"
    bomb = gzip.compress(b"\0" * 50_000_000)
    packed = ok + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    many = ok + b"".join(b"X-%d: y\r\n" % number for number in range(5_000)) + b"\r\n"

    async def main(bench: Bench) -> None:
        async with (
            stream(HERE6, 1, endless(ok + b"\r\n", b"x" * 65_536)),
            stream(HERE6, 2, endless(ok, b"X: y\r\n" * 100)),
            stream(HERE6, 3, endless(ok + b"X: ", b"y" * 8_192)),
            stream(HERE6, 4, responds(packed)),
            stream(HERE6, 5, responds(many)),
            stream(HERE6, 6, endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
        ):
            long = await pages(bench.net).http(bench.rec, get(1))
            assert (long.body_size, len(long.body), long.truncated, long.failure) == (500_000, 16_384, True, None)
            for port in (2, 3, 5):
                assert kind(await pages(bench.net).http(bench.rec, get(port))) is FailureKind.PROTOCOL
            blown = await pages(bench.net).http(bench.rec, get(4))
            assert (blown.body_size, blown.truncated, blown.failure) == (500_000, True, None)
            forever = await pages(bench.net).http(bench.rec, get(6))
            assert kind(forever) in {FailureKind.TIMEOUT, FailureKind.PROTOCOL}

    inside(main)


# --- everything -----------------------------------------------------------------------------------------------------


def test_cancellation_anywhere_leaves_nothing(tmp_path: Path) -> None:
    """Each step is cancelled after 0, 1, 2 … iterations of the loop; then no socket is left and the record says so."""
    context, _ = server_context(tmp_path)

    async def main(bench: Bench) -> None:
        net, rec = bench.net, bench.rec
        there = at(HERE6, 443, "www.example.vn")
        steps: list[Callable[[], Awaitable[object]]] = [
            lambda: net.tcp(rec, at(HERE6, 82)),
            lambda: shake_hands(net, rec, there, protocol="https"),
            lambda: pages(net).http(rec, get(443, scheme="https")),
            lambda: visit_https(net, rec, get(443, scheme="https")),
            lambda: fetch_policy(net, rec, there, "https://www.example.vn/"),
            lambda: net.dns(rec, at(HERE6, 82), QUESTION, "udp"),
            lambda: net.dns(rec, at(HERE6, 81), QUESTION, "tcp"),
            lambda: net.echo(rec, ip_address("2001:db8::2")),
            lambda: net.names.lookup(rec, "www.example.vn", "A", role="host"),
            lambda: net.names.lookup_many(rec, [("a.vn", "A", "host"), ("b.vn", "A", "host")]),
            lambda: net.names.delegation(rec, "a.vn"),
        ]
        async with stream(HERE6, 443, wait_for_their_end, tls=context), stream(HERE6, 81, wait_for_their_end):
            for _ in range(8):
                await net.dns(rec, at(HERE6, 82), QUESTION, "udp")  # opens the shared sockets for IPv4 and IPv6
                await net.dns(rec, at(HERE4, 82), QUESTION, "udp")
            left = private_net.open_sockets()
            for step in steps:
                for turns in (*range(20), 30, 100):
                    before = len(rec.steps)
                    task = asyncio.ensure_future(step())
                    for _ in range(turns):
                        await asyncio.sleep(0.001 if turns > 20 else 0)
                    if not task.cancel():
                        continue  # it has ended already
                    with pytest.raises(asyncio.CancelledError):
                        await task
                    added = rec.steps[before:]
                    assert len(added) <= 4
                    assert not added or kind(added[-1]) is FailureKind.CUT_SHORT
                await asyncio.sleep(0.05)
                assert private_net.open_sockets() <= left

    rule = rules("tcp dport 82 drop", "udp dport 53 drop", "ip6 daddr 2001:db8::2 icmpv6 type echo-request drop")
    inside(main, rule)


def test_iteration_is_blocked() -> None:
    async def main(bench: Bench) -> None:
        found = await bench.net.names.lookup(bench.rec, "www.example.vn", "A", role="host")
        assert (found.status, kind(found)) == (LookupStatus.NO_ANSWER, FailureKind.TIMEOUT)
        assert [type(step) for step in bench.rec.steps] == [DnsExchange, NameLookup]

    inside(main, rules("udp dport 53 drop"))
