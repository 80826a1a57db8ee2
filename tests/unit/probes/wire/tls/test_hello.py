"""Tests hellos byte by byte where the RFCs define the bytes."""

import pytest

from probes.wire.tls.cursor import Cursor
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import extensions_of
from probes.wire.tls.hello import HelloOffer, client_hello, hello_record, message, records
from probes.wire.tls.numbers import SSL3, TLS10, TLS11, TLS12, TLS13
from probes.wire.tls.sent import ASKED

RANDOM = bytes(range(32))


def test_the_smallest_hello_is_that_of_ssl3() -> None:
    wire = hello_record(HelloOffer(version=SSL3, suites=(0x0005,), server_name="ignored.example"), random=RANDOM)
    body = "0300" + RANDOM.hex() + "00" + "0002" + "0005" + "01" + "00"
    assert wire.hex() == "160300002d" + "01000029" + body


def test_extensions_of_tls12() -> None:
    offer = HelloOffer(
        version=TLS12, suites=(0xC02F,), server_name="a.vn", groups=(29,), signatures=(0x0403,), alpn=("h2",)
    )
    hello = client_hello(offer, random=RANDOM)
    extensions = (
        "0000"
        "0009"
        "0007"
        "00"
        "0004"
        + b"a.vn".hex()  # server_name
        + "0017"
        "0000"  # extended_master_secret
         + "000a"
        "0004"
        "0002"
        "001d" + "000b"
        "0002"
        "0100" + "000d"
        "0004"
        "0002"
        "0403" + "ff01"
        "0001"
        "00"  # renegotiation_info
         + "0010"
        "0005"
        "0003"
        "02" + b"h2".hex()
    )
    assert hello.hex().endswith(f"{len(extensions) // 2:04x}" + extensions)
    assert hello[4:6].hex() == "0303"


def test_tls13_hides_behind_the_version_of_tls12() -> None:
    offer = HelloOffer(version=TLS13, suites=(0x1301,), groups=(29,), key_shares=((29, b"x" * 32),))
    wire = hello_record(offer, random=RANDOM, session_id=b"s" * 32)
    assert wire[1:3].hex() == "0301"
    assert wire[9:11].hex() == "0303"
    assert bytes.fromhex("002b0003020304") in wire
    assert bytes.fromhex("003300260024001d0020") + b"x" * 32 in wire


def test_an_offer_without_key_share_differs_from_an_empty_one() -> None:
    empty = client_hello(HelloOffer(version=TLS13, suites=(0x1301,)), random=RANDOM)
    without = client_hello(HelloOffer(version=TLS13, suites=(0x1301,), key_shares=None), random=RANDOM)
    assert bytes.fromhex("003300020000") in empty
    assert len(empty) - len(without) == 6


def test_long_messages_take_several_records() -> None:
    wire = records(b"x" * 20_000)
    assert wire[:5].hex() == "1603014000"
    assert wire[5 + 16_384 :][:5].hex() == "1603010e20"


@pytest.mark.parametrize(
    "offer",
    [
        HelloOffer(version=TLS12, suites=(0x10000,)),
        HelloOffer(version=TLS12, suites=tuple(range(40_000))),
        HelloOffer(version=TLS12, suites=(1,), compressions=(256,)),
        HelloOffer(version=TLS12, suites=(1,), server_name="đắk-lắk.vn"),
        HelloOffer(version=TLS12, suites=(1,), more=((1, b"x" * 70_000),)),
    ],
)
def test_what_has_no_room_is_refused(offer: HelloOffer) -> None:
    with pytest.raises(TlsWireError):
        client_hello(offer, random=RANDOM)


def test_lengths_are_kept() -> None:
    with pytest.raises(TlsWireError):
        client_hello(HelloOffer(version=TLS12, suites=(1,)), random=b"short")
    with pytest.raises(TlsWireError):
        message(1, b"x" * (1 << 24))


@pytest.mark.parametrize("version", [SSL3, TLS12, TLS13])
def test_client_hello_is_never_of_a_length_at_which_load_balancers_hang(version: int) -> None:
    """RFC 7685 §1: from 256 to 511 bytes with the header of the message."""
    for suites in range(1, 260):
        offer = HelloOffer(version=version, suites=tuple(range(1, suites + 1)), server_name="a.vn", groups=(29,))
        size = len(client_hello(offer, random=RANDOM))
        assert not 256 <= size < 512, suites


@pytest.mark.parametrize("more", [(), ASKED])
@pytest.mark.parametrize("version", [TLS10, TLS12])
def test_the_last_extension_is_never_empty(version: int, more: tuple[tuple[int, bytes], ...]) -> None:
    """WebSphere 7 and older Tomcats take no hello that ends with one."""
    for suites in range(1, 260):
        offer = HelloOffer(
            version=version,
            suites=tuple(range(1, suites + 1)),
            server_name="a.vn",
            groups=(29,),
            session_ticket=True,
            more=more,
        )
        body = Cursor(client_hello(offer, random=RANDOM)[4 + 2 + 32 :])
        body.vector(1), body.vector(2), body.vector(1)
        assert extensions_of(body.vector(2))[-1][1], suites


def test_padding_brings_a_hello_to_512_bytes_at_least() -> None:
    offer = HelloOffer(version=TLS12, suites=tuple(range(100)), server_name="a.vn")
    hello = client_hello(offer, random=RANDOM)
    assert len(hello) == 512
    assert hello.endswith(bytes(100))


def test_older_versions_are_listed_beside_the_version_of_tls12() -> None:
    """GnuTLS denies a hello of TLS 1.1 before it looks at the list."""
    wire = hello_record(HelloOffer(version=TLS11, suites=(0xC013,), groups=(29,), older=(TLS10, SSL3)), random=RANDOM)
    assert wire[9:11].hex() == "0303"
    assert bytes.fromhex("002b000706030203010300") in wire
