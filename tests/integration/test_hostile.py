"""Peers that mean harm: every audit ends in bounded time, writes down what they did, and trips over nothing."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.peers import hostile
from probes.framework.expand import ADDRESSES_PROBED
from probes.page_parts import HOSTS
from tests.support import audits
from tests.support.audits import Document, brief, only
from tests.support.hostile import listening

pytest_plugins = ("tests.support.rehearsal",)

BOUND = 1_800.0
"""Seconds for all of them together, on a machine that is ten times as busy as one that does nothing else; each single
wait is three seconds."""
FASTER = ("per_address_per_second = 100", "per_address_per_second = 500")
"""They share a prefix and a root server: politeness towards them would be most of the time."""
LOOKUP_BUDGET = 60
HTTP = {
    "endless-body": (200, None),
    "endless-chunks": (200, None),
    "bomb": (200, None),
    "endless-headers": (None, "protocol"),
    "endless-line": (None, "protocol"),
    "nonsense": (None, "protocol"),
    "slow-headers": (None, "timeout"),
    "slow-body": (200, "timeout"),
    "mute": (None, "timeout"),
    "reset": (None, "reset"),
    "redirects": (301, None),
    "inward": (None, "out_of_scope"),
    "many-parts": (200, None),
    "tls-nonsense": (None, "protocol"),
    "tls-endless": (None, "protocol"),
    "tls-plain": (None, "protocol"),
    "tls-mute": (None, "timeout"),
    "tls-half-hello": (None, "timeout"),
    "tls-reset": (None, "reset"),
}
"""Status and failure of the last exchange."""
CUT = {"endless-body", "endless-chunks", "bomb"}
LOOKUPS = {
    "loop": "protocol",
    "counts": "protocol",
    "aliases": "protocol",
    "fan-out": "protocol",
    "upward": "name_error",
    "mutual": "name_error",
    "refuses": "name_error",
    "wrong-id": "timeout",
    "other-question": "timeout",
    "nonsense-dns": "timeout",
    "elsewhere": "timeout",
    "truncated": "timeout",
}
"""What became of looking up the address of a host in such a zone."""

Envelope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The audit of all of them."""

    said: audits.Said
    document: Document
    evidence: list[Envelope]

    def of(self, subject: str, probe: str) -> list[Envelope]:
        return [one for one in self.evidence if (one["subject"], one["probe"]) == (subject, probe)]

    def steps(self, subject: str, probe: str, kind: str) -> list[dict[str, Any]]:
        return [step for one in self.of(subject, probe) for step in one["steps"] if step["kind"] == kind]


@pytest.fixture(scope="module")
def peers(lab: Rehearsal) -> Iterator[None]:
    """All of them listening in one namespace of the rehearsal."""
    with listening(lab):
        yield


@pytest.fixture(scope="module")
def outcome(lab: Rehearsal, peers: None, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "root.hints").write_text(hostile.HINTS, "utf-8")
    good = (lab.dir / "auditor.toml").read_text("utf-8")
    config = folder / "auditor.toml"
    config.write_text(good.replace(str(lab.dir / "root.hints"), str(folder / "root.hints")).replace(*FASTER), "utf-8")
    evidence = ("--evidence", folder / "evidence", "--store", f"sqlite:///{folder / 'runs.db'}")
    words = ("audit", _inventory(folder), "--profile", "quick", "--timeout", 3, *evidence, "--format", "json")
    result = audits.auditor(lab, "--config", config, *words, timeout=BOUND + 30)
    print(f"audit of {len(hostile.WEB) + 2 * len(hostile.ZONES)} hostile subjects: {result.seconds:.1f} s")
    lines = (folder / "evidence" / "evidence.jsonl").read_text("utf-8").splitlines()
    return Outcome(result, result.document, [one for line in lines if "probe" in (one := json.loads(line))])


def _inventory(folder: Path) -> Path:
    """Each host, each zone, and a host in each zone."""
    rows = [(name, "portal") for name in hostile.WEB]
    rows += [(name, "zone") for name in hostile.ZONES]
    rows += [(f"www.{name}", "portal") for name in hostile.ZONES]
    path = folder / "inventory.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("name", "kind"), *rows])
    return path


def test_the_audit_ends_in_bounded_time_without_a_bug(outcome: Outcome) -> None:
    assert outcome.said.seconds < BOUND
    assert "Traceback" not in outcome.said.err
    assert brief(only(outcome.document, "error")) == []
    assert outcome.said.code == audits.FINDINGS
    failures = [one["failure"] for one in outcome.evidence if one["failure"]]
    failures += [step["failure"] for one in outcome.evidence for step in one["steps"] if step["failure"]]
    assert [failure for failure in failures if failure["kind"] == "bug"] == []


