"""Tests that the rehearsal is as `province.py` describes it, and leaves nothing behind.

Everything is measured with dig, curl, openssl and ping, never with our own probes: those are tested against it.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import product
from pathlib import Path

import pytest

from containers.rehearsal import expected, web
from containers.rehearsal.addressing import CONTROL, RESOLVER, SCOPE, UPPER_SERVERS, lay_out, server_name
from containers.rehearsal.certificates import REVOKED
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.model import (
    CertificateKind,
    ExchangerSpec,
    Machine,
    MailSpec,
    MxListing,
    NameServerSpec,
    PortalSpec,
    Recursion,
    Resolver,
    SmtpBehaviour,
    TlsSetup,
    ZoneSpec,
)
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.server_families import ServerV6
from containers.rehearsal.settings import VANTAGE_FILES
from containers.rehearsal.sonlam.portals import SHARED_V6
from containers.rehearsal.topology import VANTAGES
from containers.rehearsal.web_answers import Contact, WebAnswer
from containers.rehearsal.zones import ALIAS, CONTROL_NAMES, GONE
from tests.support.clients import REFUSED, SILENCE, SMALL_HELLO, Page, Reply, curl, dig, digs, pings, verified

pytest_plugins = ("tests.support.rehearsal",)

LAYOUT = lay_out(PROVINCE)
WEB_PORTS = (80, 443, 8443)
WHOLE = [portal for portal in PROVINCE.portals if not portal.expected and portal.face_v6 is None]
"""Portals without a defect, and without a filter page that only one of IPv4 and IPv6 shows."""
SPECIAL = [
    portal
    for portal in PROVINCE.portals
    if portal.takes_from or portal.slow_v6 or portal.face.contact is not Contact.GOOD
]
SERVERS = [(zone, server) for zone in PROVINCE.zones for server in zone.servers]
SOURCE = Path(__file__).resolve().parents[2]
Address = IPv4Address | IPv6Address


def _label(subject: object) -> str:
    if isinstance(subject, PortalSpec | ZoneSpec | MailSpec | Resolver):
        return subject.label or "apex"
    return subject.label if isinstance(subject, NameServerSpec) else str(subject)


# --- the description ------------------------------------------------------------------------------------------------


def test_every_subject_has_a_name_of_its_own() -> None:
    names = [name for name, _ in expected.subjects(PROVINCE)]
    assert len(names) == len(set(names))


def test_every_address_is_a_documentation_address_and_used_once() -> None:
    scope = [ip_network(prefix) for prefix in SCOPE]
    seats = [
        *LAYOUT.portals.values(),
        *LAYOUT.exchangers.values(),
        *UPPER_SERVERS.values(),
        CONTROL,
        *LAYOUT.resolvers.values(),
    ]
    seats += [server.seat for server in LAYOUT.servers.values()]
    addresses = [address for seat in seats for address in seat.every()]
    assert len(addresses) == len(set(addresses))
    assert all(any(address in network for network in scope) for address in addresses)


def test_the_shared_address_is_that_of_the_host_whose_ports_are_shut() -> None:
    assert [str(address) for address in LAYOUT.portals[PROVINCE.fqdn("nongnghiep")].v6] == [SHARED_V6]


def test_the_auditor_gets_its_files(lab: Rehearsal) -> None:
    for file in VANTAGE_FILES:
        settings = tomllib.loads((lab.dir / file.file).read_text("utf-8"))
        assert {ip_address(server).version for server in settings["resolver"]["servers"]} == set(file.families)
        for path in (settings["tls"]["ca_file"], settings["resolver"]["root_hints"]):
            assert Path(path).is_file()
    with (lab.dir / "inventory.csv").open(encoding="utf-8", newline="") as file_of_rows:
        rows = list(csv.DictReader(file_of_rows))
    outcomes = json.loads((lab.dir / "expected.json").read_text("utf-8"))
    assert {row["name"] for row in rows} == {*outcomes["healthy"], *outcomes["defects"]}
    assert all(
        not set(checks) & set(outcomes["defects"].get(name, ())) for name, checks in outcomes["consequences"].items()
    )
    assert {row["parent_code"] for row in rows} == {"", "SL"}


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", [str(address) for address in RESOLVER.every()])
def test_the_resolver_validates(lab: Rehearsal, server: str) -> None:
    at = f"@{server}"
    signed, bogus, unchecked, nonsense, over_tcp = digs(
        lab,
        (at, CONTROL_NAMES["signed"], "AAAA"),
        (at, CONTROL_NAMES["bogus"], "A"),
        (at, CONTROL_NAMES["bogus"], "A", "+cd"),
        (at, "khong-co.sonlam.gov.vn", "A"),
        (at, "+tcp", CONTROL_NAMES["signed"], "A"),
    )
    assert signed.status == "NOERROR"
    assert "ad" in signed.flags
    assert bogus.status == "SERVFAIL"
    assert unchecked.status == "NOERROR"
    assert nonsense.status == "NXDOMAIN"
    assert "ad" in nonsense.flags
    assert over_tcp.answer == {str(a) for a in CONTROL.v4}


def test_the_resolver_makes_up_no_addresses(lab: Rehearsal) -> None:
    reply = dig(lab, "ipv4only.arpa", "AAAA")
    assert (reply.status, reply.answer) == ("NOERROR", frozenset())


def test_the_name_that_has_only_ipv6_serves_a_page(lab: Rehearsal) -> None:
    name = CONTROL_NAMES["aaaa_only"]
    assert not dig(lab, name, "A").answer
    assert dig(lab, name, "AAAA").answer == {str(a) for a in CONTROL.v6}
    assert lab.run(["curl", "-s", "-6", f"http://{name}/"], "vantage-v6").stdout == "control\n"


@pytest.mark.parametrize("name", ["a.root", "b.root"])
def test_the_root_answers_with_authority(lab: Rehearsal, name: str) -> None:
    for address in UPPER_SERVERS[name].every():
        for transport in ("+notcp", "+tcp"):
            reply = dig(lab, f"@{address}", "+norec", transport, ".", "NS")
            assert "aa" in reply.flags
            assert reply.answer == {"a.root.", "b.root."}
        assert pings(lab, str(address))


@pytest.mark.parametrize("vantage", ["vantage-v4", "vantage-v6"])
def test_names_resolve_from_the_root_over_one_family(lab: Rehearsal, vantage: str) -> None:
    family = "-4" if vantage == "vantage-v4" else "-6"
    (root,) = UPPER_SERVERS["a.root"].v4 if family == "-4" else UPPER_SERVERS["a.root"].v6
    done = lab.run(["dig", family, f"@{root}", "+trace", "cong.sonlam.gov.vn", "AAAA"], vantage)
    assert "cong.sonlam.gov.vn.\t300\tIN\tAAAA\t2001:db8:a0:1::80" in done.stdout
    for parent in ("vn.", "gov.vn.", "sonlam.gov.vn."):
        assert f"\n{parent}\t" in done.stdout


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_name_servers_answer_as_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, name = PROVINCE.fqdn(zone.label), server_name(PROVINCE, zone, server)
    seat = LAYOUT.servers[name]
    asked = list(product((*seat.seat.every(), *seat.lame), ("+notcp", "+tcp")))
    replies = digs(lab, *((f"@{address}", "+norec", transport, apex, "SOA") for address, transport in asked))
    for (address, transport), reply in zip(asked, replies, strict=True):
        if address in seat.silent or (address in seat.no_tcp and transport == "+tcp"):
            assert reply.status is None
        elif address in seat.lame:
            assert (reply.status, "aa" in reply.flags) == ("REFUSED", False)
        else:
            assert (reply.status, "aa" in reply.flags) == ("NOERROR", True)


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_large_answers_are_lost_where_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, seat = PROVINCE.fqdn(zone.label), LAYOUT.servers[server_name(PROVINCE, zone, server)]
    for address, reply in _each(lab, seat.answering(), "+norec", "+notcp", "+dnssec", apex, "DNSKEY"):
        assert reply.status == (None if address in seat.large_lost else "NOERROR")


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_questions_for_aaaa_are_dropped_where_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, name = PROVINCE.fqdn(zone.label), server_name(PROVINCE, zone, server)
    asked = list(product(LAYOUT.servers[name].answering(), (apex, f"www.{apex}", name)))
    replies = digs(lab, *((f"@{address}", "+norec", "+notcp", one, "AAAA") for address, one in asked))
    for (address, _), reply in zip(asked, replies, strict=True):
        assert (reply.status is None) is (address in LAYOUT.servers[name].aaaa_dropped)


@pytest.mark.parametrize("resolver", PROVINCE.resolvers, ids=_label)
def test_resolvers_do_what_is_described(lab: Rehearsal, resolver: Resolver) -> None:
    how = resolver.recursion
    for address in map(str, LAYOUT.resolvers[PROVINCE.fqdn(resolver.label)].every()):
        signed, made_up, reached = digs(
            lab,
            (f"@{address}", CONTROL_NAMES["signed"], "AAAA"),
            (f"@{address}", "ipv4only.arpa", "AAAA"),
            (f"@{address}", CONTROL_NAMES["ipv6_only_zone"], "A"),
        )
        assert signed.answer == (set() if how is Recursion.FILTERED else {str(a) for a in CONTROL.v6})
        assert made_up.answer == ({"64:ff9b::c000:aa", "64:ff9b::c000:ab"} if how is Recursion.DNS64 else set())
        assert reached.status == ("SERVFAIL" if how in (Recursion.IPV4_ONLY, Recursion.FILTERED) else "NOERROR")


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_copies_are_old_where_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, seat = PROVINCE.fqdn(zone.label), LAYOUT.servers[server_name(PROVINCE, zone, server)]
    own = zone.primaries and server.site == "knot"
    days = (10 if server.site == "knot" else 5) if zone.stale else int(own)
    for _, reply in _each(lab, seat.answering(), "+norec", apex, "SOA"):
        (soa,) = reply.answer
        assert (time.time() - int(soa.split()[2])) // 86_400 == days
        if own:
            assert soa.startswith(f"{server_name(PROVINCE, zone, server)}. ")


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_answers_over_udp_are_cut_short_where_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, seat = PROVINCE.fqdn(zone.label), LAYOUT.servers[server_name(PROVINCE, zone, server)]
    for _, reply in _each(lab, seat.answering(), "+norec", "+notcp", "+ignore", apex, "SOA"):
        assert ("tc" in reply.flags) is (zone.udp_truncated and server.site == "knot")


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_only_the_careless_serve_strangers(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, seat = PROVINCE.fqdn(zone.label), LAYOUT.servers[server_name(PROVINCE, zone, server)]
    for address, reply in _each(lab, seat.answering(), "+rec", "ipv4only.arpa", "A"):
        if address not in seat.no_tcp:
            assert (f"ns1.{apex}." in dig(lab, f"@{address}", apex, "AXFR").text) is zone.careless
        assert ("192.0.0.170" in reply.answer, "ra" in reply.flags) == (zone.careless, zone.careless)


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_name_server_addresses_are_published_as_described(
    lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec
) -> None:
    name = server_name(PROVINCE, zone, server)
    seat = LAYOUT.servers[name]
    over_v4, over_v6 = digs(lab, (name, "A", "+cd"), (name, "AAAA", "+cd"))
    assert over_v4.answer == {str(a) for a in seat.published_v4}
    published = {ip_address(text) for text in over_v6.answer}
    assert published == set(seat.published_v6)
    assert bool(published) is (server.v6 is not ServerV6.NONE)
    if zone.label:
        parent = LAYOUT.servers[f"ns1.{PROVINCE.domain}"].seat.v6[0]
        glue = dig(lab, f"@{parent}", "+norec", "+additional", PROVINCE.fqdn(zone.label), "NS").text
        given = {address for address in published if str(address) in _addresses_in(glue, name, "AAAA")}
        assert given == (published if zone.glue_v6 else set())
        assert _addresses_in(glue, name, "A") == set(map(str, seat.glue_v4 if zone.apart else seat.published_v4))


@pytest.mark.parametrize(("zone", "server"), SERVERS, ids=_label)
def test_versions_of_edns_are_dropped_where_described(lab: Rehearsal, zone: ZoneSpec, server: NameServerSpec) -> None:
    apex, name = PROVINCE.fqdn(zone.label), server_name(PROVINCE, zone, server)
    addresses, words = LAYOUT.servers[name].answering(), ("+norec", "+notcp", "+noednsneg", apex, "SOA")
    known = _each(lab, addresses, "+edns=0", *words)
    unknown = _each(lab, addresses, "+edns=1", *words)
    for (address, now), (_, later) in zip(known, unknown, strict=True):
        dropped = address in LAYOUT.servers[name].version_dropped
        assert (now.status, later.status) == ("NOERROR", None if dropped else "BADVERS")


@pytest.mark.parametrize("zone", [zone for zone in PROVINCE.zones if zone.lapsed], ids=_label)
def test_domains_of_lapsed_name_servers_do_not_exist(lab: Rehearsal, zone: ZoneSpec) -> None:
    assert {f"{name}." for name in zone.lapsed} < dig(lab, PROVINCE.fqdn(zone.label), "NS").answer
    for name in zone.lapsed:
        assert dig(lab, name.partition(".")[2], "NS").status == "NXDOMAIN"


def _each(lab: Rehearsal, addresses: Iterable[Address], *words: str) -> list[tuple[Address, Reply]]:
    """Return the reply of each of these servers to the same question."""
    servers = list(addresses)
    return list(zip(servers, digs(lab, *((f"@{address}", *words) for address in servers)), strict=True))


def _addresses_in(text: str, name: str, rtype: str) -> set[str]:
    rows = (line.split() for line in text.splitlines() if line.startswith(f"{name}."))
    return {str(ip_address(row[4])) for row in rows if row[3] == rtype}


def _listed_as(mail: MailSpec, exchanger: ExchangerSpec) -> str:
    """Return the label that the MX record names."""
    return {MxListing.ALIAS: ALIAS, MxListing.ABSENT: GONE}.get(mail.listed, exchanger.label)


@pytest.mark.parametrize("mail", PROVINCE.mails, ids=_label)
def test_mail_domains_are_as_described(lab: Rehearsal, mail: MailSpec) -> None:
    domain = PROVINCE.fqdn(mail.label)
    exchangers = {f"{e.preference} {_listed_as(mail, e)}.{domain}." for e in mail.exchangers}
    assert dig(lab, domain, "MX").answer == (set() if mail.listed is MxListing.IMPLICIT else exchangers or {"0 ."})
    for exchanger in mail.exchangers:
        host = f"{exchanger.label}.{domain}"
        seat = LAYOUT.exchangers[host]
        assert dig(lab, host, "AAAA").answer == {str(address) for address in seat.v6}
        assert bool(seat.v6) is exchanger.v6
        for address in seat.every():
            face = (exchanger.face_v6 or exchanger.face) if address.version == 6 else exchanger.face
            if face.smtp in (SmtpBehaviour.GOOD, SmtpBehaviour.RELAYS) and not (
                exchanger.silent_v6 and address.version == 6
            ):
                expected = "certificate has expired" if face.certificate is CertificateKind.EXPIRED else "ok"
                assert verified(lab, host, str(address), 25, "-starttls", "smtp")[1] == expected


# --- web ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("portal", PROVINCE.portals, ids=_label)
def test_portal_addresses_are_published_as_described(lab: Rehearsal, portal: PortalSpec) -> None:
    name = PROVINCE.fqdn(portal.label)
    seat = LAYOUT.portals[name]
    reply, over_v4 = digs(lab, (name, "AAAA"), (name, "A"))
    assert {ip_address(text) for text in reply.answer} == {*seat.v6, *map(ip_address, portal.published_v6)}
    assert over_v4.answer == {str(address) for address in seat.v4}
    assert "ad" in reply.flags


@pytest.mark.parametrize("portal", PROVINCE.portals, ids=_label)
def test_portals_answer_each_address_and_port_as_described(lab: Rehearsal, portal: PortalSpec) -> None:
    name = PROVINCE.fqdn(portal.label)
    seat = LAYOUT.portals[name]
    silent = {(seat.v6[index], port) for index, port in portal.silent_v6}
    for address in seat.every():
        face = portal.face_v6 if address.version == 6 and portal.face_v6 else portal.face
        answers = {port: answer for port, answer, _ in web.listeners(face)}
        for port in WEB_PORTS:
            page = curl(lab, name, str(address), port)
            if (address, port) in silent:
                assert page.exit == SILENCE
            elif port == 443 and _loses_large_hellos(portal, address):
                assert page.exit == SILENCE
                small = curl(lab, name, str(address), port, *SMALL_HELLO["curl"])
                _is_answer(small, answers.get(port, WebAnswer.CLOSED), name)
            else:
                _is_answer(page, answers.get(port, WebAnswer.CLOSED), name)


def _loses_large_hellos(portal: PortalSpec, address: Address) -> bool:
    return portal.second_lost and address.version == 6


def _is_answer(page: Page, answer: WebAnswer, name: str) -> None:  # noqa: C901 - a table, one case an answer
    match answer:
        case WebAnswer.CLOSED:
            assert page.exit == REFUSED
        case WebAnswer.PAGE:
            assert page.status == 200
            assert name in page.body
        case WebAnswer.REDIRECT:
            assert (page.status, page.location) == (301, f"https://{name}/")
        case WebAnswer.REDIRECT_TEMPORARY:
            assert (page.status, page.location) == (302, f"https://{name}/")
        case WebAnswer.REDIRECT_ELSEWHERE:
            assert (page.status, page.location) == (301, f"https://cong.{PROVINCE.domain}/")
        case WebAnswer.BAD_GATEWAY:
            assert page.status == 502
        case WebAnswer.SERVER_ERROR:
            assert page.status == 500
        case WebAnswer.REDIRECT_OFF_IPV6:
            assert (page.status, page.location) == (302, f"https://xaydung.{PROVINCE.domain}/")
        case WebAnswer.DEFAULT_PAGE:
            assert page.status == 200
            assert "Welcome to nginx!" in page.body
        case WebAnswer.OTHER_PAGE:
            assert page.status == 200
            assert name not in page.body
        case WebAnswer.ADMIN_PAGE:
            assert page.status == 200
            assert "Proxmox" in page.body
        case WebAnswer.COOKIE_WALL:
            assert (page.status, page.location) == (302, f"https://{name}/")
        case _:
            status, body = web.STATIC[answer]
            assert (page.status, page.body.strip()) == (status, body)


@pytest.mark.parametrize("portal", SPECIAL, ids=_label)
def test_portals_have_their_service_defects(lab: Rehearsal, portal: PortalSpec) -> None:
    """The contact file, the third-party content of the page, and the round-trip time are as described."""
    name = PROVINCE.fqdn(portal.label)
    seat = LAYOUT.portals[name]
    for address in seat.every():
        literal = f"[{address}]" if address.version == 6 else str(address)
        where = ["--connect-to", f"{name}:443:{literal}:443"]
        asked = ["curl", "-s", "-m", "2", "--cacert", str(lab.dir / "ca.pem"), *where]
        text = lab.run([*asked, f"https://{name}/.well-known/security.txt"]).stdout
        assert ("Contact: mailto:" in text) is (portal.face.contact is not Contact.ABSENT)
        assert ("Expires: 2025-" in text) is (portal.face.contact is Contact.EXPIRED)
        page = lab.run([*asked, "-w", "\n%{time_connect}", f"https://{name}/"]).stdout
        assert all(f"https://{PROVINCE.fqdn(label)}/" in page for label in portal.takes_from)
        slow = portal.slow_v6 and address.version == 6
        assert (float(page.rpartition("\n")[2]) > 0.055) is slow


VERDICTS = {
    CertificateKind.GOOD: 0,
    CertificateKind.OTHER_GOOD: 0,
    CertificateKind.TEN_DAYS: 0,
    CertificateKind.SELF_SIGNED: 18,
    CertificateKind.NO_INTERMEDIATE: 21,
    CertificateKind.WRONG_NAME: 62,
    CertificateKind.SIBLING_NAME: 62,
    CertificateKind.EXPIRED: 10,
    CertificateKind.NOT_YET_VALID: 9,
    CertificateKind.RSA_3072: 0,
    CertificateKind.RSA_2048: 0,
    CertificateKind.RSA_1024: 66,  # EE certificate key too weak
    CertificateKind.FETCHABLE: 21,  # openssl does not fetch issuers
    CertificateKind.NO_PROOFS: 0,
    CertificateKind.LISTED: 0,
    CertificateKind.REVOKED: 0,  # openssl does not fetch revocation lists
    CertificateKind.MUST_STAPLE: 0,
}


@pytest.mark.parametrize("portal", PROVINCE.portals, ids=_label)
def test_portals_serve_certificates_as_described(lab: Rehearsal, portal: PortalSpec) -> None:
    name = PROVINCE.fqdn(portal.label)
    seat = LAYOUT.portals[name]
    silent = {seat.v6[index] for index, port in portal.silent_v6 if port == 443}
    for address in seat.every():
        face = portal.face_v6 if address.version == 6 and portal.face_v6 else portal.face
        if face.https is WebAnswer.CLOSED or address in silent:
            continue
        words = SMALL_HELLO["openssl"] if _loses_large_hellos(portal, address) else ()
        code, text = verified(lab, name, str(address), 443, *words)
        assert code == VERDICTS[face.certificate], text


@pytest.mark.parametrize(("label", "code"), [("chungthu", 0), ("thuhoi", 23)])
def test_the_list_of_revoked_certificates_has_those_described(
    lab: Rehearsal, label: str, code: int, tmp_path: Path
) -> None:
    name, listed = PROVINCE.fqdn(label), tmp_path / REVOKED
    for address in map(str, LAYOUT.portals[name].every()):
        literal = f"[{address}]" if ":" in address else address
        where = ["--connect-to", f"{name}:80:{literal}:80"]
        lab.run(["curl", "-s", "-f", "-m", "2", "-o", str(listed), *where, f"http://{name}/{REVOKED}"])
        found, text = verified(lab, name, address, 443, "-CRL", str(listed), "-CRLform", "DER", "-crl_check")
        assert found == code, text
        listed.unlink()


@pytest.mark.parametrize(
    ("label", "proven", "promised"), [("chungthu", True, False), ("dauthau", False, False), ("camket", True, True)]
)
def test_certificates_have_the_extensions_described(lab: Rehearsal, label: str, proven: bool, promised: bool) -> None:
    """The certificates have SCTs and the must-staple feature as described; the web server staples no status."""
    (address,) = LAYOUT.portals[PROVINCE.fqdn(label)].v6
    said = lab.run(["openssl", "s_client", "-status", "-connect", f"[{address}]:443"], input="").stdout
    assert "OCSP response: no response sent" in said
    text = lab.run(["openssl", "x509", "-noout", "-text"], input=said).stdout
    assert ("CT Precertificate SCTs" in text) is proven
    assert ("TLS Feature" in text) is promised


def test_two_good_certificates_are_two_keys(lab: Rehearsal) -> None:
    seat = LAYOUT.portals[PROVINCE.fqdn("hanggio")]
    assert _served(lab, f"{seat.v4[0]}") != _served(lab, f"[{seat.v6[0]}]")


def test_a_certificate_has_ten_days_left(lab: Rehearsal) -> None:
    seat = LAYOUT.portals[PROVINCE.fqdn("truonghoc")]
    served = _served(lab, f"[{seat.v6[0]}]")
    for days, status in ((9, 0), (11, 1)):
        check = ["openssl", "x509", "-noout", "-checkend", str(days * 86400)]
        assert lab.run(check, input=served).returncode == status


AGREED = {
    TlsSetup.OLD_VERSIONS: (("-tls1", "-cipher", "ALL:@SECLEVEL=0"), "Protocol  : TLSv1\n"),
    TlsSetup.ONLY_12: ((), "Protocol: TLSv1.2"),
    TlsSetup.CBC_SHA1: (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"), "Cipher is ECDHE-ECDSA-AES128-SHA\n"),
    TlsSetup.CBC_SHA256: (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"), "Cipher is ECDHE-ECDSA-AES128-SHA256\n"),
    TlsSetup.P224: (("-tls1_2", "-groups", "secp224r1:secp256r1"), "ECDH, secp224r1"),
    TlsSetup.NO_EMS: (("-tls1_2",), "Extended master secret: no"),
    TlsSetup.EARLY_DATA: (("-ign_eof",), "Max Early Data: 16384"),
    TlsSetup.COMMON_PRIME: (("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"), "DH, 1024 bits"),
    TlsSetup.RSA: (("-tls1_2",), "Cipher is ECDHE-RSA-"),
    TlsSetup.RSA_SMALL: (("-tls1_2",), "Cipher is ECDHE-RSA-"),
}
"""The offers of openssl's client, and its output for a defect."""


