"""Tests that audits of TSLCD from inside and from outside find the planted defects and report no others.

A vantage whose own end is down reports no defect of others.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from containers.rehearsal.tslcd.files import BOTH, LEAKING, VANTAGES
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from containers.rehearsal.tslcd.network import OTHERS
from containers.rehearsal.tslcd.sites import COMMUNES, DEAD_NODE
from tests.support import audits
from tests.support.audits import Document, brief, only, verdicts
from tests.support.tslcd_audits import audit

pytest_plugins = ("tests.support.tslcd",)

NEEDS_SAMPLES = {
    "tslcd.site.availability",
    "tslcd.site.in-use",
    "tslcd.channel.utilisation",
    "tslcd.channel.errors",
    "tslcd.device.power",
}
"""Checks that one round cannot decide."""
OF_SERIES = ("tslcd.site.loss", "tslcd.site.rtt-jitter")
FROM_OUTSIDE = "tslcd.isolation.not-exposed"
MOST_UNEVEN = 3
"""The most addresses of which one look may not tell how long packets take; the network has more than twenty."""


@pytest.fixture(scope="module")
def outside(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    return audit(tslcd, tmp_path_factory.mktemp("outside"), "--only", FROM_OUTSIDE, vantage="outside")


@pytest.fixture(scope="module")
def expected(tslcd: TslcdRehearsal) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tslcd.dir / "expected.json").read_text("utf-8"))
    return found


def _pairs(part: dict[str, Any]) -> set[tuple[str, str]]:
    return {(subject, check) for subject, checks in part.items() for check in checks}


def test_settle_inside_tslcd_does_not_wait_for_routers_of_the_province(tslcd: TslcdRehearsal) -> None:
    tslcd.settle()


def test_every_planted_defect_is_found(inside: Document, expected: dict[str, Any]) -> None:
    found, late = verdicts(inside), audits.hurried(inside)
    wanted = {
        (subject, check): outcome
        for subject, checks in expected["defects"].items()
        for check, outcome in checks.items()
        if (subject, check) not in late
    }
    assert len(wanted) >= 20
    assert {key: found.get(key) for key in wanted} == wanted


def test_nothing_else_is_accused(inside: Document, expected: dict[str, Any]) -> None:
    allowed = _pairs(expected["defects"]) | _pairs(expected["consequences"])
    accused = only(inside, "fail", "warn")
    assert brief(one for one in accused if (one["subject"], one["check"]) not in allowed) == []


def test_only_what_needs_samples_or_another_place_is_left_undecided(inside: Document, expected: dict[str, Any]) -> None:
    allowed = _pairs(expected["consequences"])
    left = [
        one
        for one in only(audits.in_time(inside), "inconclusive", "error")
        if (one["subject"], one["check"]) not in allowed
        and (one["check"], one["reason"]) != (FROM_OUTSIDE, "U-VP")
        and not (one["check"] in NEEDS_SAMPLES and one["reason"] in ("U-SMPL", "U-CRED"))
    ]
    # How long packets take varies on a machine that has much to do.
    uneven = [one for one in left if (one["check"], one["code"]) == ("tslcd.site.rtt-jitter", "UNEVEN")]
    assert len(uneven) <= MOST_UNEVEN
    assert brief(one for one in left if one not in uneven) == []


def test_every_check_passes_somewhere_and_accuses_somewhere(
    tslcd: TslcdRehearsal, inside: Document, outside: Document, leak: Document
) -> None:
    outcomes: dict[str, set[str]] = {}
    for document in (inside, outside, leak):
        for (_, check), outcome in verdicts(document).items():
            outcomes.setdefault(check, set()).add(outcome)
    ours = {check for check in audits.implemented() if check.startswith("tslcd.")}
    assert ours <= set(outcomes)
    assert [check for check in sorted(ours) if "pass" not in outcomes[check]] == []
    assert [check for check in sorted(ours) if not outcomes[check] & {"fail", "warn"}] == []


def test_where_packets_are_lost_for_their_size_the_segments_of_its_connections_are_told(inside: Document) -> None:
    """The first loses packets above the IPv6 minimum MTU, the second only full-size ones; neither clamps the MSS."""
    lost = {one["subject"]: one for one in only(inside, "fail", "warn") if one["check"] == "ipv6.path.min-mtu"}
    assert {name: lost[name]["code"] for name in ("d-thacbac", "d-caugo")} == {
        "d-thacbac": "MINIMUM_LOST",
        "d-caugo": "FULL_SEGMENTS_LOST",
    }
    assert lost["d-caugo"]["args"]["mss"] == 1440


def test_what_was_closed_or_merged_is_not_asked_about(inside: Document, expected: dict[str, Any]) -> None:
    assert not {subject["id"] for subject in inside["subjects"]} & set(expected["absent"])


@pytest.fixture(scope="module")
def leak(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    with tslcd.leaking():
        return audit(tslcd, tmp_path_factory.mktemp("leak"), "--only", "tslcd.isolation.vpn")


def test_a_limit_on_echo_is_no_loss_where_a_responder_stands(inside: Document) -> None:
    (limited,) = (commune for commune in COMMUNES if commune.limits_echo)
    said = [one for one in inside["findings"] if one["subject"] == limited.label and one["check"] in OF_SERIES]
    assert {(one["check"], one["code"]) for one in said} == set(zip(OF_SERIES, ("LOW", "SHORT"), strict=True))
    assert [len(one["evidence"]) for one in said] == [1] * 4  # two addresses, two checks
    stamped = {id_ for one in said for id_ in one["evidence"]}
    echoed = {
        id_
        for one in inside["findings"]
        if one["check"] == "tslcd.site.loss" and one not in said
        for id_ in one["evidence"]
    }
    assert not stamped & echoed


def test_a_way_out_to_the_internet_is_found(inside: Document, leak: Document) -> None:
    closed = {one["code"] for one in inside["findings"] if one["check"] == "tslcd.isolation.vpn"}
    assert closed == {"ISOLATED", "AGENCIES_APART"}
    assert {(one["outcome"], one["code"]) for one in leak["findings"]} == {
        ("fail", "LEAKS"),
        ("pass", "AGENCIES_APART"),
    }


def test_a_way_to_the_management_of_another_agency_is_found_and_only_where_the_scope_allows_to_look(
    tslcd: TslcdRehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tslcd.crossing():
        document = audit(tslcd, tmp_path, "--only", "tslcd.isolation.vpn")
    assert {(one["outcome"], one["code"]) for one in document["findings"]} == {
        ("pass", "ISOLATED"),
        ("fail", "CROSS_AGENCY"),
    }
    told = [set(one["args"]["endpoints"]) for one in only(document, "fail")]
    assert told
    assert all(one == {f"{address} (tcp/22)" for address in OTHERS} for one in told)
    config = tslcd.dir / "narrow.toml"
    config.write_text((tslcd.dir / VANTAGES["vantage"]).read_text("utf-8") + f"deny = {list(OTHERS)}\n", "utf-8")
    monkeypatch.setitem(VANTAGES, "vantage", config.name)
    narrow = audit(tslcd, tmp_path, "--only", "tslcd.isolation.vpn")
    assert {(one["code"], one["reason"]) for one in narrow["findings"]} == {
        ("ISOLATED", None),
        ("NOT_DECIDED", "U-SCOPE"),
    }


def test_many_sites_silent_at_once_accuse_nobody(tslcd: TslcdRehearsal, tmp_path: Path) -> None:
    with tslcd.cut_off():
        asked = "tslcd.site.reach,tslcd.ip.dual-stack,tslcd.path.via-tslcd,ipv6.path.echo"
        document = audit(tslcd, tmp_path, "--only", asked)
    assert brief(only(document, "fail", "warn")) == []
    excused = {
        commune.label
        for commune in COMMUNES
        if "maintenance=" in commune.tags or commune.columns.get("activated", "") > "2026-12"
    }
    reached = [one for one in document["findings"] if one["check"] == "tslcd.site.reach" and one["code"] != "NO_NODE"]
    silent = [one for one in reached if one["subject"] not in {*excused, DEAD_NODE}]
    assert len(silent) == len(COMMUNES) - len(excused)
    assert {(one["outcome"], one["reason"]) for one in silent} == {("inconclusive", "U-EGR")}
    assert {one["code"] for one in reached if one["subject"] in excused} == {"MAINTENANCE", "NOT_ACTIVATED"}


def test_a_commune_whose_own_way_leaks_sees_it_from_there(tslcd: TslcdRehearsal, tmp_path: Path) -> None:
    document = audit(tslcd, tmp_path, "--only", "tslcd.path.via-tslcd,tslcd.app.reach", vantage=LEAKING)
    ways = [one for one in document["findings"] if one["subject"] == "motcua.sonlam.gov.vn"]
    assert {(way["check"], way["code"]) for way in ways} == {
        ("tslcd.path.via-tslcd", "OUTSIDE"),
        ("tslcd.app.reach", "WORKS"),
    }
    assert {":" in way["address"] for way in ways if way["code"] == "OUTSIDE"} == {True, False}


def test_a_point_in_both_networks_asks_inside_for_what_is_inside(tslcd: TslcdRehearsal, tmp_path: Path) -> None:
    """Neither name exists on the Internet; the DNS inside gives the second one a public address."""
    document = audit(tslcd, tmp_path, "--only", "tslcd.path.via-tslcd,tslcd.app.reach", vantage=BOTH)
    triples = {(one["subject"], one["check"], one["code"]) for one in document["findings"]}
    assert ("motcua.sonlam.gov.vn", "tslcd.app.reach", "WORKS") in triples
    assert ("motcua.sonlam.gov.vn", "tslcd.path.via-tslcd", "INSIDE") in triples
    assert ("luutru.sonlam.gov.vn", "tslcd.path.via-tslcd", "PUBLIC_ADDRESS") in triples


def test_equipment_is_seen_from_outside(tslcd: TslcdRehearsal, outside: Document) -> None:
    wanted = json.loads((tslcd.dir / "expected-outside.json").read_text("utf-8"))["defects"]
    found = verdicts(outside)
    assert {(s, c): found[s, c] for s, checks in wanted.items() for c in checks} == {
        (s, c): outcome for s, checks in wanted.items() for c, outcome in checks.items()
    }
    assert found["gw-kin", FROM_OUTSIDE] == "pass"


def test_inside_the_names_of_inside_are_known_and_no_root_is_asked(inside: Document) -> None:
    (vantage,) = inside["run"]["vantages"]
    assert (vantage["ipv4"], vantage["ipv6"], vantage["dns"]) == ("ok", "ok", "ok")
    assert {one["code"] for one in inside["findings"] if one["subject"] == "motcua.sonlam.gov.vn"} >= {"WORKS"}
