"""Tests a page and its TLS handshake over one connection: two observations, for any server."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from probes.framework.evidence import FailureKind, Observation
from probes.mail_transport import fetch_policy
from probes.net.api import HttpRequest
from probes.net.http.fetcher import FETCHES, open_fetcher
from probes.net.http.requests import pages
from probes.net.http.visit import visit_https
from probes.net.tls.services import TlsServices
from probes.observations.mail import PolicyFetch
from probes.observations.web import HttpExchange, TlsHandshake
from tests.integration.test_net import (
    HERE4,
    HERE6,
    PATIENT,
    Bench,
    at,
    endless,
    get,
    hang,
    hang_up,
    inside,
    kind,
    responds,
    rules,
    server_context,
    setting,
)
from tests.support.scripted import Talk, stream

pytestmark = pytest.mark.needs_root

OK = b"HTTP/1.1 200 OK\r\n"
PAGE = OK + b"Content-Length: 6\r\n\r\nhello\n"


class Counted:
    """Counts the connections that a scripted peer serves."""

    def __init__(self, talk: Talk) -> None:
        self.times = 0
        self._talk = talk

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.times += 1
        await self._talk(reader, writer)


def recorded(bench: Bench) -> list[type[Observation]]:
    return [type(step) for step in bench.rec.steps]


def shaken(bench: Bench) -> TlsHandshake:
    (one,) = (step for step in bench.rec.steps if isinstance(step, TlsHandshake))
    return one


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_page_and_its_certificate_take_one_connection(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    context, chain = server_context(tmp_path, maximum_version=newest)
    context.set_alpn_protocols(["h2", "http/1.1"])
    names: list[str | None] = []
    context.sni_callback = lambda _object, name, _context: names.append(name)
    server = Counted(responds(PAGE))

    async def main(bench: Bench) -> None:
        for here in (HERE4, HERE6):
            async with stream(here, 443, server, tls=context):
                request = HttpRequest(endpoint=at(here, 443, "www.example.vn"), url="https://www.example.vn/")
                got = await visit_https(bench.net, bench.rec, request)
            assert (got.failure, got.status, got.body) == (None, 200, b"hello\n")
        assert recorded(bench) == [TlsHandshake, HttpExchange] * 2
        for done in bench.rec.steps[::2]:
            assert isinstance(done, TlsHandshake)
            assert (done.version, done.alpn, list(done.chain)) == (newest.name.replace("_", "."), "http/1.1", chain)
        assert (server.times, names) == (2, ["www.example.vn"] * 2)

    inside(main, how=lambda: setting(PATIENT))


def test_an_address_without_a_name_sends_no_sni(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    names: list[str | None] = []
    context.sni_callback = lambda _object, name, _context: names.append(name)

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 443, responds(PAGE), tls=context):
            got = await visit_https(
                bench.net, bench.rec, HttpRequest(endpoint=at(HERE6, 443), url=f"https://[{HERE6}]/")
            )
        assert (got.status, shaken(bench).server_name, names) == (200, None, [None])

    inside(main, how=lambda: setting(PATIENT))


@asynccontextmanager
async def s_server(folder: Path, *options: str) -> AsyncIterator[None]:
    """Run OpenSSL's own server: it sends the alerts that asyncio's server leaves out."""
    pem = f"{folder}/chain.pem"
    command = ["openssl", "s_server", "-accept", f"[{HERE6}]:443", "-cert", pem, "-cert_chain", pem, *options]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout
        await process.stdout.readuntil(b"ACCEPT\n")
        yield
    finally:
        process.kill()
        await process.wait()


def test_who_speaks_http_2_alone_still_shows_its_certificate(tmp_path: Path) -> None:
    _, chain = server_context(tmp_path)

    async def main(bench: Bench) -> None:
        async with s_server(tmp_path, "-alpn", "h2"):
            await visit_https(bench.net, bench.rec, get(443, scheme="https"))
        assert recorded(bench) == [TlsHandshake, TlsHandshake, HttpExchange]
        refused, taken = bench.rec.steps[:2]
        assert isinstance(taken, TlsHandshake)
        assert (kind(refused), taken.failure, taken.alpn) == (FailureKind.TLS_ALERT, None, "h2")
        assert taken.chain[0] == chain[0]

    inside(main, how=lambda: setting(PATIENT))


def _h2() -> Talk:
    """Return a server of only HTTP/2, made of the server side of the h2 library."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        server.initiate_connection()
        while not writer.is_closing():
            writer.write(server.data_to_send())
            data = await reader.read(65_536)
            if not data:
                return
            for event in server.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    asked = dict(event.headers or [])
                    said = [(":status", "200"), ("server", "h2-alone"), ("x-asked", asked[b":authority"].decode())]
                    server.send_headers(1, [*said, ("content-security-policy", "img-src " + "a.example " * 900)])
                    server.send_data(1, b"hello over h2\n", end_stream=True)

    return talk