def test_every_subject_was_measured_to_its_end(outcome: Outcome) -> None:
    audited = {subject["id"] for subject in outcome.document["subjects"]}
    assert {*hostile.WEB, *hostile.ZONES, *(f"www.{name}" for name in hostile.ZONES)} <= audited
    assert {one["subject"] for one in outcome.evidence if one["probe"] == "dns"} >= audited - {"zone:."}
    assert [one["task"] for one in outcome.evidence if one["failure"]] == []


@pytest.mark.parametrize("trick", HTTP)
def test_a_web_server_is_recorded_as_what_it_did(outcome: Outcome, trick: str) -> None:
    status, failure = HTTP[trick]
    exchanges = outcome.steps(f"{trick}.vn", "http", "http-exchange")
    last = exchanges[-1]
    assert (last["status"], (last["failure"] or {}).get("kind")) == (status, failure)
    assert len(exchanges) <= 9
    assert last["truncated"] is (trick in CUT)
    assert last["body_size"] <= 500_000


@pytest.mark.parametrize("trick", [trick for trick in HTTP if trick.startswith("tls")])
def test_a_handshake_that_goes_nowhere_is_no_tls(outcome: Outcome, trick: str) -> None:
    shake, *again = outcome.steps(f"{trick}.vn", "http", "tls-handshake")
    assert again == []
    assert shake["failure"]["kind"] == HTTP[trick][1]
    assert shake["chain"] == []


@pytest.mark.parametrize("trick", LOOKUPS)
def test_a_name_server_is_recorded_as_what_it_did(outcome: Outcome, trick: str) -> None:
    subject = f"www.{trick}.vn"
    looks = [step for step in outcome.steps(subject, "dns", "name-lookup") if step["role"] == "host"]
    assert {step["status"] for step in looks} == {"no_answer"}
    assert {step["failure"]["kind"] for step in looks} == {LOOKUPS[trick]}


@pytest.mark.parametrize("zone", hostile.ZONES)
def test_no_zone_makes_us_ask_without_end(outcome: Outcome, zone: str) -> None:
    for subject in (zone, f"www.{zone}"):
        lookups = sum(len(outcome.steps(subject, "dns", kind)) for kind in ("name-lookup", "delegation"))
        asked = outcome.steps(subject, "dns", "dns-exchange")
        assert len(asked) <= LOOKUP_BUDGET * lookups


def test_a_crowd_of_hosts_in_a_page_is_bounded(outcome: Outcome) -> None:
    """Thousands are named; as many as the bound says are looked up, and nothing good is said of the rest."""
    looked = [
        step for step in outcome.steps("many-parts.vn", "page_parts", "name-lookup") if step["role"] == "resource"
    ]
    assert len(looked) == 2 * HOSTS
    (page,) = outcome.steps("many-parts.vn", "page_parts", "page-parts")
    assert page["truncated"]
    said = {one["code"] for one in outcome.document["findings"] if one["subject"] == "many-parts.vn"}
    assert "OWN_THERE" not in said


@pytest.mark.parametrize("trick", ["endless-body", "endless-chunks", "bomb"])
def test_a_page_is_read_in_bounds_by_whoever_reads_it(outcome: Outcome, trick: str) -> None:
    (page,) = outcome.steps(f"{trick}.vn", "page_parts", "page-parts")
    assert page["truncated"]
    assert page["t"] - page["t0"] < BOUND / 6


def test_a_crowd_of_addresses_is_bounded(outcome: Outcome) -> None:
    """The zone lists hundreds of IPv6 addresses; as many as the bound says are asked, and no more."""
    published = {record for step in outcome.steps("crowd.vn", "dns", "name-lookup") for record in step["records"]}
    assert len(published) > 2 * ADDRESSES_PROBED
    assert len({one["task"] for one in outcome.of("crowd.vn", "nameserver")}) == ADDRESSES_PROBED


def test_nobody_else_is_accused_of_it(outcome: Outcome) -> None:
    """That a lookup came to nothing is no statement about the addresses of a name."""
    for finding in only(outcome.document, "fail"):
        trick = finding["subject"].removeprefix("www.").removesuffix(".vn")
        assert not (trick in LOOKUPS and finding["check"] == "ipv6.web.aaaa"), finding