@pytest.mark.parametrize("portal", [p for p in PROVINCE.portals if p.face.tls is not TlsSetup.GOOD], ids=_label)
def test_portals_speak_tls_as_badly_as_described(lab: Rehearsal, portal: PortalSpec) -> None:
    words, told = AGREED[portal.face.tls]
    for address in LAYOUT.portals[PROVINCE.fqdn(portal.label)].every():
        host = f"[{address}]" if address.version == 6 else str(address)
        request = "GET / HTTP/1.0\r\n\r\n" if "-ign_eof" in words else ""
        completed = lab.run(["openssl", "s_client", "-connect", f"{host}:443", *words], input=request)
        assert told in completed.stdout.replace("New, ", ""), completed.stdout + completed.stderr


def _served(lab: Rehearsal, host: str) -> str:
    return lab.run(["openssl", "s_client", "-connect", f"{host}:443"], input="").stdout.partition("---\nServer cert")[2]


@pytest.mark.parametrize("portal", PROVINCE.portals, ids=_label)
def test_portals_answer_echo_as_described(lab: Rehearsal, portal: PortalSpec) -> None:
    for address in LAYOUT.portals[PROVINCE.fqdn(portal.label)].every():
        lost = portal.icmp6_lost and address.version == 6
        assert pings(lab, str(address)) is (portal.echo and not lost)