def test_who_speaks_http_2_alone_gives_its_page(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    context.set_alpn_protocols(["h2"])

    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2":
            await _h2()(reader, writer)

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 443, _h2(), tls=context):  # also to clients that offer only HTTP/1.1
            request = HttpRequest(endpoint=at(HERE6, 443, "www.example.vn"), url="https://www.example.vn/")
            unasked = await visit_https(bench.net, bench.rec, request)
            assert (unasked.failure, unasked.status, unasked.body) == (None, 200, b"hello over h2\n")
        async with stream(HERE6, 443, refuses, tls=context):
            handshaker = bench.net.shared(TlsServices).handshaker
            session = await handshaker.open(ip_address(HERE6), 443, "www.example.vn", also_h2=True)
            assert session.agreed.alpn == "h2"
            endpoint = at(HERE6, 443, "www.example.vn")
            got = await bench.net.shared(open_fetcher).over(session, endpoint, "https://www.example.vn/")
        assert (got.failure, got.status, got.body) == (None, 200, b"hello over h2\n")
        assert got.values("x-asked") == ("www.example.vn",)
        assert len(got.values("content-security-policy")[0]) > 8_190

    inside(main, how=lambda: setting(PATIENT))


def test_who_asks_for_our_certificate_is_known_all_the_same(tmp_path: Path) -> None:
    """A server that asks for a client certificate is recognised: its TLS 1.3 alert follows the handshake (trap L2)."""
    _, chain = server_context(tmp_path)

    async def main(bench: Bench) -> None:
        async with s_server(tmp_path, "-Verify", "1"):
            got = await visit_https(bench.net, bench.rec, get(443, scheme="https"))
            apart = await pages(bench.net).http(bench.rec, get(443, scheme="https"))
        assert (got.status, kind(got)) == (None, FailureKind.TLS_ALERT)
        assert (apart.status, kind(apart)) == (None, FailureKind.TLS_ALERT)
        done = shaken(bench)
        assert (done.failure, done.chain[0]) == (None, chain[0])

    inside(main, how=lambda: setting(PATIENT))


async def _no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.2)


def test_a_handshake_that_fails_is_the_failure_of_both() -> None:
    async def main(bench: Bench) -> None:
        async def outcome(port: int) -> FailureKind | None:
            before = len(bench.rec.steps)
            got = await visit_https(bench.net, bench.rec, get(port, scheme="https"))
            done, exchange = bench.rec.steps[before:]
            assert (type(done), exchange) == (TlsHandshake, got)
            assert done.failure == got.failure
            return kind(got)

        async with stream(HERE6, 1, _no_tls), stream(HERE6, 2, hang), stream(HERE6, 3, hang_up):
            assert await outcome(1) is FailureKind.PROTOCOL
            assert await outcome(2) is FailureKind.TIMEOUT
            assert await outcome(3) in {FailureKind.PROTOCOL, FailureKind.RESET}
        assert await outcome(6) is FailureKind.REFUSED
        assert await outcome(7) is FailureKind.TIMEOUT

    inside(main, rules("tcp dport 7 drop"))


def test_whatever_comes_inside_tls_ends_bounded(tmp_path: Path) -> None:
    context, chain = server_context(tmp_path)
    body: dict[int, tuple[Talk, Callable[[HttpExchange], bool]]] = {
        1: (endless(OK + b"\r\n", b"x" * 65_536), lambda got: got.body_size == 500_000 and got.truncated),
        2: (endless(OK, b"X: y\r\n" * 100), lambda got: kind(got) is FailureKind.PROTOCOL),
        3: (responds(OK + b"Content-Length: 9\r\n\r\nhalf"), lambda got: got.body == b"half" and kind(got) is not None),
        4: (responds(OK + b"\r\nto the end"), lambda got: got.body == b"to the end" and got.failure is None),
        5: (responds(OK + b"\r\n", hold=60), lambda got: got.status == 200 and kind(got) is FailureKind.TIMEOUT),
        6: (hang_up, lambda got: got.status is None and kind(got) is FailureKind.PROTOCOL),
        7: (responds(b"\0\1 nonsense\r\n\r\n"), lambda got: kind(got) is FailureKind.PROTOCOL),
        9: (responds(OK + b"Content-Length: 90\r\n\r\n<p>all</HTML>\n"), lambda got: not got.failure),
        8: (responds(OK + b"Content-Length: 300000\r\n\r\n" + b"z" * 300_000), lambda got: got.body_size == 300_000),
    }

    async def main(bench: Bench) -> None:
        for port, (talk, fits) in body.items():
            async with stream(HERE6, port, talk, tls=context):
                got = await visit_https(bench.net, bench.rec, get(port, scheme="https"))
            assert fits(got), (port, got.failure, got.status, got.body_size)
        assert all(list(done.chain) == chain for done in bench.rec.steps[::2] if isinstance(done, TlsHandshake))

    inside(main)


