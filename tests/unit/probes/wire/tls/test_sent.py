"""Tests the data sent beside a certificate in TLS 1.2 and 1.3, and the refusal of truncated data."""

import pytest

from probes.wire.tls import sent
from probes.wire.tls.errors import TlsWireError

LEAF, ABOVE = b"leaf", b"above"


def vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data


def entry(certificate: bytes, *extensions: tuple[int, bytes]) -> bytes:
    listed = b"".join(code.to_bytes(2) + vector(data, 2) for code, data in extensions)
    return vector(certificate, 3) + vector(listed, 2)


STATUS = b"\x01" + vector(b"response", 3)


def test_of_tls13_reads_what_comes_with_the_leaf() -> None:
    body = vector(b"", 1) + vector(entry(LEAF, (5, STATUS), (18, b"stamps")) + entry(ABOVE, (18, b"other")), 3)
    assert sent.of_tls13(body) == sent.SentParts(chain=(LEAF, ABOVE), ocsp=b"response", timestamps=b"stamps")


def test_of_tls13_without_extensions_is_a_chain_alone() -> None:
    assert sent.of_tls13(vector(b"", 1) + vector(entry(LEAF), 3)) == sent.SentParts(chain=(LEAF,))


def test_of_tls12_reads_a_chain_and_a_status() -> None:
    assert sent.of_tls12(vector(vector(LEAF, 3) + vector(ABOVE, 3), 3)) == (LEAF, ABOVE)
    assert sent.of_status(STATUS) == b"response"


@pytest.mark.parametrize("body", [b"", b"\0\0\0\x05ab", b"\0" + vector(vector(LEAF, 3), 3)])
def test_of_tls13_that_ends_too_early_is_refused(body: bytes) -> None:
    with pytest.raises(TlsWireError):
        sent.of_tls13(body)


def test_of_status_of_another_kind_is_refused() -> None:
    with pytest.raises(TlsWireError):
        sent.of_status(b"\x02" + vector(b"response", 3))
