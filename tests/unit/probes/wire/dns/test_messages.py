"""The wire walk against messages made by hand; dnspython is the oracle in tests/fuzz."""

import struct

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from probes.wire.dns.messages import RCODES, TYPES, DnsMessage, declines, parse, query, type_name, type_number
from probes.wire.dns.names import DnsWireError, encode_name, read_name


def response(*records: str, rcode: int = 0, section: str = "answer", edns: bool = False) -> bytes:
    asked = dns.message.make_query("www.example.vn", "AAAA", use_edns=0 if edns else -1)
    message = dns.message.make_response(asked)
    message.set_rcode(dns.rcode.Rcode(rcode))
    for record in records:
        owner, rtype, data = record.split(maxsplit=2)
        getattr(message, section).append(dns.rrset.from_text(owner, 300, "IN", rtype, data))
    return message.to_wire()


def header(questions: int = 0, answers: int = 0, flags: int = 0x8000) -> bytes:
    return struct.pack("!HHHHHH", 7, flags, questions, answers, 0, 0)


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        (".", b"\0"),
        ("vn", b"\x02vn\0"),
        ("www.example.vn", b"\x03www\x07example\x02vn\0"),
        ("www.example.vn.", b"\x03www\x07example\x02vn\0"),
        ("a\\046b.vn", b"\x03a.b\x02vn\0"),
        ("a\\.b.vn", b"\x03a.b\x02vn\0"),
        ("\\000\\255.vn", b"\x02\x00\xff\x02vn\0"),
        ("_dmarc.x", b"\x06_dmarc\x01x\0"),
        ("a\\\\.vn", b"\x02a\\\x02vn\0"),
    ],
)
def test_names_go_to_the_wire(text: str, wire: bytes) -> None:
    assert encode_name(text) == wire


@pytest.mark.parametrize(
    "text",
    ["", "a..b", ".a", "a" * 64 + ".vn", ".".join(["a" * 60] * 5), "tỉnh.vn", "a\\", "a\\256.vn", "\\ă.vn", "a.."],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(DnsWireError):
        encode_name(text)


@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b"\0", "."),
        (b"\x03WwW\x02VN\0", "www.vn"),
        (b"\x03a.b\x02vn\0", "a\\046b.vn"),
        (b"\x05a\x1b[2J\x02vn\0", "a\\027[2j.vn"),
        (b'\x04\\"$@\x02vn\0', "\\092\\034\\036\\064.vn"),
        (b"\x02\xc3\xa9\x02vn\0", "\\195\\169.vn"),
        (b"\x01*\x02vn\0", "*.vn"),
    ],
)
def test_names_come_out_plain(wire: bytes, text: str) -> None:
    assert read_name(wire, 0) == (text, len(wire))
    assert encode_name(text) == wire.lower()


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\x03ab",
        b"\x01a",
        b"\xc0",
        b"\xc0\x00",  # points at itself
        b"\xc0\x02\xc0\x00",  # forward, then back
        b"\x41a\0",
        b"\x81a\0",
        b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + b"\0",  # 257 bytes
    ],
)
def test_broken_names(wire: bytes) -> None:
    with pytest.raises(DnsWireError):
        read_name(wire, 0)


def test_a_name_of_255_bytes_is_one() -> None:
    wire = b"\x3f" + b"a" * 63 + (b"\x3f" + b"b" * 63) * 2 + b"\x3d" + b"c" * 61 + b"\0"
    assert len(wire) == 255
    assert read_name(wire, 0)[1] == 255


def test_a_long_chain_of_pointers_is_refused_quickly() -> None:
    wire = b"\x01a\0" + b"".join(struct.pack("!H", 0xC000 | max(0, at - 2)) for at in range(3, 4001, 2))
    with pytest.raises(DnsWireError):
        read_name(wire, len(wire) - 2)