@pytest.mark.parametrize("portal", WHOLE, ids=_label)
def test_healthy_portals_are_trusted_over_each_family(lab: Rehearsal, portal: PortalSpec) -> None:
    name = PROVINCE.fqdn(portal.label)
    cookie = ("--cookie", web.WALL.partition(";")[0]) if portal.face.https is WebAnswer.COOKIE_WALL else ()
    bodies = {curl(lab, name, str(a), 443, *cookie, verify=True).body for a in LAYOUT.portals[name].every()}
    assert len(bodies) == 1
    assert name in bodies.pop()


@pytest.mark.parametrize(
    "machine", [machine for machine in PROVINCE.machines if machine.bans_v4], ids=lambda one: one.label
)
def test_ban_follows_an_attempt_over_ipv4_and_is_forgotten(lab: Rehearsal, machine: Machine) -> None:
    seat = LAYOUT.machines[machine.label]

    def exits(port: int) -> list[int]:
        return [curl(lab, machine.label, str(address), port).exit for address in seat.every()]

    before = exits(22)
    assert SILENCE not in before
    assert exits(135) == [SILENCE, REFUSED]
    assert exits(22) == [SILENCE, before[1]]
    lab.forget()
    assert exits(22) == before


# --- paths, vantages, control ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [str(address) for address in CONTROL.every()])
def test_the_control_host_answers_on_every_transport(lab: Rehearsal, address: str) -> None:
    connect = (
        "import socket, sys\nfor port in sys.argv[2:]: socket.create_connection((sys.argv[1], int(port)), 2).close()"
    )
    ports = ("22", "25", "53", "80", "443", "445", "465", "587", "993")
    assert lab.run([sys.executable, "-c", connect, address, *ports]).stderr == ""
    for transport in ("+notcp", "+tcp"):
        assert dig(lab, f"@{address}", transport, "cong.sonlam.gov.vn").status == "REFUSED"
    assert pings(lab, address)


