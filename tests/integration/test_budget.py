"""Tests peers on loopback that flood one layer each: the step ends over budget and takes no more than allowed."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest

from containers.rehearsal.peers import hostile_services, hostile_tls
from containers.rehearsal.peers.hostile_web import PAGES, Talk, listen
from inventory.model import Endpoint
from probes.framework.budget import LEDGER, ON_THE_WIRE, Ledger, PeerBounds, PeerUsage
from probes.framework.evidence import FailureKind, Observation
from probes.net.api import DnsQuestion, HttpRequest
from probes.net.exposure.ssh import exchange_keys
from probes.net.http.requests import pages
from probes.net.http.visit import visit_https
from probes.net.kernel import KernelNet
from probes.net.snmp.shared import SnmpSocket
from probes.observations.web import NOT_HTTP
from probes.tls import shake_hands
from probes.tls_support import enumerate_tls
from tests.support.snmp_agent import Quirks, Recording, Serving
from tests.support.snmp_world import at, community, net_with, recorder, settings

HERE = ip_address("127.0.0.1")
RECEIVED = 150_000
IN_FLIGHT = 200_000
"""The most bytes of one connection that the kernel may hold unread."""
MANY = 28
ENDLESS = Recording.of("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9\n1.3.6.1.2.1.2.2.1.2.1|4|" + "x" * 200)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """Yield the ledger of a subject with peers that may send 150 kB and accept ten connections."""
    ledger = Ledger(PeerBounds(received=RECEIVED, connections=10))
    token = LEDGER.set(ledger)
    yield ledger
    LEDGER.reset(token)


@asynccontextmanager
async def _serving(talk: Talk) -> AsyncIterator[tuple[KernelNet, Endpoint]]:
    server = await listen(str(HERE), 0, talk)
    async with server, net_with(settings("gufo"), wait=10.0) as net:
        yield net, at(server.sockets[0].getsockname()[1])


def _account(ledger: Ledger) -> PeerUsage:
    return ledger.of(HERE.packed)


def _named(step: Observation) -> None:
    assert step.failure is not None
    assert step.failure.kind is FailureKind.OVER_BUDGET
    assert step.failure.detail in {"the peer sent more than 150000 bytes", "the peer took more than 10 connections"}


def _no_http(step: Observation) -> None:
    """Assert that the step failed because the peer sent more interim heads than are read."""
    assert step.failure is not None
    assert step.failure.kind is FailureKind.PROTOCOL
    assert step.failure.detail.startswith(NOT_HTTP)


@pytest.mark.parametrize("trick", ["body", "chunk-extensions"])
async def test_http_body_without_an_end_is_truncated_at_the_budget(ledger: Ledger, trick: str) -> None:
    """The part that was received is kept and marked as truncated."""
    async with _serving(PAGES[trick]) as (net, there):
        step = await pages(net).http(recorder(), HttpRequest(endpoint=there, url="http://example.vn/"))
    _named(step)
    assert (step.status, step.truncated) == (200, True)
    assert 0 < step.body_size <= RECEIVED
    assert _account(ledger).received <= RECEIVED + IN_FLIGHT


async def test_flood_on_many_connections_at_once_ends_at_the_budget() -> None:
    """What waits unread on the others counts as well, or each would bring a receive window beyond the budget."""
    token = LEDGER.set(ledger := Ledger())
    async with _serving(PAGES["body"]) as (net, there), asyncio.TaskGroup() as group:
        for _ in range(MANY):
            group.create_task(pages(net).http(recorder(), HttpRequest(endpoint=there, url="http://example.vn/")))
    LEDGER.reset(token)
    assert _account(ledger).received <= ON_THE_WIRE


async def test_http_flood_of_interim_heads_ends_before_the_budget(ledger: Ledger) -> None:
    async with _serving(PAGES["interim"]) as (net, there):
        step = await pages(net).http(recorder(), HttpRequest(endpoint=there, url="http://example.vn/"))
    _no_http(step)
    assert _account(ledger).received <= RECEIVED


async def test_https_flood_of_interim_heads_ends_before_the_budget(ledger: Ledger) -> None:
    async with _serving(hostile_tls.SECURE["https-interim"]) as (net, there):
        endpoint = Endpoint(address=there.address, port=there.port, name="example.vn")
        step = await visit_https(
            net, recorder(), HttpRequest(endpoint=endpoint, url=f"https://example.vn:{there.port}/")
        )
    _no_http(step)
    assert _account(ledger).received <= RECEIVED


@pytest.mark.parametrize("trick", ["https-chunk-extensions", "tls-tickets", "tls-key-updates"])
async def test_flood_behind_a_handshake_ends_at_the_budget(ledger: Ledger, trick: str) -> None:
    async with _serving(hostile_tls.SECURE[trick]) as (net, there):
        endpoint = Endpoint(address=there.address, port=there.port, name="example.vn")
        step = await visit_https(
            net, recorder(), HttpRequest(endpoint=endpoint, url=f"https://example.vn:{there.port}/")
        )
    _named(step)
    assert _account(ledger).received <= RECEIVED + IN_FLIGHT


@pytest.mark.parametrize("trick", ["tls-hello-requests", "tls-empty-records"])
async def test_flood_in_a_handshake_ends_at_the_budget(ledger: Ledger, trick: str) -> None:
    async with _serving(hostile_tls.SECURE[trick]) as (net, there):
        rec = recorder()
        steps = [
            await shake_hands(net, rec, there, protocol="https"),
            await enumerate_tls(net, rec, there, protocol="https"),
        ]
    assert _account(ledger).received <= RECEIVED + 5 * IN_FLIGHT
    for step in steps:
        if step.failure is None or step.failure.kind is not FailureKind.PROTOCOL:  # OpenSSL itself ended it
            _named(step)


async def test_ssh_flood_ends_at_the_budget(ledger: Ledger) -> None:
    ledger.of(HERE.packed).take(RECEIVED - 10_000)
    async with _serving(hostile_services.HOSTS["ssh-packets"][1]) as (net, there):
        step = await exchange_keys(net, recorder(), there.address, there.port or 0)
    _named(step)


async def test_connections_of_one_peer_are_bounded(ledger: Ledger) -> None:
    async with _serving(hostile_tls.flooding(b"x")) as (net, there):
        steps = [await net.tcp(recorder(), there) for _ in range(12)]
    assert [step.failure is None for step in steps] == [True] * 10 + [False] * 2
    _named(steps[-1])


class _Guessing(asyncio.DatagramProtocol):
    """Answers each question with a thousand wrong guesses of its identifier."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        (number,) = struct.unpack("!H", data[:2])
        for guess in range(1, 1_000):
            wrong = struct.pack("!H", (number + guess) & 0xFFFF)
            self._transport.sendto(wrong + b"\x84" + data[3:] + bytes(800), addr)  # type: ignore[attr-defined]