def test_a_query_is_what_dnspython_reads() -> None:
    wire = query("www.Example.vn", "AAAA", recursion_desired=True, dnssec_ok=True, edns_size=1232)
    message = dns.message.from_wire(wire)
    assert str(message.question[0]) == "www.Example.vn. IN AAAA"
    assert message.flags == 0x0100
    assert (message.payload, message.ednsflags, message.edns) == (1232, 0x8000, 0)
    assert query("vn", "NS") == b"\0\0\0\0\0\1\0\0\0\0\0\0\x02vn\0\0\2\0\1"


def test_the_header() -> None:
    message = DnsMessage(response(rcode=3))
    assert message.is_response
    assert (message.opcode, message.rcode, message.question_count) == (0, 3, 1)
    assert not any((message.aa, message.tc, message.ra, message.ad, message.cd))
    everything = DnsMessage(header(flags=0x87B0))
    assert all((everything.aa, everything.tc, everything.rd, everything.ra, everything.ad, everything.cd))


def test_sections_are_walked() -> None:
    message = parse(response("www.example.vn. AAAA 2001:db8::1", "WWW.EXAMPLE.VN. A 192.0.2.1"))
    first, second = message.answer()
    assert (first.owner, first.rtype, first.ttl, message.data(first)[-1]) == ("www.example.vn", "AAAA", 300, 1)
    assert (second.owner, second.rtype) == ("www.example.vn", "A")
    assert message.authority() == ()
    question = message.question()
    assert question is not None
    assert (question.name, question.type, question.qclass) == ("www.example.vn", 28, 1)


def test_the_response_code_reaches_into_opt() -> None:
    message = parse(response(rcode=16, edns=True))
    assert message.rcode == 0
    assert message.extended_rcode() == 16
    assert message.rcode_text == "BADVERS"
    assert parse(response(rcode=5)).rcode_text == "REFUSED"
    assert parse(header(flags=0x800F)).rcode_text == "RCODE15"


def test_every_truncation_of_an_answer_is_an_error() -> None:
    whole = response("www.example.vn. AAAA 2001:db8::1", "www.example.vn. MX 10 mx.example.vn.", edns=True)
    for end in range(len(whole)):
        with pytest.raises(DnsWireError):
            parse(whole[:end])


def test_absurd_counts_end_with_the_message() -> None:
    with pytest.raises(DnsWireError):
        parse(struct.pack("!HHHHHH", 7, 0x8000, 65535, 65535, 65535, 65535) + b"\0" * 5_000)


def test_too_short_and_too_long() -> None:
    for wire in (b"", b"\0" * 11, b"\0" * 65_536):
        with pytest.raises(DnsWireError):
            DnsMessage(wire)


def test_types_by_name_and_number() -> None:
    assert (type_number("AAAA"), type_number("TYPE64"), type_name(28), type_name(4711)) == (28, 64, "AAAA", "TYPE4711")
    for text in ("", "aaaa", "TYPE", "TYPE-1", "TYPE65536", "TYPE²"):
        with pytest.raises(DnsWireError):
            type_number(text)


def test_record_types_and_response_codes_have_the_numbers_that_dnspython_has() -> None:
    assert {name: dns.rdatatype.from_text(name) for name in TYPES} == TYPES
    assert {code: dns.rcode.to_text(dns.rcode.Rcode(code)) for code in RCODES} == RCODES


@pytest.mark.parametrize("rcode", [dns.rcode.NOERROR, dns.rcode.FORMERR, dns.rcode.SERVFAIL, *(3, 4, 5)])
def test_declines_is_true_of_errors_that_may_pass(rcode: int) -> None:
    assert declines(response(rcode=rcode)) is (rcode in (dns.rcode.SERVFAIL, dns.rcode.REFUSED))


@pytest.mark.parametrize("wire", [None, b"", bytes(4)])
def test_declines_is_false_of_what_is_no_message(wire: bytes | None) -> None:
    assert not declines(wire)