def test_what_a_host_is_told_of_a_path_is_forgotten(lab: Rehearsal) -> None:
    address = str(LAYOUT.portals[PROVINCE.fqdn("khetrang")].v6[0])
    lab.run(["ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", "1452", address])
    remembered = ["ip", "-6", "route", "show", "cache"]
    assert "mtu 1400" in lab.run(remembered).stdout
    lab.forget()
    assert lab.run(remembered).stdout == ""


def test_the_way_to_the_highlands_is_narrow_and_says_so(lab: Rehearsal) -> None:
    address = str(LAYOUT.portals[PROVINCE.fqdn("khetrang")].v6[0])
    done = lab.run(["ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1452", address])
    assert "mtu=1400" in done.stdout + done.stderr or "too long" in done.stderr
    assert pings(lab, address, size=1232)
    assert _download(lab, "khetrang") > 100_000


def test_each_vantage_has_the_families_it_should(lab: Rehearsal) -> None:
    v4, v6 = str(CONTROL.v4[0]), str(CONTROL.v6[0])
    found = {vantage: (pings(lab, v4, vantage=vantage), pings(lab, v6, vantage=vantage)) for vantage in VANTAGES}
    assert found == {
        "vantage": (True, True),
        "vantage-v4": (True, False),
        "vantage-v6": (False, True),
        "vantage-lan": (True, True),
    }


