"""Tests the remaining findings, evidence and subjects for a reader with access to some subjects only."""

from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_address

from auditor.framework.check import load
from auditor.framework.findings import UNSEEN, CheckId, Finding, Level, LevelBasis, Outcome, Severity, finding_id
from auditor.texts.redaction import evidence_for, finding_for, subject_for
from auditor.texts.translate import Texts
from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, RunId
from probes.observations.feed import FeedSite, MonthlyFeed, SiteMonth
from probes.observations.isolation import AnchorReach, ManagementReach

SEEN = frozenset(map(SubjectId, ("xa-a", "xa-b")))


def finding(code: str = "DUPLICATE", **args: str | tuple[str, ...]) -> Finding:
    check = CheckId("tslcd.ip.plan")
    return Finding(
        id=finding_id(SubjectId("xa-a"), check, None, None, ""),
        check=check,
        check_version=2,
        code=code,
        outcome=Outcome.FAIL,
        severity=Severity.HIGH,
        level=Level.REQUIRED,
        level_basis=LevelBasis.VERIFIED,
        subject=SubjectId("xa-a"),
        address=None,
        detail=None,
        vantage="v",
        reason=None,
        evidence=(),
        args={"name": "xa-a", "addresses": ("10.64.3.9",), **args},
    )


def shown(one: Finding) -> Finding:
    return finding_for(one, load().get(one.check), SEEN)


def test_ids_outside_the_sight_become_one_mark_and_those_inside_stay() -> None:
    args = shown(finding(others=("xa-b", "xa-x", "xa-y"))).args
    assert args == {"name": "xa-a", "addresses": ("10.64.3.9",), "others": ("xa-b", UNSEEN)}


def test_a_finding_that_names_nobody_outside_is_as_it_was() -> None:
    assert shown(finding(others=("xa-b",))).args["others"] == ("xa-b",)
    assert shown(finding("IN_PLAN", count="1")) == finding("IN_PLAN", count="1")


def test_a_code_that_nobody_declares_keeps_only_ids_that_are_seen() -> None:
    args = shown(finding("RETIRED", others=("xa-x",))).args
    assert args == {"name": "xa-a", "addresses": (UNSEEN,), "others": (UNSEEN,)}


def test_the_message_says_that_it_is_another_agency_s() -> None:
    one = shown(finding(others=("xa-x",)))
    assert "(another agency's connection point or device)" in Texts("en").message(one)
    assert "trùng với điểm kết nối hoặc thiết bị của cơ quan, đơn vị khác" in Texts("vi").message(one)
    assert UNSEEN not in Texts("en").message(one)


def test_observations_of_others_are_left_out_and_those_of_one_s_own_stay() -> None:
    sites = tuple(FeedSite(site=text, theirs=SiteMonth(), ours=SiteMonth()) for text in ("xa-a", "xa-x"))
    feed = MonthlyFeed(month=date(2026, 2, 1), received=date(2026, 3, 1), file="f.csv", sites=sites)
    anchor = AnchorReach(address=ip_address("2001:db8::1"), transport="icmp")
    evidence = Evidence(
        id=EvidenceId("e"),
        run=RunId("r"),
        subject=SubjectId("xa-a"),
        endpoint=None,
        task="t",
        probe="p",
        probe_version=1,
        attempt=1,
        vantage="v",
        started=datetime(2026, 3, 2, tzinfo=UTC),
        queued=0.0,
        steps=(anchor, ManagementReach(address=ip_address("10.1.1.1"), port=22), feed),
    )
    assert evidence_for(evidence, SEEN).steps == (anchor, replace(feed, sites=sites[:1]))


def test_owners_outside_the_sight_are_left_out() -> None:
    subject = Subject(
        id=SubjectId("zone:z"),
        kind=Kind.ZONE,
        kinds=frozenset({Kind.ZONE}),
        name="z",
        derived_from=(SubjectId("xa-a"), SubjectId("xa-x")),
    )
    assert subject_for(subject, SEEN).derived_from == ("xa-a",)