async def test_dns_flood_of_guesses_ends_at_the_budget(ledger: Ledger) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(_Guessing, (str(HERE), 0))
    async with net_with(settings("gufo"), wait=1.0) as net:
        server = at(transport.get_extra_info("sockname")[1])
        steps = [
            await net.dns(recorder(), server, DnsQuestion(name="example.vn.", rtype="AAAA"), "udp") for _ in range(2)
        ]
    transport.close()
    _named(steps[0])
    _named(steps[1])


@pytest.mark.parametrize("engine", ["gufo", "pysnmp"])
async def test_device_without_an_end_is_left_at_the_budget(ledger: Ledger, engine: str) -> None:
    ledger.of(HERE.packed).take(RECEIVED - 10_000)
    setting = settings(engine, community("public"))
    async with Serving({"public": ENDLESS}, quirks=Quirks(endless=True)) as serving, net_with(setting) as net:
        rec, there = recorder(), at(serving.port)
        async with net.snmp(rec, there, ("public",), device="d") as device:
            assert device is not None
            steps = [await device.walk(rec, "1.3.6.1.2.1.2.2.1.2") for _ in range(2)]
    _named(steps[0])
    assert steps[0].rows
    _named(steps[1])
    assert not steps[1].rows


async def test_snmp_noise_is_counted_of_the_devices_asked_last(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.net.snmp.shared._KEPT", 3)
    hosts = {number: f"127.0.0.{number}" for number in (1, 2, 3, 4)}
    asking = SnmpSocket(socket.AF_INET)
    for number in (1, 2, 3, 1, 4):
        pending = asking.begin((hosts[number], 161), ip_address(hosts[number]).packed, 5.0)
        asking.end(pending)
    port = asking._sock.getsockname()[1]
    for host in hosts.values():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
            device.bind((host, 0))
            device.sendto(b"noise", ("127.0.0.1", port))
    await asyncio.sleep(0.1)
    asking.close()
    assert [ledger.of(ip_address(host).packed).received for host in hosts.values()] == [5, 0, 5, 5]
