"""The key schedule by the vectors of RFC 8448 §3; whole sessions are held against nginx in tests/integration."""

import hashlib
import hmac

import pytest

from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.hello import message, records
from probes.wire.tls.numbers import ALERT
from probes.wire.tls.session13 import Session13, expand

EARLY = bytes.fromhex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
DERIVED = "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
SERVER = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")


def test_secrets_and_keys_are_those_of_the_vectors() -> None:
    assert hmac.digest(bytes(32), bytes(32), "sha256") == EARLY
    assert expand(hashlib.sha256, EARLY, "derived", hashlib.sha256().digest(), 32).hex() == DERIVED
    assert expand(hashlib.sha256, SERVER, "key", b"", 16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert expand(hashlib.sha256, SERVER, "iv", b"", 12).hex() == "5d313eb2671276ee13000b30"


def test_an_alert_ends_it() -> None:
    session = Session13("www.example.vn")
    assert session.feed(records(b"\x02\x28", kind=ALERT)) == b""
    assert (session.done, session.agreed, session.early_data) == (True, False, None)


@pytest.mark.parametrize(
    "body",
    [
        message(11, b""),
        message(2, bytes.fromhex("0303") + bytes(32) + bytes.fromhex("00c02f00")),
        message(2, bytes.fromhex("0303") + bytes(32) + bytes.fromhex("001301000006002b00020304")),
    ],
)
def test_what_is_no_session_is_a_wire_error(body: bytes) -> None:
    with pytest.raises(TlsWireError):
        Session13(None).feed(records(body))
