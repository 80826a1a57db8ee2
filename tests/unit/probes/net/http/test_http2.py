"""Tests that a body of HTTP/2 ends exactly where the server says so."""

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.http.http2 import Exchange2
from probes.net.http.over_tls import Exchange, Http2Error
from probes.observations.web import NOT_HTTP

SETTINGS = bytes.fromhex("000000040000000000")
OK = bytes.fromhex("00000101040000000188")
"""The head of an answer: nothing but status 200, which is one byte of HPACK's static table."""


def data(content: bytes, *, last: bool = False) -> bytes:
    """Return a DATA frame of the first stream."""
    return len(content).to_bytes(3) + bytes([0, last]) + (1).to_bytes(4) + content


class Scripted:
    """Simulates a connection that delivers its parts one after the other."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = list(parts)

    async def send(self, data: bytes) -> None:
        """Accept anything."""

    async def more(self) -> bytes:
        return self._parts.pop(0) if self._parts else b""

    def close(self) -> None:
        """Do nothing, since nothing is open."""

    def got_full_segment(self) -> bool:
        return False


async def body(*parts: bytes) -> bytes:
    exchange = Exchange2(Scripted(*parts))
    await exchange.ask([(":method", "GET"), (":scheme", "https"), (":authority", "a.gov.vn"), (":path", "/")])
    assert exchange.head.status == 200
    read = b""
    while part := await exchange.part():
        read += part
    return read


async def test_part_of_an_empty_frame_in_the_midst_is_no_end() -> None:
    """RFC 9113 §6.1 allows empty frames: servers flush before they have content."""
    assert await body(SETTINGS + OK + data(b"one, ") + data(b""), data(b"two", last=True)) == b"one, two"


async def test_part_of_an_empty_frame_at_the_end_is_the_end() -> None:
    assert await body(SETTINGS + OK, data(b"all"), data(b"", last=True)) == b"all"


async def test_http2_that_nobody_asked_for_is_the_server_s_fault_where_it_cannot_be_asked_again() -> None:
    """The exchange cannot be retried in cleartext, nor a second time inside TLS."""
    with pytest.raises(Http2Error) as caught:
        await Exchange(Scripted(SETTINGS)).ask(b"GET / HTTP/1.1\r\n\r\n")
    told = faults.from_exception(caught.value)
    assert (told.kind, told.detail.startswith(NOT_HTTP)) == (FailureKind.PROTOCOL, True)
