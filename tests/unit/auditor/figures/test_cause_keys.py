"""Tests which measured things explain a finding, and which findings no shared thing explains."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.figures.cause_keys import CHECKS, Bearer, may_explain, note, symptom
from auditor.figures.causes import CauseKey, CauseKind, Contradictions
from auditor.framework import catalogue
from auditor.framework.findings import Arg, CheckId, Finding, Outcome, Waiver, outline
from inventory.model import AgencyId, Network, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, Observation, RunId
from probes.observations.web import HttpExchange, TlsHandshake
from tests.unit.auditor.stored import START, VANTAGE, Brief

SUBJECT = Bearer(SubjectId("www.tinh.vn"), AgencyId("S1"), Network.INTERNET)
FIRST, SECOND = "2001:db8:7::1", "2001:db8:7::2"


def finding(check: str, code: str, address: str | None = FIRST, **args: Arg) -> Finding:
    return Brief(check=check, outcome=Outcome.FAIL, code=code, address=address, args=args).of(SUBJECT.id)


def evidence(*steps: Observation) -> Mapping[str, Evidence]:
    return {
        "e1": Evidence(
            id=EvidenceId("e1"),
            run=RunId("r1"),
            subject=SUBJECT.id,
            endpoint=None,
            probe="tls",
            task="t",
            attempt=1,
            probe_version=1,
            vantage=VANTAGE,
            started=START,
            queued=0.0,
            steps=steps,
        )
    }


def kinds(found: Finding, known: Mapping[str, Evidence] | None = None) -> set[CauseKind]:
    return {key.kind for key in symptom(SUBJECT, found, known or {}).keys}


def handshake(leaf: bytes, address: str = FIRST) -> TlsHandshake:
    return TlsHandshake(
        t0=0.0, t=0.1, failure=None, address=ip_address(address), port=443, server_name="www.tinh.vn", chain=(leaf,)
    )


def page(server: str, address: str = FIRST) -> HttpExchange:
    return HttpExchange(
        t0=0.0,
        t=0.1,
        failure=None,
        address=ip_address(address),
        port=443,
        url="https://www.tinh.vn/",
        status=200,
        headers=(("Server", server),),
    )


@pytest.mark.parametrize(
    ("check", "code", "kind"),
    [
        ("ipv6.web.reach", "REFUSED", CauseKind.ADDRESS),
        ("security.ports.mgmt-exposed", "EXPOSED", CauseKind.ADDRESS),
        ("ipv6.dns.ns-reach-tcp", "SILENT", CauseKind.NAME_SERVER),
        ("ipv6.mail.mx-reach", "REJECTS", CauseKind.MAIL_GATEWAY),
        ("ipv6.dns.resolver-dual", "FAILS", CauseKind.RESOLVER),
    ],
)
def test_symptom_what_an_address_does_for_every_name_is_explained_by_it(check: str, code: str, kind: CauseKind) -> None:
    assert kinds(finding(check, code)) == {kind}


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("ipv6.web.http-ok", "ERROR"),
        ("ipv6.dns.ns-reach", "NOT_AUTHORITATIVE"),
        ("security.tls.cert-name", "MISMATCH"),
        ("security.tls.cert-chain", "INCOMPLETE"),
        ("security.dns.dnssec", "EXPIRED"),
        ("security.http.hsts", "ABSENT"),
    ],
)
def test_symptom_what_depends_on_the_name_is_not_explained_by_a_shared_address(check: str, code: str) -> None:
    assert kinds(finding(check, code)) == set()


def test_symptom_silence_is_explained_by_its_prefix_on_the_internet_only() -> None:
    silent = finding("ipv6.web.reach", "SILENT")
    assert kinds(silent) == {CauseKind.ADDRESS, CauseKind.PREFIX}
    inside = symptom(SUBJECT._replace(network=Network.TSLCD), silent, {})
    assert {key.kind for key in inside.keys} == {CauseKind.ADDRESS}


def test_symptom_same_private_address_at_another_vantage_is_another_thing() -> None:
    here = finding("ipv6.web.reach", "REFUSED", "10.0.0.1")
    there = replace(here, vantage="other")
    assert symptom(SUBJECT, here, {}).keys != symptom(SUBJECT, there, {}).keys


def test_symptom_certificate_is_identified_by_what_was_presented() -> None:
    expired = finding("security.tls.cert-expiry", "EXPIRED")
    one, same, other = (symptom(SUBJECT, expired, evidence(handshake(leaf))).keys for leaf in (b"a", b"a", b"b"))
    assert [key.kind for key in one] == [CauseKind.CERTIFICATE]
    assert one == same != other


def test_symptom_two_certificates_at_one_address_identify_none() -> None:
    expired = finding("security.tls.cert-expiry", "EXPIRED")
    assert kinds(expired, evidence(handshake(b"a"), handshake(b"b"))) == set()


def test_symptom_certificate_of_another_address_is_not_taken() -> None:
    expired = finding("security.tls.cert-expiry", "EXPIRED")
    assert kinds(expired, evidence(handshake(b"a", SECOND))) == set()


def test_symptom_web_server_needs_software_with_a_version() -> None:
    absent = finding("security.http.hsts", "ABSENT")
    assert kinds(absent, evidence(page("nginx/1.18.0"))) == {CauseKind.WEB_SERVER}
    assert kinds(absent, evidence(page("cloudflare"))) == set()
    assert kinds(absent, evidence(page("nginx/1.18.0"), page("Apache/2.4"))) == set()


def test_symptom_name_servers_are_identified_by_their_whole_set() -> None:
    none = finding("ipv6.dns.ns-aaaa", "NONE", None, names=("ns2.h.vn", "ns1.h.vn"))
    (key,) = symptom(SUBJECT, none, {}).keys
    assert (key.kind, key.name) == (CauseKind.NAME_SERVERS, "ns1.h.vn, ns2.h.vn")
    assert kinds(finding("ipv6.dns.ns-aaaa", "ONLY_ONE", None, names=("ns1.h.vn",))) == set()
    assert kinds(finding("ipv6.dns.ns-aaaa", "NONE", None, names=tuple(f"ns{n}.h.vn" for n in range(99)))) == set()


def test_may_explain_accepted_and_passing_findings_are_not_asked() -> None:
    refused = finding("ipv6.web.reach", "REFUSED")
    assert may_explain(outline(refused))
    accepted = replace(refused, waived=Waiver(reason="r", owner="o", until=None))
    assert not may_explain(outline(accepted))
    assert not may_explain(outline(replace(refused, outcome=Outcome.WARN)))


@pytest.mark.parametrize(
    ("check", "outcome", "code", "answered"),
    [
        ("ipv6.web.reach", Outcome.PASS, "OPEN", True),
        ("ipv6.web.reach", Outcome.FAIL, "REFUSED", True),
        ("ipv6.web.reach", Outcome.WARN, "SOME_SILENT", False),
        ("ipv6.web.addr-sane", Outcome.PASS, "SANE", False),
        ("security.ports.mgmt-exposed", Outcome.PASS, "NONE_OPEN", False),
        ("security.ports.mgmt-exposed", Outcome.FAIL, "EXPOSED", True),
        ("ipv6.web.http-ok", Outcome.FAIL, "TIMES_OUT", False),
        ("security.tls.versions", Outcome.FAIL, "OBSOLETE", True),
        ("ipv6.path.echo", Outcome.INCONCLUSIVE, "U_EGR", False),
    ],
)
def test_note_only_what_an_address_sent_speaks_against_the_silence_of_its_prefix(
    check: str, outcome: Outcome, code: str, answered: bool
) -> None:
    against = Contradictions()
    said = replace(finding(check, code), outcome=outcome)
    note([outline(said)], against)
    prefix = CauseKey(kind=CauseKind.PREFIX, name="2001:db8:7::/48")
    assert against.of(prefix, CheckId(check), frozenset()) == answered


def test_note_good_names_speak_against_a_set_that_holds_them() -> None:
    against = Contradictions()
    good = Brief(check="ipv6.dns.ns-aaaa", outcome=Outcome.PASS, code="TWO_OR_MORE", args={"names": ("ns1.h.vn",)})
    note([outline(good.of("tinh.vn"), with_args=True)], against)
    names = CauseKey(kind=CauseKind.NAME_SERVERS, name="ns1.h.vn, ns2.h.vn")
    assert against.of(names, CheckId("ipv6.dns.ns-aaaa"), frozenset())
    assert not against.of(names, CheckId("ipv6.dns.ns-reach"), frozenset())


def test_rules_name_failing_codes_of_the_catalogue() -> None:
    known = catalogue.load().checks
    assert known.keys() >= CHECKS
    for check in CHECKS:
        failing = {code for code, message in known[check].messages.items() if message.outcome is Outcome.FAIL}
        assert any(may_explain(outline(finding(check, code))) for code in failing), check
