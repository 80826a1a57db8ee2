"""Tests which DNS answers are measured again before they count as a failure, and how answers are read."""

from dataclasses import replace
from ipaddress import ip_address

import dns.dnssec
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rrset
import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.observations import dns_text
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup

SERVER = ip_address("192.0.2.1")
ZONE = "tinh-a.example"
SOA = "ns1.tinh-a.example. hostmaster.tinh-a.example. 1 2 3 4 5"


def exchange(
    *records: str, rtype: str = "SOA", rcode: str = "NOERROR", flags: str = "AA", recursion: bool = False
) -> DnsExchange:
    message = dns.message.make_response(dns.message.make_query(ZONE, rtype))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= dns.flags.from_text(flags)
    for text in records:
        message.answer.append(dns.rrset.from_text(f"{ZONE}.", 60, "IN", rtype, text))
    wire = message.to_wire()
    return DnsExchange(server=SERVER, qname=ZONE, qtype=rtype, recursion_desired=recursion, response=wire)


def failed(kind: FailureKind, *, recursion: bool = False) -> DnsExchange:
    failure = Failure(kind=kind)
    return DnsExchange(server=SERVER, qname=ZONE, qtype="SOA", recursion_desired=recursion, failure=failure)


@pytest.mark.parametrize(
    ("seen", "again"),
    [
        (exchange(SOA), False),
        (exchange(SOA, flags=""), True),
        (exchange(rcode="SERVFAIL", flags=""), True),
        (exchange(rcode="REFUSED", flags=""), True),
        (exchange(rtype="AAAA", rcode="NXDOMAIN"), False),
        (exchange(rtype="AAAA", rcode="SERVFAIL"), True),
        (failed(FailureKind.TIMEOUT), True),
        (failed(FailureKind.CUT_SHORT), False),
        (exchange("192.0.2.9", rtype="A", flags="RA", recursion=True), True),
        (exchange(rtype="A", rcode="REFUSED", flags="", recursion=True), False),
        (failed(FailureKind.TIMEOUT, recursion=True), False),
    ],
)
def test_exchange_is_confirmed_when_it_would_be_held_against_somebody(seen: DnsExchange, again: bool) -> None:
    assert seen.worth_confirming is again


@pytest.mark.parametrize(
    ("status", "rtype", "role", "again"),
    [
        (LookupStatus.ANSWER, "AAAA", "host", False),
        (LookupStatus.NO_DATA, "AAAA", "host", True),
        (LookupStatus.NO_DATA, "A", "host", False),
        (LookupStatus.NO_SUCH_NAME, "A", "ns-address", True),
        (LookupStatus.NO_DATA, "AAAA", "ptr-address", False),
        (LookupStatus.NO_DATA, "MX", "mx", True),
        (LookupStatus.NO_SUCH_NAME, "MX", "mx", True),
        (LookupStatus.ANSWER, "MX", "mx", False),
        (LookupStatus.NO_DATA, "AAAA", "spf", False),
    ],
)
def test_lookup_is_confirmed_when_what_visitors_need_is_missing(
    status: LookupStatus, rtype: str, role: str, again: bool
) -> None:
    assert NameLookup(name=ZONE, rtype=rtype, role=role, status=status).worth_confirming is again


@pytest.mark.parametrize(
    ("texts", "again"), [(('"v=spf1 -all"',), False), ((), True), (('"google-site-verification=x"',), True)]
)
def test_lookup_of_spf_is_confirmed_when_no_text_is_one(texts: tuple[str, ...], again: bool) -> None:
    status = LookupStatus.ANSWER if texts else LookupStatus.NO_DATA
    look = NameLookup(name=ZONE, rtype="TXT", role="spf", status=status, records=texts)
    assert look.worth_confirming is again


@pytest.mark.parametrize(("role", "chain", "again"), [("dkim", ("s1.gone.example",), True), ("dkim", (), False)])
def test_lookup_of_a_key_is_confirmed_when_an_alias_leads_nowhere(
    role: str, chain: tuple[str, ...], again: bool
) -> None:
    look = NameLookup(name=ZONE, rtype="TXT", role=role, status=LookupStatus.NO_SUCH_NAME, chain=chain)
    assert look.worth_confirming is again


def test_server_is_named_as_findings_name_it() -> None:
    asked = DnsExchange(server=ip_address("::ffff:192.0.2.1"), qname=ZONE, qtype="SOA")
    (line,) = asked.lines(str)
    assert line.startswith(f"dns udp/53 ::ffff:192.0.2.1: {ZONE} SOA")


def test_answers_that_differ_in_their_id_alone_are_read_once() -> None:
    dns_text._shown.cache_clear()
    first = exchange(SOA)
    assert first.response is not None
    second = replace(first, response=bytes(255 - byte for byte in first.response[:2]) + first.response[2:])
    assert list(first.lines(str)) == list(second.lines(str))
    assert len(list(first.lines(str))) == 2
    assert dns_text._shown.cache_info().misses == 1


KEY = "257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3"


def test_records_of_dnssec_are_shown_with_the_ids_and_days_that_findings_name() -> None:
    key = dns.rdata.from_text("IN", "DNSKEY", KEY)
    lines = list(exchange(KEY, rtype="DNSKEY").lines(str))
    (line,) = [line for line in lines if "DNSKEY 257" in line]
    assert f"DNSKEY 257 3 8 key id {dns.dnssec.key_id(key)}: 03010001acff" in line  # type: ignore[arg-type]
    (line,) = [line for line in exchange("54418 7 2 " + "ab" * 32, rtype="DS").lines(str) if "DS 5" in line]
    assert line.endswith("DS 54418 7 2 " + "ab" * 32)
    signature = "DNSKEY 8 2 300 20261230000000 20261201000000 54418 tinh-a.example. qrs="
    (line,) = [line for line in exchange(signature, rtype="RRSIG").lines(str) if "RRSIG D" in line]
    assert "RRSIG DNSKEY 8 2 300 20261230000000 20261201000000 54418: " in line


@pytest.mark.parametrize(("rtype", "data"), [("DNSKEY", r"\# 3 010103"), ("RRSIG", r"\# 2 0006"), ("DS", r"\# 0 ")])
def test_record_of_dnssec_that_is_cut_off_stays_in_generic_form(rtype: str, data: str) -> None:
    assert dns_text.record_text(rtype, data) == data
