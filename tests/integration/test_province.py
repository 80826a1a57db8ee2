"""Tests that an audit of the whole province finds the planted defects and reports no others."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.sonlam.portals import SHARED_V6
from tests.support import audits
from tests.support.audits import SOURCE, auditor, brief, differing, essence, only, verdicts, without_hurried
from tests.support.province_audit import SAMPLED, WORDS, Audited, audit_province
from tests.support.recounting import differences, recounted
from tests.support.tls_comparison import EVIDENCE, SAME

pytest_plugins = ("tests.support.audited_province",)

CONTINUITY = "ipv6.web.continuity"
LAN = "security.ipv6.rogue-ra"
"""A check that is decided only from a vantage on the LAN."""
ROUTING = {"ipv6.device.bgp-v6", "ipv6.device.igp-v6"}
"""Checks of routing protocols: agents of net-snmp have no tables of these, so it is unknown if one runs."""
TLS_PLACES = 290
BEHIND_ONE = {f"{label}.sonlam.gov.vn" for label in ("nongnghiep", "suoidoi", "baotang")}
"""The sites at SHARED_V6."""
AREAS = {"ipv6.dns", "ipv6.web", "ipv6.mail", "ipv6.path", "ipv6.device", "tslcd", "security"}


@pytest.fixture(scope="module")
def second(lab: Rehearsal, province: Audited, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Return another audit of the same province."""
    lab.forget()
    return audit_province(lab, tmp_path_factory.mktemp("province") / "second")


def test_it_ends_with_findings_and_names_the_reports(province: Audited, second: Audited) -> None:
    for done in (province, second):
        assert done.said.code == audits.FINDINGS
        written = sorted(path for path in done.folder.iterdir() if path.is_file())  # pages of agencies are in a folder
        assert [path.suffix for path in written] == [".html", ".json"]
        assert {str(path) for path in written} <= set(done.said.out.splitlines())
        # Without a terminal, a run of over ten seconds reports its progress from time to time.
        assert all(line.startswith("đã đo ") for line in done.said.err.splitlines())


NEEDS_AUTHORISATION = {
    "security.tls.known-vulns",
    "security.ssh.auth",
    "security.ports.amplifiers",
    "security.mail.open-relay",
    "ipv6.path.fragment",
    "security.snmp.default-community",
    "security.ipv6.rh0",
    "security.ipv6.tunnel-endpoints",
}
"""Checks that need an owner's authorisation for the part that other evidence does not decide; few rows give it."""


