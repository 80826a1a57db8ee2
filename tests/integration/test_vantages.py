"""Tests that a limited vantage reports no false defect: without IPv4 or IPv6, losing it, or behind its own filter."""

from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.check import FamilyClaim
from containers.rehearsal.lab import Rehearsal
from inventory.model import Clearance
from tests.support import audits
from tests.support.audits import CommandResult, Document, auditor, brief, only, together
from tests.support.vantage_audits import accused_wrongly, audit_words, interrupted, wait_for_evidence

pytest_plugins = ("tests.support.rehearsal",)


def _claiming(*claims: FamilyClaim) -> frozenset[str]:
    """Return the checks with these claims that need no authorisation: the others report that it is missing."""
    every = (check for check in catalogue.load().select((), ()) if check.claims in claims)
    return frozenset(check.id for check in every if check.clearance is not Clearance.INTRUSIVE)


def _audit(lab: Rehearsal, folder: Path, *options: str, vantage: str) -> tuple[CommandResult, Document]:
    result = auditor(lab, *audit_words(lab, folder, *options), vantage=vantage)
    assert "Traceback" not in result.err
    return result, audits.in_time(audits.read(folder / "result.json"))


def test_without_ipv6_nothing_about_ipv6_is_decided(lab: Rehearsal, tmp_path: Path) -> None:
    result, document = _audit(lab, tmp_path, vantage="vantage-v4")
    # Checks without authorisation are not made at all, from any vantage.
    asked = [one for one in document["findings"] if one["reason"] != "U-SCOPE"]
    claiming = [one for one in asked if one["check"] in _claiming(FamilyClaim.V6, FamilyClaim.BOTH)]
    assert {one["check"] for one in claiming} >= {"ipv6.web.reach", "ipv6.dns.ns-reach", "ipv6.path.echo"}
    assert {(one["outcome"], one["reason"]) for one in claiming} == {("inconclusive", "U-V6")}
    # DNS records about an IPv6 address (AAAA, SPF, PTR) are resolved over IPv4 too.
    asked_of_dns = _claiming(FamilyClaim.NONE, FamilyClaim.AAAA)
    present = [one for one in asked if one["check"] in ("ipv6.web.aaaa", "ipv6.dns.ns-aaaa")]
    assert {one["outcome"] for one in present} >= {"pass", "fail"}
    everything = [one for one in asked if one["check"] not in asked_of_dns]
    about_v6 = [one for one in everything if ":" in (one["address"] or "")]
    assert {(one["outcome"], one["reason"]) for one in about_v6} == {("inconclusive", "U-V6")}
    # U-SCOPE: no authorisation covers tests of known flaws.
    assert {one["reason"] for one in only(document, "inconclusive")} == {"U-V6", "U-SCOPE"}
    assert result.code == audits.FINDINGS  # defects that show over only IPv4
    decided = [one for one in only(document, "fail", "warn", "pass") if ":" in (one["address"] or "")]
    assert {one["check"] for one in decided} <= asked_of_dns, brief(decided)
    assert accused_wrongly(lab, document) == []
    (vantage,) = document["run"]["vantages"]
    assert (vantage["ipv4"], vantage["ipv6"], vantage["dns"]) == ("ok", "none", "ok")
    assert any("IPV6" in limit for limit in document["limits"])


def test_without_ipv6_the_exit_says_that_the_work_is_not_done(lab: Rehearsal) -> None:
    words = ("check", "nongnghiep.sonlam.gov.vn", "--only")
    for result in together(lab, (*words, "ipv6"), (*words, "ipv6.web.reach"), vantage="vantage-v4"):
        assert result.code == audits.INCOMPLETE
        assert "CHƯA ĐỦ SỐ LIỆU" in result.out
        assert "điểm đo không có kết nối IPv6 hoạt động" in result.out


