"""Record data, decoded from messages that dnspython wrote."""

from ipaddress import IPv4Address, IPv6Address

import dns.edns
import dns.message
import dns.rrset
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.model import IPAddress, written
from probes.wire.dns import rdata
from probes.wire.dns.messages import DnsMessage, DnsWireError, ResourceRecord, parse

_GROUPS = st.lists(st.sampled_from([0, 0, 0, 1, 0xDB8, 0xFFFF]) | st.integers(0, 0xFFFF), min_size=8, max_size=8)
ADDRESSES = st.builds(IPv4Address, st.integers(0, 2**32 - 1)) | st.builds(
    lambda groups: IPv6Address(b"".join(group.to_bytes(2) for group in groups)), _GROUPS
)


def only(rtype: str, data: str) -> tuple[DnsMessage, ResourceRecord]:
    message = dns.message.make_response(dns.message.make_query("example.vn", rtype))
    message.answer.append(dns.rrset.from_text("example.vn.", 60, "IN", rtype, data))
    read = parse(message.to_wire())
    return read, read.answer()[0]


def raw(rtype: int, data: bytes) -> tuple[DnsMessage, ResourceRecord]:
    wire = b"\0\7\x80\0\0\0\0\1\0\0\0\0" + b"\0" + rtype.to_bytes(2) + b"\0\1\0\0\0\x3c" + len(data).to_bytes(2) + data
    read = parse(wire)
    return read, read.answer()[0]


@pytest.mark.parametrize(
    ("rtype", "data", "text"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:db8::1", "2001:db8::1"),
        ("NS", "NS1.example.vn.", "ns1.example.vn"),
        ("CNAME", "www.example.vn.", "www.example.vn"),
        ("DNAME", "example.org.", "example.org"),
        ("PTR", "host.example.vn.", "host.example.vn"),
        ("MX", "10 mx.example.vn.", "10 mx.example.vn"),
        ("MX", "0 .", "0 ."),
        ("SOA", "ns.example.vn. admin.example.vn. 2026 1 2 3 4", "ns.example.vn admin.example.vn 2026 1 2 3 4"),
        ("TXT", '"v=spf1 ip6:2001:db8::/32" " -all"', '"v=spf1 ip6:2001:db8::/32" " -all"'),
        ("TXT", '"a\\"b\\\\c\\027"', '"a\\034b\\092c\\027"'),
        ("DS", "1 13 2 " + "ab" * 32, "\\# 36 00010d02" + "ab" * 32),
    ],
)
def test_presentation(rtype: str, data: str, text: str) -> None:
    assert rdata.text(*only(rtype, data)) == text


@given(ADDRESSES)
@example(IPv6Address("::"))
@example(IPv6Address("::192.0.2.1"))
@example(IPv6Address("::ffff:192.0.2.1"))
@example(IPv6Address("::ffff:0:c000:201"))
@example(IPv6Address("64:ff9b::192.0.2.1"))
@example(IPv6Address("2001:0:0:1:0:0:0:1"))
@example(IPv6Address("2001:db8:0:1:1:1:1:1"))
@example(IPv6Address("fe80::"))
def test_addresses_are_written_as_everywhere(address: IPAddress) -> None:
    message, record = raw(rdata.A if address.version == 4 else rdata.AAAA, address.packed)
    assert rdata.text(message, record) == written(rdata.address(message, record)) == written(address)


def test_the_parts() -> None:
    assert rdata.mx(*only("MX", "10 mx.example.vn.")) == (10, "mx.example.vn")
    soa = rdata.soa(*only("SOA", "ns.example.vn. admin.example.vn. 2026 10 20 30 40"))
    assert (soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum) == (2026, 10, 20, 30, 40)
    assert rdata.txt(*only("TXT", '"one" "two"')) == (b"one", b"two")


def test_opt_keeps_its_fields_in_class_and_ttl() -> None:
    asked = dns.message.make_query("example.vn", "A", use_edns=0, payload=4096, want_dnssec=True)
    asked.use_edns(0, 0x8000, 4096, options=[dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"12345678")])
    read = parse(asked.to_wire())
    record = read.opt()
    assert record is not None
    assert rdata.opt(read, record) == rdata.Opt(4096, 0, 0, True, ((10, b"12345678"),))


@pytest.mark.parametrize(
    ("rtype", "data"),
    [
        (rdata.A, b"\1\2\3"),
        (rdata.AAAA, b"\0" * 15),
        (2, b""),
        (2, b"\1a\0\0"),  # bytes after the name
        (2, b"\xc0\xff"),
        (rdata.MX, b"\0\1"),
        (rdata.MX, b"\0\1\0\0"),
        (rdata.SOA, b"\0\0" + b"\0" * 19),
        (rdata.SOA, b"\0\0" + b"\0" * 21),
        (rdata.TXT, b""),
        (rdata.TXT, b"\5abc"),
    ],
)
def test_wrong_lengths_are_errors(rtype: int, data: bytes) -> None:
    with pytest.raises(DnsWireError):
        rdata.text(*raw(rtype, data))


@pytest.mark.parametrize("data", [b"\0\1\0", b"\0\1\0\5abc"])
def test_broken_options(data: bytes) -> None:
    with pytest.raises(DnsWireError):
        rdata.opt(*raw(rdata.OPT, data))