def undecided(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the inconclusive findings, except for checks that lack an authorisation for their other part."""
    found = only(audits.in_time(document), "inconclusive")
    return [
        one
        for one in found
        if (one["check"] in NEEDS_AUTHORISATION, one["reason"]) != (True, "U-SCOPE")
        and (one["check"] in ROUTING, one["code"]) != (True, "NOT_SHOWN")
        and one["check"] != LAN
    ]


def test_every_planted_defect_is_found(province: Audited) -> None:
    found, late = verdicts(province.document), audits.hurried(province.document)
    wanted = {
        (subject, check): outcome
        for part in ("defects", "derived")
        for subject, checks in province.expected[part].items()
        for check, outcome in checks.items()
        if check in audits.implemented() and (subject, check) not in late
    }
    assert len(wanted) >= 40
    assert {key: found.get(key) for key in wanted} == wanted


def test_nothing_else_is_accused(province: Audited) -> None:
    allowed = {
        (subject, check)
        for part in ("defects", "consequences", "derived", "derived_consequences")
        for subject, checks in province.expected[part].items()
        for check in checks
    } | {(subject, CONTINUITY) for subject, up in SAMPLED.items() if not up}
    others = [one for one in only(province.document, "fail") if (one["subject"], one["check"]) not in allowed]
    assert brief(others) == []


def test_findings_behind_one_address_are_one_cause_of_three_agencies(
    lab: Rehearsal, province: Audited, tmp_path: Path
) -> None:
    document = province.document
    if BEHIND_ONE & {subject for subject, _ in audits.hurried(document)}:  # the machine was late: audit only these
        audits.inventory(lab, tmp_path / "inventory.csv", BEHIND_ONE)
        said = auditor(lab, "audit", tmp_path / "inventory.csv", *WORDS, "--format", f"json={tmp_path / 'result.json'}")
        assert said.code == audits.FINDINGS
        document = audits.read(tmp_path / "result.json")
    causes = [cause for cause in document["causes"] if cause["name"] == SHARED_V6]
    told = [(cause["kind"], cause["agencies"], cause["subject_count"], cause["owner"]) for cause in causes]
    assert told == [("address", ["SL-03", "SL-NNMT", "SL-VH"], 3, None)]
    assert {gain["figure"]: gain["met_after"] - gain["met"] for gain in causes[0]["gains"]} == {"K08": 2, "K10": 1}


def test_what_is_healthy_is_called_healthy(province: Audited) -> None:
    healthy = set(province.expected["healthy"])
    assert len(healthy) >= 7
    expected = province.expected["consequences"]
    left = (one for one in undecided(province.document) if one["check"] not in expected.get(one["subject"], ()))
    found = [*only(province.document, "fail", "warn"), *left]
    assert brief([one for one in found if one["subject"] in healthy]) == []


IN_BETWEEN = {
    ("truyentai.sonlam.gov.vn", "security.ports.mgmt-exposed"): {"EDGE"},
    ("may-hoden", "security.ports.mgmt-exposed"): {"EVERYTHING_OPEN"},
    ("may-dungsau", "security.ports.mgmt-exposed"): {"NONE_OPEN"},
    ("may-cam", "security.ports.mgmt-exposed"): {"BANNED", "JUMP_HOST"},
    ("may-cam", "security.ports.v4v6-parity"): {"BANNED"},
}
"""The codes for hosts behind a front end, a tarpit, a SYN proxy, and an intrusion prevention over only IPv4."""

BANNING = frozenset({"may-cam"})
"""Hosts that ban the vantage: what their silence shows depends on the moment of each ban."""


def test_devices_in_between_are_named_and_nobody_is_accused_for_them(province: Audited) -> None:
    said: dict[tuple[str, str], set[str]] = {}
    for one in province.document["findings"]:
        said.setdefault((one["subject"], one["check"]), set()).add(one["code"])
    assert {key: said[key] for key in IN_BETWEEN} == IN_BETWEEN
    hosts = {subject for subject, _ in IN_BETWEEN}
    assert brief([one for one in only(province.document, "fail", "warn") if one["subject"] in hosts]) == []


def test_what_nobody_authorised_is_said_once_for_a_subject(province: Audited) -> None:
    undone = [one for one in only(province.document, "inconclusive") if one["reason"] == "U-SCOPE"]
    said = [one for one in undone if one["check"] in NEEDS_AUTHORISATION and one["code"] != "NOT_TESTED"]
    assert {one["code"] for one in said} == {"NOT_ALLOWED", "U_SCOPE"}
    assert len({(one["subject"], one["check"]) for one in said}) == len(said)


def test_samples_of_the_store_are_looked_back_at(province: Audited) -> None:
    said = {one["subject"]: one["code"] for one in province.document["findings"] if one["check"] == CONTINUITY}
    assert {subject: said[subject] for subject in SAMPLED} == {
        subject: "STEADY" if up else "SERVICE_OUT" for subject, up in SAMPLED.items()
    }
    others = {code for subject, code in said.items() if subject not in SAMPLED}
    assert others == {"TOO_YOUNG", "NO_AAAA"}


def test_every_subject_is_there_and_nothing_is_left_undecided(province: Audited) -> None:
    found = {subject["id"] for subject in province.document["subjects"]}
    assert {*province.expected["healthy"], *province.expected["defects"]} <= found
    consequences = {**province.expected["consequences"], **province.expected["derived_consequences"]}
    planted = {  # checks that a planted defect makes undecidable
        (subject, check)
        for part in ("defects", "derived")
        for subject, checks in province.expected[part].items()
        for check, outcome in checks.items()
        if outcome == "inconclusive"
    }
    left = [
        one
        for one in undecided(province.document)
        if one["check"] not in consequences.get(one["subject"], ())
        and (one["subject"], one["check"]) not in planted
        and (one["subject"] in BANNING, one["reason"]) != (True, "U-RATE")
    ]
    assert brief([*only(province.document, "error"), *left]) == []
    late = audits.hurried(province.document)
    untested = {row["check"] for row in province.document["not_tested"] if (row["subject"], row["check"]) not in late}
    assert untested <= {LAN, *NEEDS_AUTHORISATION}


def test_every_implemented_check_says_something_and_passes_somewhere(province: Audited, second: Audited) -> None:
    outcomes: dict[str, set[str]] = {}
    for one in (*province.document["findings"], *second.document["findings"]):
        outcomes.setdefault(one["check"], set()).add(one["outcome"])
    assert outcomes.pop(LAN) == {"inconclusive"}
    assert set(outcomes) == {check for check in audits.implemented() if not check.startswith("tslcd.")} - {
        LAN
    }  # tested in test_tslcd and test_lan
    assert [check for check, seen in outcomes.items() if "pass" not in seen] == []
    in_both = audits.hurried(province.document) & audits.hurried(second.document)
    too_late = {check for _, check in in_both}  # its only subject with a defect was late on this machine
    assert [check for check, seen in outcomes.items() if not seen & {"fail", "warn"} and check not in too_late] == []


@pytest.mark.parametrize("program", ["sslscan", "openssl"])
def test_other_programs_say_the_same_of_tls_everywhere(lab: Rehearsal, province: Audited, program: str) -> None:
    """Another program measures each address, port and name again where the audit saw TLS."""
    words = (sys.executable, "-m", f"tests.support.{program}_oracle", EVIDENCE, str(province.evidence))
    completed = lab.run(words, timeout=1_800)
    assert completed.returncode == 0, (
        "\n".join(line for line in completed.stdout.splitlines() if SAME not in line) + completed.stderr
    )
    assert len(completed.stdout.splitlines()) > TLS_PLACES


def test_the_document_keeps_the_interface(province: Audited) -> None:
    document = province.document
    schema = json.loads((SOURCE / "reports" / "result.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    findings = document["findings"]
    ids = [finding["id"] for finding in findings]
    assert len(ids) == len(set(ids))
    assert [finding["check"] for finding in findings if finding["message"]["vi"] == finding["message"]["en"]] == []
    assert [
        finding["check"]
        for finding in findings
        if finding["remedy"] and finding["remedy"]["vi"] == finding["remedy"]["en"]
    ] == []
    assert [finding["check"] for finding in findings if finding["check"].startswith("meta.")] == []
    assert document["summary"] == {
        outcome: sum(finding["outcome"] == outcome for finding in findings) for outcome in document["summary"]
    }
    untested = [(one["subject"], one["check"]) for one in only(document, "inconclusive") if not one["evidence"]]
    assert [(row["subject"], row["check"]) for row in document["not_tested"]] == untested
    for subject in document["subjects"]:
        assert set(subject["scores"]) == AREAS
    known = {subject["id"] for subject in document["subjects"]}
    assert {finding["subject"] for finding in findings} <= known


def test_accusations_show_their_evidence(province: Audited) -> None:
    lines = (province.evidence / "evidence.jsonl").read_text("utf-8").splitlines()
    ids = {json.loads(line).get("id") for line in lines}
    for finding in only(province.document, "warn", "fail"):
        assert finding["evidence"], finding["check"]
        assert set(finding["evidence"]) <= ids


def test_figures_can_be_counted_again_from_the_findings(province: Audited) -> None:
    assert len(list(recounted(province.document))) > len(province.document["rollup"]["units"])
    assert differences(province.document) == []


def test_the_inventory_stands_with_the_run(province: Audited) -> None:
    about = province.document["run"]["inventory"]
    assert [(one["check"], one["code"]) for one in about["findings"]] == [("meta.inventory.fresh", "FRESH")]


def test_the_vantage_was_in_order(province: Audited) -> None:
    (vantage,) = province.document["run"]["vantages"]
    assert (vantage["ipv4"], vantage["ipv6"], vantage["dns"]) == ("ok", "ok", "ok")
    assert {one["check"] for one in vantage["selftest"]} == audits.vantage_checks()
    assert {one["outcome"] for one in vantage["selftest"]} == {"pass"}


def test_a_second_audit_finds_the_same(province: Audited, second: Audited) -> None:
    assert province.document["run"]["id"] != second.document["run"]["id"]
    before, after = without_hurried(province.document, second.document, apart=BANNING)
    assert len(before["subjects"]) > len(province.document["subjects"]) / 2
    assert not (changed := differing(before, after)), "\n".join(changed)
    assert essence(after) == essence(before)
