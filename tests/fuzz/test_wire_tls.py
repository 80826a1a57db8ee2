"""The TLS readers take any bytes, in any pieces, and raise nothing but their own error."""

from contextlib import suppress
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.tls import ssl2
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import FlightReader
from probes.wire.tls.hello import HelloOffer, client_hello, message, records
from probes.wire.tls.numbers import VERSIONS
from probes.wire.tls.session13 import Session13
from probes.wire.tls.suites import by_code

WHOLE = records(message(2, bytes.fromhex("0303") + bytes(32) + bytes.fromhex("00c02f00000500170000ff"))) + records(
    message(11, b"\0\0\0") + message(12, bytes.fromhex("03001d04aabbccdd08040001ff")) + message(14, b"")
)
SHARE = bytes.fromhex("00330024001d0020") + bytes(31) + b"\x09"
DHE = records(
    message(2, bytes.fromhex("0301") + bytes(32) + bytes.fromhex("00003300")) + message(12, b"\0\1p\0\1g\0\1y")
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def read(parts: list[bytes]) -> FlightReader:
    reader = FlightReader()
    with suppress(TlsWireError):
        for part in parts:
            reader.feed(part)
    return reader


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    read(pieces(data, cuts))


@given(st.sampled_from([20, 21, 22]), st.binary(max_size=300))
def test_any_record(kind: int, body: bytes) -> None:
    read([records(body, kind=kind)])


@given(st.sampled_from([2, 11, 12, 13, 14, 77]), st.binary(max_size=200))
def test_any_message_behind_a_hello(kind: int, body: bytes) -> None:
    for start in (WHOLE[: WHOLE.index(b"\x16", 1)], DHE[: 5 + 42]):
        read([start, records(message(kind, body))])


@given(
    st.sampled_from([WHOLE, DHE]),
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=4),
    st.lists(st.integers(0, 400), max_size=5),
)
def test_a_changed_flight(whole: bytes, at: int, change: bytes, cuts: list[int]) -> None:
    at %= len(whole)
    read(pieces(whole[:at] + change + whole[at + len(change) :], cuts))


@given(st.sampled_from([WHOLE, DHE]), st.lists(st.integers(0, 400), max_size=8))
def test_pieces_make_no_difference(whole: bytes, cuts: list[int]) -> None:
    assert read(pieces(whole, cuts)).flight == read([whole]).flight


@given(st.binary(max_size=200))
def test_any_answer_to_ssl2(data: bytes) -> None:
    for wire in (data, (0x8000 | len(data)).to_bytes(2) + data, (0x8000 | len(data) + 1).to_bytes(2) + b"\x04" + data):
        with suppress(TlsWireError):
            ssl2.server_hello(wire)


@given(
    st.builds(
        HelloOffer,
        version=st.sampled_from([code for code in VERSIONS if code >= 0x300]),
        suites=st.lists(st.integers(0, 0xFFFF), max_size=200).map(tuple),
        server_name=st.none() | st.text(max_size=60),
        groups=st.lists(st.integers(0, 0x10000), max_size=40).map(tuple),
        signatures=st.lists(st.sampled_from([0x0403, 0x0804]), max_size=4).map(tuple),
        compressions=st.lists(st.integers(0, 256), max_size=4).map(tuple),
        alpn=st.lists(st.text(max_size=300), max_size=3).map(tuple),
        key_shares=st.none()
        | st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=64)), max_size=3).map(tuple),
        renegotiation=st.none() | st.binary(max_size=300),
    )
)
def test_any_offer_is_written_or_refused(offer: HelloOffer) -> None:
    with suppress(TlsWireError):
        wire = client_hello(offer, random=bytes(32))
        assert int.from_bytes(wire[1:4]) == len(wire) - 4


@given(st.binary(max_size=300), st.sampled_from([20, 21, 22, 23]), st.lists(st.integers(0, 400), max_size=4))
def test_any_bytes_to_a_session(data: bytes, kind: int, cuts: list[int]) -> None:
    hello = records(message(2, bytes.fromhex("0303") + bytes(32) + bytes.fromhex("00130100002e002b00020304") + SHARE))
    for start in (b"", hello):
        session = Session13("www.example.vn")
        with suppress(TlsWireError):
            for part in pieces(start + records(data, kind=kind), cuts):
                session.feed(part)


@given(st.sampled_from(sorted(by_code())))
def test_every_suite_says_what_it_is(code: int) -> None:
    suite = by_code()[code]
    assert isinstance(suite.forward_secret and suite.mac, str | bool)
