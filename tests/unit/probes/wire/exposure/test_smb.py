"""SMB negotiation: the layouts of [MS-CIFS] and [MS-SMB2], and answers that are none."""

import struct

import pytest

from probes.wire.exposure import smb
from probes.wire.exposure.smb import Negotiated, SmbError


def one(index: int, *, status: int = 0, mode: int = 3) -> bytes:
    return (
        b"\xffSMB\x72" + struct.pack("<I", status) + bytes(23) + b"\x11" + struct.pack("<HB", index, mode) + bytes(31)
    )


def two(dialect: int, *, mode: int = 1, status: int = 0, command: int = 0) -> bytes:
    header = b"\xfeSMB" + struct.pack("<HHIH", 64, 0, status, command) + bytes(50)
    return header + struct.pack("<HHH", 65, mode, dialect) + bytes(58)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (one(0), Negotiated(accepted=True, signing_required=False)),
        (one(0, mode=0x0F), Negotiated(accepted=True, signing_required=True)),
        (one(0xFFFF), Negotiated(accepted=False)),
        (one(0, status=0xC00000BB), Negotiated(accepted=False)),
        (two(0x0302), Negotiated(accepted=True, dialect=0x0302, signing_required=False)),
        (two(0x0210, mode=3), Negotiated(accepted=True, dialect=0x0210, signing_required=True)),
        (two(0, status=0xC00000BB), Negotiated(accepted=False)),
    ],
)
def test_answer_names_what_was_negotiated(message: bytes, said: Negotiated) -> None:
    assert smb.answer(message) == said


@pytest.mark.parametrize("message", [b"", b"HTTP/1.1 400", one(0)[:34], two(0x0302)[:60], two(0x0302, command=5)])
def test_what_is_no_answer(message: bytes) -> None:
    with pytest.raises(SmbError):
        smb.answer(message)


def test_requests_are_as_long_as_they_say() -> None:
    for request in (smb.negotiate1(), smb.negotiate2(bytes(16))):
        assert smb.length(request[:4]) == len(request) - 4
    body = smb.negotiate2(bytes(16))[4 + 64 :]
    assert struct.unpack_from("<HH", body) == (36, 4)
    assert len(body) == 36 + 2 * 4
