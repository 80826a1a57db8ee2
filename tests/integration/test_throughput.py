"""Tests throughput on real sockets: bounded in hours, bytes and seconds, for every behaviour of the server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.net.http.allowance import Allowance
from probes.net.http.downloads import Downloads
from probes.net.respond.responder import Responder, ResponderOffer
from probes.observations.throughput import ThroughputTest
from tests.integration.test_exposure import SETUP
from tests.integration.test_net import HERE4, HERE6
from tests.support import private_net

pytestmark = pytest.mark.needs_root

BOTH = (ip_address(HERE4), ip_address(HERE6))
OBJECT = 8081
ALWAYS = Allowance(
    hours=(0, 1_440),
    most=20_000_000,
    whole=500_000_000,
    seconds=5.0,
    controls=tuple(Endpoint(address=one, port=OBJECT) for one in BOTH),
)
MIDNIGHT = datetime(2026, 11, 23, 17, tzinfo=UTC)
"""Midnight in Vietnam."""


def asked(here: str, *, wanted: int = 10_000_000, port: int = OBJECT, path: str = "/throughput") -> ThroughputTest:
    host = f"[{here}]" if ":" in here else here
    return ThroughputTest(address=ip_address(here), port=port, url=f"http://{host}:{port}{path}", wanted=wanted)


def _at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def responding(main: Callable[[Connector], Awaitable[None]]) -> None:
    async def run() -> None:
        connector = Connector(10.0)
        try:
            async with Responder(BOTH, ResponderOffer(tcp=(), object_port=OBJECT)):
                await main(connector)
        finally:
            connector.close()

    private_net.run(SETUP, run)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_so_many_bytes_are_asked_for_and_timed(here: str) -> None:
    async def main(connector: Connector) -> None:
        downloads = Downloads(connector, ALWAYS)
        first, second = await downloads.get(asked(here)), await downloads.get(asked(here, wanted=99_000_000))
        for done, wanted in ((first, 10_000_000), (second, ALWAYS.most)):
            assert (done.failure, done.status, done.received, done.wanted) == (None, 200, wanted, wanted)
            assert done.rate
            assert done.rate > 1e6
            assert str(done.control) == here
            assert done.mss
            assert done.mss > 1_000
        assert first.control_rate == second.control_rate  # the control is measured only once
        assert first.control_rate

    responding(main)


def test_without_hours_and_outside_them_nothing_is_asked() -> None:
    async def main(connector: Connector) -> None:
        came: list[str] = []

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            came.append("connected")
            writer.close()

        async with await asyncio.start_server(refuse, HERE4, 8082):
            night = replace(ALWAYS, hours=(22 * 60, 5 * 60), controls=())
            for allowed, now in ((None, MIDNIGHT), (night, MIDNIGHT.replace(hour=5))):
                done = await Downloads(connector, allowed, now=_at(now)).get(asked(HERE4, port=8082))
                assert done.failure is not None
                assert done.failure.kind is FailureKind.OUT_OF_SCOPE
            assert came == []
            for now in (MIDNIGHT, MIDNIGHT.replace(hour=15), MIDNIGHT.replace(hour=21, minute=59)):
                with pytest.raises((faults.Fault, OSError)):
                    await Downloads(connector, night, now=_at(now)).get(asked(HERE4, port=8082))
            assert len(came) == 3

    responding(main)


def test_a_run_has_so_many_bytes_and_no_more() -> None:
    async def main(connector: Connector) -> None:
        downloads = Downloads(connector, replace(ALWAYS, whole=25_000_000, controls=()))
        found = [await downloads.get(asked(HERE4)) for _ in range(3)]
        assert [one.received for one in found] == [10_000_000, 10_000_000, 0]
        assert found[2].failure is not None
        assert "used up" in found[2].failure.detail

    responding(main)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(first: bytes, again: bytes = b"", every: float = 0.0) -> Talk:
    """Return a server that sends one text once, and another one until the connection ends."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
            await writer.drain()
            while again:
                writer.write(again)
                await writer.drain()
                await asyncio.sleep(every)
        writer.close()

    return talk


DRIBBLE = saying(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10, 0.05)
NO_HEAD = saying(b"", b"X-Junk: 1\r\n" * 100)
BREAK_OFF = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + bytes(2_000_000))


def test_servers_that_dribble_talk_nonsense_or_break_off_end_in_time() -> None:
    async def main(connector: Connector) -> None:
        loop = asyncio.get_running_loop()
        found: list[ThroughputTest | Failure] = []
        for port, talk, seconds in ((8083, DRIBBLE, 0.5), (8084, NO_HEAD, 60.0), (8085, BREAK_OFF, 60.0)):
            downloads = Downloads(connector, replace(ALWAYS, seconds=seconds, controls=()))
            server = await asyncio.start_server(talk, HERE6, port)
            began = loop.time()
            try:
                found.append(await downloads.get(asked(HERE6, port=port)))
            except faults.Fault as fault:
                found.append(fault.failure)
            assert loop.time() - began < 50
            server.close()
        await asyncio.sleep(0.2)  # until the connections notice that the server is closed
        dribbled, nonsense, broken = found
        assert isinstance(dribbled, ThroughputTest)
        assert (dribbled.rate, dribbled.failure) == (None, None)
        assert isinstance(nonsense, Failure)
        assert nonsense.kind is FailureKind.PROTOCOL
        assert isinstance(broken, ThroughputTest)
        assert broken.received == 2_000_000
        other = await Downloads(connector, replace(ALWAYS, controls=())).get(asked(HERE6, path="/else"))
        assert (other.status, other.rate, other.failure) == (404, None, None)

    responding(main)


@pytest.mark.parametrize(
    ("hours", "minute", "wanted"),
    [
        ((0, 1_440), 0, True),
        ((1_320, 300), 1_320, True),
        ((1_320, 300), 299, True),
        ((1_320, 300), 300, False),
        ((480, 540), 479, False),
        ((480, 540), 480, True),
        ((480, 540), 540, False),
    ],
)
def test_hours_are_those_of_vietnam(hours: tuple[int, int], minute: int, wanted: bool) -> None:
    at = datetime(2026, 11, 23, (minute // 60 - 7) % 24, minute % 60, tzinfo=UTC)
    assert replace(ALWAYS, hours=hours).is_open(at) is wanted
