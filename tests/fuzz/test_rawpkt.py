"""Both ends of the crafted-packet program's pipe, and its reader of packets, raise nothing at any bytes."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net.raw import answers
from probes.rawpkt import advertisements, replies, requests
from probes.wire.exposure import teredo
from probes.wire.path import arrivals

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "id",
    "do",
    "to",
    "protocol",
    "port",
    "hops",
    "tries",
    "wait",
    "interval",
    "host",
    "tls",
    "path",
    "mtu",
    "form",
    "interface",
    "ready",
    "why",
    "detail",
    "refused",
    "result",
    "source",
    "probes",
    "segments",
    "answer",
    "from",
    "rtt",
    "type",
    "code",
    "payload",
    "copies",
    "sent",
    "receivers",
    "routers",
    "servers",
    "mac",
    "prefixes",
    "prefix",
    "lifetime",
    "rdnss",
    "dns",
    "duid",
)
VALUES = JSON | st.sampled_from(["trace", "pmtud", "packet", "2001:db8::1", "udp", "fragments", 1, 0.5, True])
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES | st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES)))


@given(OBJECTS | JSON)
def test_requests_are_read_or_refused(loaded: object) -> None:
    line = json.dumps(loaded).encode()
    for read in (requests.read, requests.read_scope):
        with suppress(requests.Malformed):
            read(line)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_request(line: bytes) -> None:
    with suppress(requests.Malformed):
        requests.read(line)
    assert requests.id_of(line) is None or isinstance(requests.id_of(line), int)


@given(OBJECTS | JSON)
def test_answers_are_read_or_refused(loaded: object) -> None:
    line = json.dumps(loaded).encode()
    for read in (answers.ready, answers.answer):
        with suppress(answers.RawpktError):
            read(line)
    if isinstance(loaded, dict):
        for take in (answers.traced, answers.exchanged, answers.flowed, answers.lan_report, answers.forged):
            with suppress(answers.RawpktError):
                take(loaded)


@given(st.sampled_from([4, 6]), st.binary(max_size=400))
def test_packets_from_strangers(version: int, data: bytes) -> None:
    replies.icmp(version, data)
    replies.segment(version, data)


@given(st.binary(max_size=30), st.binary(max_size=200), st.integers(0, 65_535))
def test_what_a_flow_listener_hears(before: bytes, rest: bytes, length: int) -> None:
    here, there = bytes(16), bytes([0x20, 1, *bytes(14)])
    head = bytes([0x60, 0, 0, 0]) + length.to_bytes(2) + b"\x06\x40"
    data = before + head + there + here + bytes([0, 80, 0, 90]) + rest
    for packet in replies.flow(data, (there, 80), (here, 90)):
        assert 60 < packet.size <= 40 + len(rest) + 4


HEADS = st.builds(
    lambda protocol, source: bytes([0x60, 0, 0, 0, 0, 200, protocol, 255]) + source + bytes(16),
    st.sampled_from([0, 17, 43, 58, 60]),
    st.sampled_from([bytes([0xFE, 0x80, *bytes(14)]), bytes(16)]),
)
BODIES = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from([b"", b"\x86\0", b"\0\0\2\x22\0\0\0\0\2", b"\x3a\0" + bytes(6) + b"\x86\0"]),
    st.binary(max_size=120),
)


@given(HEADS, BODIES)
def test_what_stands_on_a_link(head: bytes, body: bytes) -> None:
    pair = advertisements.read(head + body)
    assert pair is None or pair[0] in ("router", "server")


@given(st.binary(max_size=120))
def test_what_teredo_servers_send(data: bytes) -> None:
    teredo.is_advertisement(data)


@given(
    st.binary(max_size=300), st.sampled_from([b"", arrivals.answer(bytes(16), ())[:-1], arrivals.question(bytes(16))])
)
def test_what_receivers_and_strangers_send(data: bytes, start: bytes) -> None:
    with suppress(arrivals.ArrivalsError):
        arrivals.read_answer(start + data, bytes(16))
    arrivals.read_mark(start + data)
    arrivals.read_question(start + data)


@given(st.binary(max_size=120))
def test_errors_that_quote_anything(quoted: bytes) -> None:
    message = replies.icmp(6, b"\3\0\0\0\0\0\0\0" + quoted)
    assert message is not None


@pytest.mark.parametrize("line", [b'{"id":1,"refused":"scope","result":{}}', b'{"id":1}', b'{"id":true,"result":{}}'])
def test_an_answer_is_a_result_or_a_refusal(line: bytes) -> None:
    with pytest.raises(answers.RawpktError):
        answers.answer(line)