def _download(lab: Rehearsal, label: str) -> int:
    url = f"https://{PROVINCE.fqdn(label)}/ban-do.svg"
    trust = ["--cacert", str(lab.dir / "ca.pem")]
    done = lab.run(["curl", "-s", "-6", "-m", "3", *trust, "-o", "/dev/null", "-w", "%{size_download}", url])
    return int(done.stdout)


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "statuses"),
    # TCP ignores a router's "no route": the client retries, and ends with a timeout or an error.
    [("no_v6_route", {SILENCE, REFUSED}), ("drop_443", {SILENCE}), ("rst_443", {REFUSED})],
    ids=["no-route", "drop", "reset"],
)
def test_faults_stop_ipv6_alone_and_pass(lab: Rehearsal, fault: str, statuses: set[int]) -> None:
    name = PROVINCE.fqdn("suoimay")
    (v4,), (v6,) = LAYOUT.portals[name].v4, LAYOUT.portals[name].v6
    with lab.fault(fault, name):
        assert curl(lab, name, str(v6), 443).exit in statuses
        assert curl(lab, name, str(v4), 443).status == 200
    assert curl(lab, name, str(v6), 443).status == 200


def test_a_vantage_can_lose_ipv6(lab: Rehearsal) -> None:
    target = str(CONTROL.v6[0])
    with lab.fault("no_v6_route", "vantage-v6"):
        assert not pings(lab, target, vantage="vantage-v6")
    assert pings(lab, target, vantage="vantage-v6")


