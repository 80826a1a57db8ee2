"""Tests that names under the agency's domains in the evidence but in no row are listed, with the places seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import dns.message
import dns.rrset
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from auditor.service.runs import forgotten as module
from auditor.service.runs.forgotten import forgotten, own_suffixes
from inventory.loader import load_sent
from inventory.model import SubjectId
from probes.framework.evidence import Evidence, Observation
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.pages import PageParts, Part, PartKind
from probes.observations.web import HttpExchange, TlsHandshake
from tests.golden.lab_snmp import polled

ROWS = "name,kind,fqdn\ncong,portal,cong.a.vn\na.vn,zone,a.vn\n"
SUBJECTS = load_sent([("a.csv", ROWS.encode())]).inventory.subjects
PLACE: dict[str, Any] = {"t0": 0.0, "t": 0.1, "address": ip_address("192.0.2.1"), "port": 443}


def evidence(*steps: Observation) -> Evidence:
    return replace(polled(*steps), subject=SubjectId("cong"))


def names(*steps: Observation, suffixes: tuple[str, ...] = ("a.vn",)) -> dict[str, list[tuple[str, str]]]:
    result = forgotten([evidence(*steps)], SUBJECTS, suffixes)
    return {f"{each.name} {each.kind.value}": list(each.seen) for each in result.names}


def lookup(rtype: str, *records: str, name: str = "a.vn", chain: tuple[str, ...] = ()) -> NameLookup:
    return NameLookup(
        t0=0.0,
        t=0.1,
        name=name,
        rtype=rtype,
        role="host",
        status=LookupStatus.ANSWER,
        chain=chain,
        records=records,
        zone="a.vn",
    )


def spf(text: str) -> DnsExchange:
    answer = dns.message.make_response(dns.message.make_query("a.vn", "TXT"))
    answer.answer.append(dns.rrset.from_text("a.vn.", 60, "IN", "TXT", f'"{text}"'))
    wire = answer.to_wire()
    return DnsExchange(t0=0.0, t=0.1, server=ip_address("192.0.2.53"), qname="a.vn", qtype="TXT", response=wire)


def certificate(*dns_names: str) -> bytes:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 1, 1, tzinfo=UTC)
    name = x509.Name([])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName(each) for each in dns_names])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def test_forgotten_names_mail_hosts_and_name_servers_of_the_zone() -> None:
    steps = (
        lookup("MX", "10 mx.a.vn", "20 mx.other.vn"),
        lookup("A", "192.0.2.1", name="cong.a.vn", chain=("web7.a.vn",)),
        Delegation(t0=0.0, t=0.1, zone="con.a.vn", parent="a.vn", parent_ns=("ns1.a.vn",), child_ns=("ns1.a.vn",)),
    )
    assert names(*steps) == {
        "a.vn mail": [("MX", "cong")],
        "con.a.vn zone": [("zone", "cong")],
        "mx.a.vn host": [("MX", "cong")],
        "ns1.a.vn host": [("NS", "cong")],
        "web7.a.vn host": [("CNAME", "cong")],
    }


def test_forgotten_names_what_spf_mentions_but_no_macro() -> None:
    text = "v=spf1 include:_spf.a.vn ~a:gui.a.vn/24 mx:cong.a.vn exists:%{i}.x.a.vn redirect=b.a.vn -all"
    assert names(spf(text)) == {"b.a.vn host": [("SPF", "cong")], "gui.a.vn host": [("SPF", "cong")]}
    assert names(spf("v=DMARC1; include:c.a.vn")) == {}


def test_forgotten_names_those_of_certificates_redirects_and_parts() -> None:
    steps = (
        TlsHandshake(**PLACE, server_name=None, chain=(certificate("cu.a.vn", "*.a.vn", "cong.a.vn", "x.vn"), b"x")),
        HttpExchange(**PLACE, url="https://cong.a.vn/", status=301, location="https://moi.a.vn/x"),
        HttpExchange(**PLACE, url="https://cong.a.vn/", status=301, location="https://[bad"),
        HttpExchange(**PLACE, url="https://cong.a.vn/", status=200, leads_to="https://trang.a.vn/vi"),
        PageParts(**PLACE, url="/", parts=(Part(kind=PartKind.SCRIPT, host="cdn.a.vn", port=443),)),
    )
    assert names(*steps) == {
        "cdn.a.vn host": [("page", "cong")],
        "cu.a.vn host": [("certificate", "cong")],
        "moi.a.vn host": [("redirect", "cong")],
        "trang.a.vn host": [("redirect", "cong")],
    }


@pytest.mark.parametrize("text", ["\x1b[31m.a.vn", "a" * 300 + ".a.vn", "<b>.a.vn", "=1.a.vn", "xa.vn", "", "_x.a.vn"])
def test_forgotten_takes_no_hostile_or_foreign_name(text: str) -> None:
    assert names(lookup("NS", text)) == {}


@pytest.mark.parametrize("wire", [b"", b"x", b"\x00" * 12, b"\xff" * 600])
def test_forgotten_passes_broken_answers_and_certificates(wire: bytes) -> None:
    broken = DnsExchange(t0=0.0, t=0.1, server=ip_address("::1"), qname="a.vn", qtype="TXT", response=wire)
    assert names(broken, TlsHandshake(**PLACE, server_name=None, chain=(wire,))) == {}


def test_forgotten_keeps_so_many_names_and_counts_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    result = forgotten([evidence(lookup("NS", *(f"n{each}.a.vn" for each in range(4))))], SUBJECTS, ("a.vn",))
    assert ([each.name for each in result.names], result.more) == (["n0.a.vn", "n1.a.vn"], 2)


def test_row_of_a_forgotten_name_is_read_by_the_inventory() -> None:
    (each,) = forgotten([evidence(lookup("NS", "ns1.a.vn"))], SUBJECTS, ("a.vn",)).names
    assert dict(each.row())["note"] == "NS: cong"


def test_own_suffixes_are_those_named_else_the_zones() -> None:
    assert own_suffixes(SUBJECTS, []) == ("a.vn",)
    assert own_suffixes(SUBJECTS, [".B.vn", "…"]) == ("b.vn",)
    assert own_suffixes(SUBJECTS[:1], []) == ()


def test_certificate_that_cannot_be_read_names_nobody() -> None:
    """A certificate with an unknown version, or with a name of an unread kind, names no host: servers send anything."""
    der = certificate("moi.a.vn")
    odd = der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020107"), 1)
    x400 = der.replace(b"\x82\x08moi.a.vn", b"\xa3\x08moi.a.vn", 1)
    assert len({der, odd, x400}) == 3
    seen = [names(TlsHandshake(**PLACE, server_name=None, chain=(each,))) for each in (der, odd, x400)]
    assert [list(each) for each in seen] == [["moi.a.vn host"], [], []]
