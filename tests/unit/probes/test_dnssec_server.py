"""Tests which signatures count as short-lived."""

from dataclasses import replace

import dns.message as dns_message
import dns.rrset as dns_rrset

from probes.dnssec_server import is_short_lived
from probes.observations.dnssec import ZoneAnswer


def test_dnssec_server_signatures_of_two_days_are_short_lived() -> None:
    def soa(days: int) -> ZoneAnswer:
        message = dns_message.make_response(dns_message.make_query("a.vn", "SOA", id=0))
        ends = f"202603{1 + days:02d}000000"
        record = f"SOA 13 2 300 {ends} 20260301000000 4711 a.vn. " + "A" * 88
        message.answer.append(dns_rrset.from_text("a.vn.", 60, "IN", "RRSIG", record))
        return ZoneAnswer(zone="a.vn", qname="a.vn", qtype="SOA", response=message.to_wire())

    assert is_short_lived(soa(2))
    assert not is_short_lived(soa(14))
    assert not is_short_lived(replace(soa(2), response=(soa(2).response or b"")[:-30]))