def test_a_path_can_become_narrow(lab: Rehearsal) -> None:
    address = str(LAYOUT.portals[PROVINCE.fqdn("suoimay")].v6[0])
    narrow = ["ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1400", address]
    with lab.fault("mtu_1280", PROVINCE.fqdn("suoimay")):
        assert "mtu=1280" in lab.run(narrow).stdout
        assert _download(lab, "suoimay") > 100_000
    assert lab.run(narrow).returncode == 0


def test_a_narrow_path_without_its_messages_is_a_black_hole(lab: Rehearsal) -> None:
    with lab.fault("drop_icmp6_ptb", PROVINCE.fqdn("khetrang")):
        assert _download(lab, "khetrang") == 0
    assert _download(lab, "khetrang") > 100_000


# --- starting and ending --------------------------------------------------------------------------------------------


def test_two_run_side_by_side(lab: Rehearsal) -> None:
    with Rehearsal.start() as other:
        roots = [each.run(["cat", str(each.dir / "root.ds")]).stdout for each in (lab, other)]
        assert roots[0] != roots[1]
        assert all("ad" in dig(each, CONTROL_NAMES["signed"]).flags for each in (lab, other))
    assert not other.dir.exists()
    assert not _mentioning(other.dir)


def test_a_timeout_ends_what_was_started(lab: Rehearsal) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        lab.run(["sleep", "4711"], timeout=0.5)
    assert _eventually(lambda: not _mentioning("sleep\x004711"))