def test_without_ipv4_nothing_about_ipv4_accuses(lab: Rehearsal, tmp_path: Path) -> None:
    result, document = _audit(lab, tmp_path, vantage="vantage-v6")
    asked = [one for one in document["findings"] if one["reason"] != "U-SCOPE"]
    both = [one for one in asked if one["check"] in _claiming(FamilyClaim.BOTH)]
    assert {(one["outcome"], one["reason"]) for one in both} == {("inconclusive", "U-V4")}
    # DNS records about an IPv4 address (its reverse name) are resolved over IPv6 too.
    about = [one for one in asked if one["check"] not in _claiming(FamilyClaim.NONE, FamilyClaim.AAAA)]
    about_v4 = [one for one in about if "." in (one["address"] or "") and ":" not in one["address"]]
    assert {(one["outcome"], one["reason"]) for one in about_v4} == {("inconclusive", "U-V4")}
    unknown = {one["reason"]: one["check"] for one in only(document, "inconclusive")}
    # As above; besides, errors of a server are no evidence about large answers.
    assert {"U-V4"} <= unknown.keys() <= {"U-V4", "U-SCOPE", "U-AMB", "U-REF"}
    assert unknown.get("U-REF", "security.dns.ns-diversity") == "security.dns.ns-diversity"  # no routing table
    assert unknown.get("U-AMB", "ipv6.dns.large-response") == "ipv6.dns.large-response"
    assert accused_wrongly(lab, document) == []
    assert result.code == audits.FINDINGS
    reach = [one for one in document["findings"] if one["check"] == "ipv6.web.reach"]  # those measured in time
    unreached = {one["subject"] for one in reach if one["outcome"] == "fail"}
    silent = {"nongnghiep.sonlam.gov.vn", "dantoc.sonlam.gov.vn"}
    assert unreached == silent & {one["subject"] for one in reach}


@pytest.mark.parametrize("envelopes", [1, 100])
def test_losing_the_ipv6_route_during_the_run_accuses_nobody(lab: Rehearsal, tmp_path: Path, envelopes: int) -> None:
    code, document = interrupted(lab, tmp_path, "no_v6_route", begins=lambda: wait_for_evidence(tmp_path, envelopes))
    assert code in {audits.FINDINGS, audits.INCOMPLETE}
    assert accused_wrongly(lab, document) == []
    assert only(document, "error") == []
    (vantage,) = document["run"]["vantages"]
    assert vantage["ipv6"] == "impaired"
    assert "U-V6" in {one["reason"] for one in only(document, "inconclusive")}


def test_a_wrong_clock_says_nothing_of_certificates(lab: Rehearsal) -> None:
    """Four time servers lie; without them the same portal's certificate is judged."""
    words = (
        "check",
        "cong.sonlam.gov.vn",
        "--only",
        "security.tls.cert-expiry,security.tls.cert-name",
        "--timeout",
        3,
        "--format",
        "json",
    )
    with lab.fault("clock_skew", "vantage"):
        skewed = auditor(lab, *words).document
    right = auditor(lab, *words).document
    assert _clock(skewed) == ("WRONG", "fail")
    assert _clock(right) == ("RIGHT", "pass")
    of_times = [one for one in skewed["findings"] if one["check"] == "security.tls.cert-expiry"]
    assert {(of_time["outcome"], of_time["reason"]) for of_time in of_times} == {("inconclusive", "U-REF")}
    assert {one["outcome"] for one in skewed["findings"] if one["check"] == "security.tls.cert-name"} == {"pass"}
    assert {one["outcome"] for one in right["findings"]} == {"pass"}
    assert any("meta.selftest.clock WRONG" in limit for limit in skewed["limits"])


def _clock(document: Document) -> tuple[str, str]:
    (vantage,) = document["run"]["vantages"]
    (found,) = [one for one in vantage["selftest"] if one["check"] == "meta.selftest.clock"]
    return found["code"], found["outcome"]


def test_a_filter_before_the_vantage_accuses_nobody(lab: Rehearsal, tmp_path: Path) -> None:
    with lab.fault("drop_egress_443", "vantage"):
        result, document = _audit(lab, tmp_path, vantage="vantage")
        words = ("check", "cong.sonlam.gov.vn", "--only", "ipv6.web.reach", "--timeout", 3, "--format", "json")
        one = auditor(lab, *words)
    assert one.code == audits.INCOMPLETE
    assert {finding["reason"] for finding in one.document["findings"]} == {"U-EGR"}
    assert result.code == audits.FINDINGS  # name servers, addresses and mail are measured as usual
    assert accused_wrongly(lab, document) == []
    judged = [one for one in document["findings"] if one["check"] == "ipv6.web.reach"]
    assert {(one["outcome"], one["reason"]) for one in judged} == {("inconclusive", "U-EGR"), ("not_applicable", None)}
    # Services of mail hosts have other ports, and the detail names them.
    of_tls = [one for one in only(document, "pass", "warn", "fail") if one["check"].startswith("security.tls")]
    assert brief(one for one in of_tls if one["detail"] is None) == []
    (vantage,) = document["run"]["vantages"]
    (egress,) = [one for one in vantage["selftest"] if one["check"] == "meta.selftest.egress"]
    assert (egress["code"], egress["args"]["transports"]) == ("BLOCKED", ["tcp/443"])
