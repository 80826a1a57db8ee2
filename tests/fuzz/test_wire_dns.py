"""The DNS wire reader against arbitrary bytes, and against dnspython on messages that both can read."""

import contextlib
import struct

import dns.exception
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from hypothesis import example, given
from hypothesis import strategies as st

from probes.net.dns.classify import read, read_recursive
from probes.net.dns.datagrams import matches
from probes.wire.dns import rdata, svcb
from probes.wire.dns.messages import DnsMessage, parse, query
from probes.wire.dns.names import DnsWireError, encode_name, read_name
from probes.wire.path import icmp

LABEL = st.binary(min_size=1, max_size=63)
NAME = st.lists(LABEL, max_size=6).filter(lambda labels: sum(map(len, labels)) + len(labels) < 255)


def whole(labels: list[bytes]) -> bytes:
    """Return a name in wire format, as dnspython writes it."""
    wire = dns.name.Name([*labels, b""]).to_wire()
    assert wire is not None
    return wire


HEADER = st.tuples(*[st.integers(0, 65535)] * 2, *[st.integers(0, 4)] * 4).map(lambda f: struct.pack("!HHHHHH", *f))
POINTER = st.integers(0, 80).map(lambda at: struct.pack("!H", 0xC000 | at))
WIRE_NAME = st.one_of(NAME.map(whole), POINTER)
TYPE = st.sampled_from([1, 2, 5, 6, 12, 15, 16, 28, 39, 41, 43, 46])


@st.composite
def records(draw: st.DrawFn) -> bytes:
    data = draw(st.one_of(st.binary(max_size=40), WIRE_NAME, WIRE_NAME.map(lambda name: b"\0\x0a" + name)))
    fixed = struct.pack("!HHIH", draw(TYPE), draw(st.sampled_from([1, 3])), draw(st.integers(0, 2**32 - 1)), len(data))
    return draw(WIRE_NAME) + fixed + data


MESSAGE = st.builds(
    lambda head, question, rest: head + question + b"\0\x1c\0\1" + b"".join(rest),
    HEADER,
    WIRE_NAME,
    st.lists(records(), max_size=6),
)


def read_all(wire: bytes) -> None:
    """Call everything that the project does with a message."""
    message = parse(wire)
    for record in (*message.answer(), *message.authority(), *message.additional()):
        assert record.owner == "." or record.owner.isascii()
        assert record.owner.isprintable()
        with contextlib.suppress(DnsWireError):
            assert rdata.text(message, record).isprintable()
        if record.type == rdata.OPT:
            with contextlib.suppress(DnsWireError):
                rdata.opt(message, record)
    read_recursive(message, qname="www.example.vn", qtype=28)
    for zone, qname in ((".", "vn"), ("vn", "www.example.vn")):
        read(message, zone=zone, qname=qname, qtype=28)


@given(st.one_of(st.binary(max_size=600), MESSAGE, MESSAGE.map(lambda wire: wire[: len(wire) * 2 // 3])))
@example(b"\0\0\x80\0\0\1\0\1\0\0\0\0\xc0\x0c\0\1\0\1")
def test_nothing_but_wire_errors(wire: bytes) -> None:
    with contextlib.suppress(DnsWireError):
        read_all(wire)
    if len(wire) >= 12:
        with contextlib.suppress(DnsWireError):
            DnsMessage(wire).extended_rcode()
        assert matches(wire, query("www.example.vn", "AAAA")) in (True, False)


@given(MESSAGE)
def test_what_dnspython_reads_we_read_the_same(wire: bytes) -> None:
    try:
        theirs = dns.message.from_wire(wire, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, struct.error):
        return
    if theirs.opcode() == 5:  # dynamic updates have sections of another kind
        return
    ours = parse(wire)
    assert ours.id == theirs.id
    assert (ours.aa, ours.tc, ours.rd, ours.ra) == tuple(
        bool(theirs.flags & bit) for bit in (0x400, 0x200, 0x100, 0x80)
    )
    for mine, other in ((ours.answer(), theirs.answer), (ours.authority(), theirs.authority)):
        assert [(r.owner, r.type, r.rclass) for r in mine if r.type != 41] == [
            (read_name(whole(list(o.name.labels[:-1])), 0)[0], o.rdtype, o.rdclass) for o in other if o.rdtype != 41
        ]


@given(NAME)
def test_names_survive_the_round_trip(labels: list[bytes]) -> None:
    wire = whole(labels)
    text, end = read_name(wire, 0)
    assert end == len(wire)
    assert encode_name(text) == b"".join(bytes((len(label),)) + label.lower() for label in labels) + b"\0"


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_a_wire_error(text: str) -> None:
    with contextlib.suppress(DnsWireError):
        read_name(encode_name(text), 0)


@given(st.sampled_from([4, 6]), st.binary(max_size=80), st.binary(max_size=200))
def test_icmp_is_a_reply_or_an_error_or_nothing(version: int, told: bytes, data: bytes) -> None:
    icmp.report(version, told, data)
    icmp.EchoRequests(version, bytes(8)).number_in(data)


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda data: b"\0\1\0\0\6" + len(data).to_bytes(2) + data))
def test_https_records_are_read_or_refused(data: bytes) -> None:
    """Any rdata, much of it with an ipv6hint of any length."""
    binding = svcb.read(f"\\# {len(data)} {data.hex()}")
    if binding is not None:
        assert 0 <= binding.port <= 65_535
        assert len(binding.hints) <= svcb.HINTS_LIMIT
        assert binding.host("a.vn") is not None or binding.is_alias


@given(st.text(max_size=60))
def test_what_is_no_record_is_none(text: str) -> None:
    svcb.read(text)
