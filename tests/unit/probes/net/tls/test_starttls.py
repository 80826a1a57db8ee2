"""Tests the exchange before TLS with scripted servers at the other end of a socket pair."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.tls.starttls import PROLOGUES


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    with ours, theirs:
        yield ours, theirs


async def converse(ends: tuple[socket.socket, socket.socket], protocol: str, *answers: bytes) -> bytes:
    """Return the bytes that we sent to a server that greets and then answers each line."""
    ours, theirs = ends
    loop, heard = asyncio.get_running_loop(), b""

    async def serve() -> None:
        nonlocal heard
        for number, answer in enumerate(answers):
            if number:
                heard += await loop.sock_recv(theirs, 1_000)
            await loop.sock_sendall(theirs, answer)
        theirs.shutdown(socket.SHUT_WR)

    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        group.create_task(serve())
        await PROLOGUES[protocol](ours)
    return heard


async def test_https_says_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    assert await converse(ends, "https") == b""


async def test_smtp_greets_before_starttls(ends: tuple[socket.socket, socket.socket]) -> None:
    answers = (b"220-mx\r\n220 ready\r\n", b"250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n", b"220 go\r\n")
    assert await converse(ends, "smtp", *answers) == b"EHLO auditor.invalid\r\nSTARTTLS\r\n"


async def test_a_greeting_that_a_firewall_has_blotted_out(ends: tuple[socket.socket, socket.socket]) -> None:
    answers = (b"220*****0*2****\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n")
    assert await converse(ends, "smtp", *answers) == b"EHLO auditor.invalid\r\nSTARTTLS\r\n"


async def test_imap_asks_for_starttls_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    assert await converse(ends, "imap", b"* OK ready\r\n", b"* CAPABILITY\r\na OK go\r\n") == b"a STARTTLS\r\n"


async def test_pop3_asks_for_stls_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    assert await converse(ends, "pop3", b"+OK ready\r\n", b"+OK go\r\n") == b"STLS\r\n"


@pytest.mark.parametrize(
    ("protocol", "answers"),
    [
        ("smtp", (b"554 no\r\n",)),
        ("smtp", (b"220 hi\r\n", b"250 mx\r\n", b"502 unknown\r\n")),
        ("imap", (b"* OK\r\n", b"a BAD unknown\r\n")),
        ("pop3", (b"+OK\r\n", b"-ERR\r\n")),
        ("smtp", (b"220-x\r\n" * 200,)),
    ],
)
async def test_who_does_not_go_along(
    ends: tuple[socket.socket, socket.socket], protocol: str, answers: tuple[bytes, ...]
) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await converse(ends, protocol, *answers)
    problem = caught.value.exceptions[0]
    assert isinstance(problem, faults.Fault)
    assert problem.failure.kind is FailureKind.PROTOCOL


async def test_a_server_that_goes_away(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await converse(ends, "pop3", b"+O")
    assert isinstance(caught.value.exceptions[0], EOFError)


CONSENT = bytes.fromhex("300c02010178070a010004000400")


async def test_ldap_asks_for_starttls_and_goes_on_after_consent(ends: tuple[socket.socket, socket.socket]) -> None:
    heard = await converse(ends, "ldap", b"", CONSENT)
    assert heard == b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"


@pytest.mark.parametrize(
    "answer",
    [
        bytes.fromhex("300c02010178070a010204000400"),  # protocolError
        bytes.fromhex("300c02010161070a010004000400"),  # the answer to another request
        b"HTTP/1.1 400 Bad Request\r\n" + bytes(80),
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80",
    ],
)
async def test_ldap_that_does_not_consent_is_a_fault(ends: tuple[socket.socket, socket.socket], answer: bytes) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await converse(ends, "ldap", b"", answer)
    problem = caught.value.exceptions[0]
    assert isinstance(problem, faults.Fault)
    assert problem.failure.kind is FailureKind.PROTOCOL


async def test_ldap_reads_lengths_in_their_long_form(ends: tuple[socket.socket, socket.socket]) -> None:
    await converse(ends, "ldap", b"", bytes.fromhex("3084000000100201017884000000070a010004000400"))