def test_the_command_line_passes_status_folder_and_directory_on() -> None:
    script = 'test -f "$AUDITOR_REHEARSAL/auditor.toml" && pwd && exit 7'
    done = subprocess.run(_command_line("sh", "-c", script), capture_output=True, text=True, check=False, cwd=SOURCE)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (7, str(SOURCE), "")


def test_nothing_is_left_when_the_starter_is_killed() -> None:
    script = 'echo "$AUDITOR_REHEARSAL"; exec sleep 300'
    starter = subprocess.Popen(_command_line("sh", "-c", script), stdout=subprocess.PIPE, text=True, cwd=SOURCE)
    with starter:
        assert starter.stdout
        directory = Path(starter.stdout.readline().strip())
        inside = _mentioning(directory)
        spaces = {space for process in inside for space in _network_namespaces(process)} - _network_namespaces("self")
        assert len(spaces) > 5
        starter.send_signal(signal.SIGKILL)
    assert _eventually(lambda: not _mentioning(directory) and not directory.exists())
    assert not spaces & {space for process in _processes() for space in _network_namespaces(process)}


def test_whoever_may_not_make_namespaces_is_told_in_one_line() -> None:
    # A user namespace that allows no nested ones, entered without any capability, is like a locked-down host.
    drop = "exec setpriv --bounding-set=-all --inh-caps=-all"
    script = f'echo 0 > /proc/sys/user/max_user_namespaces; {drop} "$@"'
    wrapped = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *_command_line("true")]
    done = subprocess.run(wrapped, capture_output=True, text=True, check=False, cwd=SOURCE)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "may not make network namespaces" in done.stderr


def _command_line(*command: str) -> list[str]:
    return [sys.executable, "-m", "containers.rehearsal", "run", "--", *command]


def _processes() -> list[str]:
    return [entry for entry in os.listdir("/proc") if entry.isdigit()]


def _mentioning(text: str | Path) -> list[str]:
    """Return the processes of this machine with a command line or environment that contains a text."""
    own = str(os.getpid())
    return [process for process in _processes() if process != own and str(text).encode() in _words(process)]


def _words(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() + Path(f"/proc/{process}/environ").read_bytes()
    except OSError:
        return b""


def _network_namespaces(process: str) -> set[str]:
    try:
        return {os.readlink(f"/proc/{process}/ns/net")}
    except OSError:
        return set()


def _eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 300
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
