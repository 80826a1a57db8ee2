"""Tests the hello of SSL 2.0 and the reading of its answer."""

import struct

import pytest

from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.ssl2 import KINDS, Ssl2Hello, client_hello, server_hello


def answer(kinds: bytes, *, certificate: bytes = b"cert", version: int = 2, claimed: int | None = None) -> bytes:
    sizes = (len(certificate), len(kinds) if claimed is None else claimed, 16)
    body = struct.pack("!BBBHHHH", 4, 0, 1, version, *sizes) + certificate + kinds + b"c" * 16
    return (0x8000 | len(body)).to_bytes(2) + body


def test_the_hello_offers_every_kind() -> None:
    wire = client_hello(b"c" * 16)
    assert wire[:5].hex() == "802e010002"
    assert len(wire) == 2 + 9 + 3 * len(KINDS) + 16


def test_an_answer_may_come_in_pieces() -> None:
    wire = answer(bytes.fromhex("0700c00100800abcde"))
    assert all(server_hello(wire[:size]) is None for size in range(len(wire)))
    assert server_hello(wire) == Ssl2Hello(("SSL_CK_DES_192_EDE3_CBC_WITH_MD5", "SSL_CK_RC4_128_WITH_MD5", "0x0ABCDE"))


def test_no_kinds_at_all_is_an_answer() -> None:
    assert server_hello(answer(b"")) == Ssl2Hello(())


@pytest.mark.parametrize(
    "wire",
    [
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"\x80\x03\x00",
        b"\x80\x20\x00",
        answer(b"", version=3),
        answer(b"xx"),
        answer(b"", claimed=300),
    ],
)
def test_anything_else_is_a_wire_error(wire: bytes) -> None:
    with pytest.raises(TlsWireError):
        server_hello(wire)