ANSWERS = {
    "length": OK + b"Content-Length: 6\r\n\r\nhello\n",
    "more than its length": OK + b"Content-Length: 2\r\n\r\nhello\n",
    "no length": OK + b"\r\nto the end",
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n\n\r\n0\r\n\r\n",
    "many small chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 40_000 + b"0\r\n\r\n",
    "chunks without an end": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "no chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
    "half": OK + b"Content-Length: 90\r\n\r\nhalf",
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PAGE,
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no content, with a length": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nhello",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 90\r\n\r\n",
    "elsewhere": b"HTTP/1.1 301 Moved\r\nLocation: https://b.example.vn/\r\nContent-Length: 0\r\n\r\n",
    "compressed": OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 10_000),
    "half a head": OK + b"Content-Le",
    "two lengths": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a long line": OK + b"X: " + b"y" * 20_000 + b"\r\n\r\n",
    "no HTTP": b"220 mail.example.vn ESMTP\r\n",
    "no letters": b"HTTP/1.1 200 \xff\r\nX: \xff\r\n\r\n\xff",
}


def test_an_answer_inside_tls_is_read_as_one_outside(tmp_path: Path) -> None:
    """The page outside TLS is read by aiohttp's complete client."""
    context, _ = server_context(tmp_path)

    async def main(bench: Bench) -> None:
        for number, (name, answer) in enumerate(ANSWERS.items(), 1_000):
            async with stream(HERE6, number, responds(answer)):
                outside = await pages(bench.net).http(bench.rec, get(number))
            async with stream(HERE6, number, responds(answer), tls=context):
                inside = await visit_https(bench.net, bench.rec, get(number, scheme="https"))
            # Inside TLS the kernel cuts the answer into other segments.
            same = replace(outside, url=inside.url, t0=inside.t0, t=inside.t, full_segment=inside.full_segment)
            assert inside == same, name

    inside(main, how=lambda: setting(PATIENT))


def test_pages_are_asked_for_as_browsers_do() -> None:
    """Some sites show a page, or redirect to HTTPS, only for requests with a browser's headers."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        browser = b"\r\nupgrade-insecure-requests: 1\r\n" in head and b"\r\naccept: text/html," in head
        onward = b"HTTP/1.1 301 Moved\r\nLocation: https://www.example.vn/\r\nContent-Length: 0\r\n\r\n"
        writer.write(onward if browser else PAGE)
        await writer.drain()

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 80, talk):
            got = await pages(bench.net).http(bench.rec, get(80))
        assert (got.status, got.location) == (301, "https://www.example.vn/")

    inside(main, how=lambda: setting(PATIENT))


async def _page(bench: Bench) -> None:
    await pages(bench.net).http(bench.rec, get(82))


async def _page_over_tls(bench: Bench) -> None:
    await visit_https(bench.net, bench.rec, get(82, scheme="https"))


async def _policy(bench: Bench) -> None:
    await fetch_policy(bench.net, bench.rec, at(HERE6, 82, "www.example.vn"), "https://www.example.vn:82/policy")


@pytest.mark.parametrize("ask", [_page, _page_over_tls, _policy])
def test_silent_hosts_hold_up_no_other(ask: Callable[[Bench], Coroutine[Any, Any, None]]) -> None:
    """As many requests as may run at once wait for silent addresses when another host is asked for its page."""

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 80, responds(PAGE)), asyncio.TaskGroup() as group:
            silent = [group.create_task(ask(bench)) for _ in range(FETCHES)]
            for _ in range(20):
                await asyncio.sleep(0)
            assert bench.net.shared(open_fetcher).slots.is_full
            async with asyncio.timeout(10):
                page = await pages(bench.net).http(bench.rec, get(80))
            assert page.status == 200
            assert not any(task.done() for task in silent)
            for task in silent:
                task.cancel()

    inside(main, rules("tcp dport 82 drop"), lambda: setting(replace(PATIENT, tcp_connect=30.0)))


def test_a_policy_stands_with_the_certificate_of_its_connection(tmp_path: Path) -> None:
    context, chain = server_context(tmp_path)
    server = Counted(responds(OK + b"Content-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"))

    async def main(bench: Bench) -> None:
        async with stream(HERE6, 443, server, tls=context):
            endpoint = at(HERE6, 443, "mta-sts.example.vn")
            got = await fetch_policy(
                bench.net, bench.rec, endpoint, "https://mta-sts.example.vn/.well-known/mta-sts.txt"
            )
        assert (got.failure, got.status, got.content_type, got.body) == (None, 200, "text/plain", b"hello\n")
        assert (list(got.chain), server.times, recorded(bench)) == (chain, 1, [PolicyFetch])

    inside(main, how=lambda: setting(PATIENT))
