"""Tests that the effects of the vantage's own line are reported only about the vantage.

The whole province is audited over a line without faults, behind PPPoE, and through a tunnel that takes 60 ms longer; a
part of it where large IPv6 packets are lost near the vantage.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from containers.rehearsal.expected import subjects
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.peers import detour
from containers.rehearsal.province import PROVINCE
from tests.support import audits
from tests.support.audits import ENVIRONMENT, Document, auditor, brief, only
from tests.support.province_audit import WORDS, Audited, remember

pytest_plugins = ("tests.support.audited_province",)

PORTALS = (
    "cong",
    "khetrang",
    "buudien",
    "langnghe",
    "tuongthanh",
    "hochua",
    "duonghuyen",
    "xaydung",
    "giaoduc",
    "nongnghiep",
    "dantoc",
    "caugo",
    "thacbac",
)
OTHERS = ("sonlam.gov.vn", "may-dem", "sw-baove", "phangiai1.sonlam.gov.vn", "thu-yte.sonlam.gov.vn")
"""Sites with and without defects of their paths, packet sizes and delays, and one subject of every other kind."""
HALF = 0.03
"""Seconds by which the tunnel delays each packet."""
Key = tuple[str, str, str, str]
Uplink = Callable[[], AbstractContextManager[None]]


def _audit(lab: Rehearsal, folder: Path, rows: Path, *words: object) -> Document:
    lab.forget()  # otherwise hosts still know the path MTU from an earlier audit
    store = f"sqlite:///{folder / 'runs.db'}"
    remember(store)
    kept = ("--store", store, "--format", f"json={folder / 'result.json'}")
    said = auditor(lab, "audit", rows, *WORDS, *words, *kept, timeout=1_800)
    assert "Traceback" not in said.err
    return audits.read(folder / "result.json")


def _province(lab: Rehearsal, folder: Path) -> Document:
    return _audit(lab, folder, lab.dir / "inventory.csv")


def _part(lab: Rehearsal, folder: Path) -> Document:
    names = {f"{label}.sonlam.gov.vn" for label in PORTALS} | {*OTHERS}
    return _audit(lab, folder, audits.inventory(lab, folder / "inventory.csv", names), "--timeout", 3)


@pytest.fixture(scope="module")
def whole(province: Audited) -> Document:
    """Return the document of an audit over a line without faults."""
    return province.document


@contextmanager
def tunnel(lab: Rehearsal) -> Iterator[None]:
    """Send all IPv6 of the vantage through a tunnel with an MTU of 1480 bytes that takes 60 ms longer."""
    with lab.fault("tunnel_uplink", "vantage"):
        program = [sys.executable, "-P", "-m", "containers.rehearsal.peers.detour", str(HALF)]
        with lab.popen(program, "core", env=ENVIRONMENT, stdout=-1) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline().strip() == detour.READY
                yield
            finally:
                process.kill()


def _outcomes(document: Document) -> dict[Key, str]:
    """Return the outcome of each finding, with its code only for defects."""
    found = {}
    for one in document["findings"]:
        key = one["subject"], one["check"], one["address"] or "", one["detail"] or ""
        found[key] = f"{one['outcome']} {one['code'] if one['outcome'] in ('fail', 'warn') else ''}"
    return found


def _changed(before: dict[Key, str], after: dict[Key, str]) -> list[Key]:
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _differing(lab: Rehearsal, whole: Document, uplink: Uplink, folder: Path) -> tuple[list[str], Document]:
    """Return the findings that differ behind an uplink, and the document from there.

    The machine of the test may be too slow for the whole province at once: subjects with a difference are measured
    again over both lines, and only what differs then, too, comes from the line.
    """
    with uplink():
        narrow = _province(lab, folder)
        before, after = _outcomes(whole), _outcomes(narrow)
        changed = {key[0] for key in _changed(before, after)}
        if changed:
            after = _again(lab, after, changed, folder / "there")
    if changed:
        before = _again(lab, before, changed, folder / "here")
    said = [f"{' '.join(key)}: {before.get(key)} -> {after.get(key)}" for key in _changed(before, after)]
    return said, narrow


def _again(lab: Rehearsal, found: dict[Key, str], changed: set[str], folder: Path) -> dict[Key, str]:
    folder.mkdir()
    # The exchangers of a domain are subjects below its name.
    names = {".".join(parts[first:]) for parts in (one.split(".") for one in changed) for first in range(len(parts))}
    again = _outcomes(_audit(lab, folder, audits.inventory(lab, folder / "inventory.csv", names)))
    kept = {key: said for key, said in found.items() if key[0] not in changed}
    return kept | {key: said for key, said in again.items() if key[0] in changed}


def _own(document: Document) -> set[tuple[str, str]]:
    (vantage,) = document["run"]["vantages"]
    return {(one["check"].rpartition(".")[2], one["code"]) for one in vantage["selftest"]}


def test_over_a_whole_line_nothing_is_said_of_it(whole: Document) -> None:
    own = {code for check, code in _own(whole) if check in ("ipv4", "ipv6")}
    assert own == {"WORKS"}


def test_behind_pppoe_not_one_verdict_differs(lab: Rehearsal, whole: Document, tmp_path: Path) -> None:
    differing, narrow = _differing(lab, whole, lambda: lab.fault("pppoe_uplink", "vantage"), tmp_path)
    assert differing == []
    assert _own(narrow) >= {("ipv4", "NARROW"), ("ipv6", "NARROW")}


def test_behind_a_tunnel_with_a_detour_not_one_verdict_differs(lab: Rehearsal, whole: Document, tmp_path: Path) -> None:
    differing, far = _differing(lab, whole, lambda: tunnel(lab), tmp_path)
    assert differing == []
    assert _own(far) >= {("ipv6", "NARROW"), ("ipv6", "DETOUR")}


def test_where_large_packets_are_lost_near_us_nobody_is_accused(
    lab: Rehearsal, whole: Document, tmp_path: Path
) -> None:
    with lab.fault("large_lost", "vantage"):
        holed = _part(lab, tmp_path)
    known = {(one["subject"], one["check"]) for one in only(whole, "fail", "warn")}
    # A planted defect, or its consequence, may be undecided in that audit if the machine was too busy.
    known |= {(name, check) for name, subject in subjects(PROVINCE) for check in subject.expected}
    known |= audits.hurried(whole)
    accused = [one for one in only(holed, "fail", "warn") if (one["subject"], one["check"]) not in known]
    assert brief(accused) == []
    assert ("ipv6", "FULL_SIZE_LOST") in _own(holed)
    ours = [one for one in only(holed, "inconclusive") if one["reason"] == "U-V6"]
    assert {one["check"] for one in ours} >= {"ipv6.path.min-mtu", "ipv6.path.large-transfer"}
