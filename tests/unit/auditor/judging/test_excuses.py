"""Tests that no subject is failed if a probe was cut off before an answer that may excuse it.

Each begins with a golden case that reports no failure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from auditor.framework.check import Check, load
from auditor.framework.context import VantageHealth
from auditor.framework.findings import DEFECTS, CheckId, Outcome
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind
from probes.framework.registry import load as load_probes
from tests.golden.case import HERE, Loaded, findings, stored_case

CHECKS = load()
CUT = (
    ("ipv6.device.default-route", "ABSENT", "NOT_READ-context", "snmp 198.51.100.1#161", 11),
    ("ipv6.device.prefix-length", "ODD", "GOOD-dhcpv6", "snmp 198.51.100.1#161", 6),
    ("ipv6.device.ra-config", "MISSING", "BACKUP-hsrp-active-elsewhere", "snmp 198.51.100.1#161", 6),
    ("ipv6.dns.glue-aaaa", "MISSING", "OPEN-not-heard", "referrals tinh-a.example", 1),
    ("ipv6.dns.large-response", "LOST", "LIMITED-s1232", "large_response 2001:db8:a::53#53 tinh-a.example", 2),
    ("ipv6.dns.large-response", "LOST", "NOT_DECIDED-lossy", "nameserver 2001:db8:a::53#53 tinh-a.example", 0),
    ("ipv6.dns.v6-only-resolve", "NO_GLUE", "OPEN-glue-not-heard", "referrals tinh-a.example", 1),
    ("ipv6.dns.v6-only-resolve", "SILENT", "OPEN-drops-some", "nameserver 2001:db8:a::53#53 tinh-a.example", 0),
    ("ipv6.path.min-mtu", "MINIMUM_LOST", "CARRIES-large-echo-filtered", "full_segments 2001:db8:a::10#443", 0),
    ("ipv6.path.large-transfer", "STALLS", "STALLS_LOSSY", "icmp6 2001:db8:a::10", 0),
    ("ipv6.path.loss-rtt-parity", "LOSES_FAR_MORE", "LIMITED", "icmp6 2001:db8:a::10", 0),
    ("ipv6.path.pmtud", "LATE", "SOME_IGNORED-late", "pmtud https#443 www.tinh-a.example", 2),
    ("ipv6.path.time-exceeded", "SOME_SILENT", "ANSWER-one-protocol", "trace 2001:db8:a::10", 1),
    ("ipv6.web.http-ok", "FAILED_ALIKE", "UNANSWERED-reset", "tls 198.51.100.10#443", 0),
    ("ipv6.web.http-ok", "TIMES_OUT", "PAGE_ALONE_SILENT-of-both", "large_transfer www.tinh-a.example", 0),
    ("ipv6.web.http-ok", "TIMES_OUT_IPV6_ONLY", "PAGE_ALONE_SILENT-of-ipv6", "large_transfer www.tinh-a.example", 0),
    ("ipv6.web.http3", "DEAD_OVER_IPV6", "UNDECIDED-lossy", "icmp6 2001:db8:a::10", 0),
    ("ipv6.web.port-parity", "MISSING_ON_IPV6", "NOT_DECIDED-proxied", "tcp 198.51.100.10#80", 0),
    ("ipv6.web.reach", "REFUSED", "NOT_DECIDED-https-unknown", "tcp 2001:db8:a::10#80", 0),
    ("ipv6.web.tls-parity", "INVALID_ON_SOME", "ONE_FAMILY-two-machines", "tcp 2001:db8:a::10#443", 0),
    (
        "security.dns.cds",
        "SERVERS_DIFFER",
        "CONSISTENT-second-look",
        "dnssec_server 2001:db8:b::53#53 tinh-a.example",
        1,
    ),
    ("security.dns.delegation", "OTHER_GLUE", "GLUE_OPEN", "nameserver 198.51.100.55#53 tinh-a.example", 0),
    ("security.dns.dnssec", "HOST_BOGUS", "DISAGREE-host", "dnssec tinh-a.example", 11),
    ("security.dns.open-resolver", "OPEN", "BEHIND_NAT-tunnel", "tcp 198.51.100.53#53", 0),
    ("security.http.https-forced", "ERROR", "NOT_DECIDED-proxied", "tcp 198.51.100.10#80", 0),
    ("security.http.https-exists", "NO_TLS", "PAGE_WITHHELD", "tls 198.51.100.10#443", 0),
    ("security.http.mixed-content", "ACTIVE", "UPGRADED-late-in-the-head", "http 198.51.100.10#443", 0),
    ("security.mail.dane-mta-sts", "TLSA_INSECURE", "NOT_VALIDATED-disagree", "mail_transport tinh-a.example", 8),
    ("security.ports.v4v6-parity", "HOLE", "OTHER_MACHINES-one-certificate", "ssh 198.51.100.10", 0),
    ("security.ports.v4v6-parity", "HOLE", "SAME-starttls", "smtp 198.51.100.10 attempt 2", 0),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "SAME-edge-over-ipv4", "front_page 198.51.100.10", 0),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "BANNED-last-control-unheard", "ports 198.51.100.10", 1),
    ("security.routing.antispoof", "PARTLY", "VALIDATED-default-route", "snmp 198.51.100.1#161", 6),
    ("tslcd.ip.dual-stack", "DEVICE_ONLY", "BOTH", "tcp fd64:0:3::1#22", 0),
    ("tslcd.isolation.vpn", "GATEWAY_ONE_FAMILY", "VIA_GATEWAY", "internet_anchors 10.64.0.1", 2),
    ("tslcd.site.rtt-jitter", "TOO_LONG", "SHORT-stamp", "site_stamp 10.64.3.1", 0),
)
"""The code that would report a failure, the case, the evidence that the time ended, after how many steps; by check."""
OF_ONE_ADDRESS = {
    ("ipv6.dns.v6-only-resolve", "SILENT"): 6,
    ("ipv6.path.large-transfer", "STALLS"): 6,
    ("ipv6.web.http-ok", "FAILED_ALIKE"): 4,
    ("ipv6.web.http3", "DEAD_OVER_IPV6"): 6,
    ("security.dns.open-resolver", "OPEN"): 4,
    ("security.http.https-exists", "NO_TLS"): 4,
    ("security.http.https-forced", "ERROR"): 4,
    ("security.http.mixed-content", "ACTIVE"): 4,
    ("tslcd.site.rtt-jitter", "TOO_LONG"): 4,
}
"""The family of the missing evidence, for checks that may judge while a family does not work; by check."""
NOT_TRIED = (
    ("ipv6.device.address-state", "NOT_PREFERRED", "UNPLACED-hidden-not_preferred-2.1.8", "snmp 198.51.100.1#161", 2),
    ("ipv6.device.address-state", "NOT_STATIC", "UNPLACED-hidden-not_static-2.1.2", "snmp 198.51.100.1#161", 4),
    ("ipv6.device.ra-guard", "SOME", "UPLINKS_UNKNOWN-one-not-found", "snmp 198.51.100.1#161", 2),
    ("ipv6.dns.resolver-dual", "FAILS_SILENTLY", "NOT_DECIDED-tcp-alone", "resolver 2001:db8:53::53#53", 6),
    (
        "ipv6.dns.ns-v4v6-consistency",
        "LATE",
        "SAME-second-attempt",
        "zone_data 198.51.100.54#53 tinh-a.example attempt 2",
        0,
    ),
    ("ipv6.web.http-ok", "LOOP", "NOT_DECIDED-jump-and-back", "http 2001:db8:a::10#443", 0),
    ("security.http.https-forced", "ON_TO_HTTP", "REDIRECTS-their-hsts", "http 198.51.100.10#80", 2),
    ("security.mail.dane-mta-sts", "TLSA_EXPIRED", "DANE_VALID-renewed", "smtp renewed", 0),
)
"""The code that would report a failure, the case, the evidence, and its step that was not tried; by check."""

RESULTS = frozenset(
    {"status", "location", "leads_to", "response", "connected", "replies", "extensions", "starttls", "cipher", "chain"}
)
"""What a step that was not tried has no value of."""


def sick_at(vantage: VantageHealth, moment: datetime, family: int) -> VantageHealth:
    """Return the same vantage, except that a family did not work for some minutes around a moment."""
    usual = vantage.points[-1]
    hours = [replace(usual, at=moment + timedelta(hours=hour)) for hour in (-1, 1)]
    around = [
        replace(usual, at=moment + timedelta(minutes=minute), families=usual.families - {family}) for minute in (-1, 1)
    ]
    return replace(vantage, points=(*vantage.points, *hours, *around))


def swapped(case: Loaded, piece: Evidence) -> EvidenceSet:
    """Return the evidence of a case with another piece in place of that of its id."""
    return EvidenceSet(piece if one.id == piece.id else one for one in case.evidence)


def said(case: Loaded, check: Check, piece: Evidence) -> Mapping[object, tuple[Outcome, str]]:
    found = findings(replace(case, evidence=swapped(case, piece)), check)
    return {(one.address, one.detail): (one.outcome, one.code) for one in found}


def undecided(check_id: str, code: str, stem: str, piece: Evidence, *, sick: int | None = None) -> set[str]:
    """Return the codes that replace the failing ones; ``sick``: a family that is sick as the piece is taken."""
    case, check = stored_case(HERE / check_id / f"{stem}.json"), CHECKS[CheckId(check_id)]
    if sick is not None:
        case = replace(case, ctx=replace(case.ctx, vantage=sick_at(case.ctx.vantage, piece.started, sick)))
    blind = said(case, replace(check, excused_by={}, excused_if_late={}), piece)
    seen = said(case, check, piece)
    accused = {key for key, (outcome, each) in blind.items() if outcome in DEFECTS and each == code}
    assert accused, "the golden case no longer shows anything"
    assert {seen[key][0] for key in accused} == {Outcome.INCONCLUSIVE}
    return {seen[key][1] for key in accused}


def evidence(check_id: str, stem: str, piece: str) -> Evidence:
    return next(one for one in stored_case(HERE / check_id / f"{stem}.json").evidence if one.id == piece)


@pytest.mark.parametrize(("check_id", "code", "stem", "piece", "kept"), CUT)
def test_unheard_what_the_time_ended_accuses_nobody(check_id: str, code: str, stem: str, piece: str, kept: int) -> None:
    whole = evidence(check_id, stem, piece)
    cut = replace(whole, steps=whole.steps[:kept], failure=Failure(kind=FailureKind.OUT_OF_TIME))
    assert undecided(check_id, code, stem, cut) == {"OUT_OF_TIME"}


@pytest.mark.parametrize(
    ("check_id", "code", "stem", "piece"), [case[:-1] for case in CUT if case[:2] in OF_ONE_ADDRESS]
)
def test_unheard_what_was_asked_while_the_vantage_could_not_tell_accuses_nobody(
    check_id: str, code: str, stem: str, piece: str
) -> None:
    whole, family = evidence(check_id, stem, piece), OF_ONE_ADDRESS[check_id, code]
    later = replace(whole, started=whole.started + timedelta(days=1))
    assert undecided(check_id, code, stem, later, sick=family) == {f"U_V{family}"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FailureKind.OVER_BUDGET, "OVER_BUDGET"),
        (FailureKind.NO_PERMISSION, "U_PRIV"),
        (FailureKind.FILTERED_HERE, "U_EGR"),
        (FailureKind.OUT_OF_SCOPE, "U_SCOPE"),
    ],
)
@pytest.mark.parametrize(("check_id", "code", "stem", "piece", "number"), NOT_TRIED)
def test_unheard_step_that_was_not_tried_accuses_nobody(
    check_id: str, code: str, stem: str, piece: str, number: int, kind: FailureKind, expected: str
) -> None:
    whole = evidence(check_id, stem, piece)
    step: Any = whole.steps[number]
    nothing = {field.name: field.default for field in fields(step) if field.name in RESULTS}
    failed = replace(step, failure=Failure(kind=kind), **nothing)
    cut = replace(whole, steps=(*whole.steps[:number], failed, *whole.steps[number + 1 :]))
    assert undecided(check_id, code, stem, cut) == {expected}


@pytest.mark.parametrize(
    ("check_id", "code", "stem"),
    [
        ("ipv6.path.echo", "FILTERED", "NOT_DECIDED-lossy-line"),
        ("ipv6.web.http3", "DEAD_OVER_IPV6", "UNDECIDED-outage"),
    ],
)
def test_unheard_losses_that_several_pieces_would_show_accuse_nobody(check_id: str, code: str, stem: str) -> None:
    """Where a line loses connects too, chance explains silence; one of several connects that are missing does not."""
    case, check = stored_case(HERE / check_id / f"{stem}.json"), CHECKS[CheckId(check_id)]
    first = next(one.id for one in case.evidence if one.probe == "tcp")
    cut = tuple(
        replace(one, steps=(), failure=Failure(kind=FailureKind.OUT_OF_TIME))
        if one.probe == "tcp" and one.id != first
        else one
        for one in case.evidence
    )
    blind, seen = (
        findings(replace(case, evidence=EvidenceSet(cut)), one)
        for one in (replace(check, excused_by={}, excused_if_late={}), check)
    )
    assert [one.code for one in blind if one.outcome in DEFECTS] == [code]
    assert [one.code for one in seen] == ["OUT_OF_TIME"]


def test_unheard_echo_without_permission_leaves_a_hole_a_hole() -> None:
    """A run as an ordinary user takes no echo series, and is not blind to ports for that."""
    case = stored_case(HERE / "security.ports.v4v6-parity" / "NOT_DECIDED-loses-echoes-of-a-hole.json")
    whole = next(one for one in case.evidence if one.id == "icmp6 198.51.100.10")
    nothing: dict[str, Any] = {"rtts": ()}
    missing = replace(whole.steps[0], failure=Failure(kind=FailureKind.NO_PERMISSION), **nothing)
    outcomes = said(case, CHECKS[CheckId("security.ports.v4v6-parity")], replace(whole, steps=(missing,)))
    assert set(outcomes.values()) == {(Outcome.FAIL, "HOLE")}
    late = replace(whole, steps=(), failure=Failure(kind=FailureKind.OUT_OF_TIME))
    outcomes = said(case, CHECKS[CheckId("security.ports.v4v6-parity")], late)
    assert set(outcomes.values()) == {(Outcome.INCONCLUSIVE, "OUT_OF_TIME")}


def test_unheard_excuses_are_of_codes_that_accuse_and_of_probes() -> None:
    probes = set(load_probes())
    for check in CHECKS.values():
        for code, named in (*check.excused_by.items(), *check.excused_if_late.items()):
            assert check.messages[code].outcome in DEFECTS, (check.id, code)
            assert named <= probes, (check.id, named)
