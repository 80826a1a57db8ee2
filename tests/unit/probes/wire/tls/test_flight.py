"""Tests the reading of the server's flight from bytes written by hand."""

import struct

import pytest

from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import FLIGHT_LIMIT, Alert, FlightReader, KeyExchange
from probes.wire.tls.hello import message, records
from probes.wire.tls.numbers import ALERT, TLS10, TLS12, TLS13

RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"


def hello(
    suite: int, *, version: int = TLS12, extensions: bytes = b"", compression: int = 0, random: bytes = bytes(32)
) -> bytes:
    tail = struct.pack("!H", len(extensions)) + extensions if extensions else b""
    return message(2, struct.pack("!H", version) + random + b"\0" + struct.pack("!HB", suite, compression) + tail)


def read(*parts: bytes) -> FlightReader:
    reader = FlightReader()
    for part in parts:
        reader.feed(part)
    return reader


def test_a_flight_of_tls12_in_one_piece_and_in_single_bytes() -> None:
    exchange = message(12, b"\x03" + struct.pack("!H", 29) + b"\x20" + b"p" * 32 + struct.pack("!H", 0x0804) + b"\0\0")
    extensions = bytes.fromhex("ff010001000017000000100005000302") + b"h2"
    wire = records(
        hello(0xC02F, extensions=extensions) + message(11, b"\0\0\0") + exchange + message(13, b"") + message(14, b"")
    )
    for reader in (read(wire), read(*(wire[at : at + 1] for at in range(len(wire))))):
        flight = reader.flight
        assert reader.done
        assert flight.hello is not None
        assert (flight.hello.version, flight.hello.suite) == (TLS12, 0xC02F)
        assert flight.hello.secure_renegotiation
        assert flight.hello.extended_master_secret
        assert not flight.hello.heartbeat
        assert flight.hello.alpn == "h2"
        assert flight.key_exchange == KeyExchange(group=29, public=b"p" * 32, signature=0x0804)
        assert flight.certificate_requested


def test_a_prime_is_read_and_before_tls12_no_signature_is_named() -> None:
    body = b"\0\x02\xff\xfb" + b"\0\x01\x02" + b"\0\x02\x12\x34" + b"\0\x04sign"
    flight = read(records(hello(0x0033, version=TLS10) + message(12, body))).flight
    assert flight.key_exchange == KeyExchange(prime=b"\xff\xfb", public=b"\x12\x34")


def test_a_hello_of_tls13_is_the_end_of_what_can_be_read() -> None:
    extensions = bytes.fromhex("002b0002030400330024001d0020") + b"k" * 32
    reader = read(records(hello(0x1301, extensions=extensions)) + b"\x14\x03\x03\x00\x01\x01\x17\x03\x03")
    assert reader.done
    assert reader.flight.hello is not None
    assert (reader.flight.hello.version, reader.flight.hello.group, reader.flight.hello.retry) == (TLS13, 29, False)


def test_a_retry_names_the_group() -> None:
    extensions = bytes.fromhex("002b00020304003300020018")
    server_hello = read(records(hello(0x1302, extensions=extensions, random=bytes.fromhex(RETRY)))).flight.hello
    assert server_hello is not None
    assert (server_hello.retry, server_hello.group) == (True, 24)


def test_alerts_end_it_and_warnings_about_names_do_not() -> None:
    refused = read(records(b"\x02\x28", kind=ALERT))
    assert (refused.done, refused.flight.alert) == (True, Alert(2, 40))
    warned = read(records(b"\x01\x70", kind=ALERT))
    assert not warned.done
    warned.feed(records(hello(0x0005)))
    assert warned.flight.hello is not None


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x16\x03\x01\x00\x00",
        b"\x16\x03\x01\xff\xff",
        records(b"\x02", kind=ALERT),
        records(message(11, b"")),
        records(message(2, b"\x03\x03")),
        records(message(2, b"\x01\x03" + bytes(40))),
        records(hello(0xC02F, extensions=b"\0\x17\0")),
        records(hello(0xC02F) + message(12, b"\x03\0")),
        records(b"\x0b\xff\xff\xff"),
    ],
)
def test_what_is_no_tls_is_a_wire_error(wire: bytes) -> None:
    with pytest.raises(TlsWireError):
        read(wire)


def test_a_broken_key_exchange_does_not_take_the_hello_away() -> None:
    reader = FlightReader()
    with pytest.raises(TlsWireError):
        reader.feed(records(hello(0xC02F) + message(12, b"\x03\0")))
    assert reader.flight.hello is not None


def test_a_flight_without_end_is_cut() -> None:
    reader = FlightReader()
    gestures = b"\x14\x03\x01\x00\x01\x01" * (FLIGHT_LIMIT // 6)
    reader.feed(gestures)
    with pytest.raises(TlsWireError):
        reader.feed(gestures)
