"""Tests hostile peers: every audit ends in bounded time, records their behaviour, and does not crash."""

from dataclasses import dataclass
from typing import Any

import pytest

from containers.rehearsal.peers import hostile
from probes.framework.expand import ADDRESSES_PROBED
from probes.page_parts import HOSTS
from tests.support import audits
from tests.support.audits import Document, brief, only
from tests.support.hostile_audit import SECONDS, Envelope
from tests.support.hostile_audit import Outcome as Audited

pytest_plugins = ("tests.support.audited_hostile",)

LOOKUP_BUDGET = 60
ENDLESS_WAITS = "https-sheets.vn"
"""A peer with so many style sheets that never arrive that waiting for each takes longer than a probe may."""
HTTP = {
    "endless-body": (200, None),
    "endless-chunks": (200, None),
    "bomb": (200, None),
    "endless-headers": (None, "protocol"),
    "endless-line": (None, "protocol"),
    "nonsense": (None, "protocol"),
    "slow-headers": (None, "timeout"),
    "slow-body": (200, None),  # a page that is still arriving at its deadline counts as a page
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
CUT = {"endless-body", "endless-chunks", "bomb", "slow-body"}
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
"""The result of looking up the address of a host in such a zone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Holds the part of the audit about hostile peers."""

    said: audits.CommandResult
    document: Document
    evidence: list[Envelope]

    def of(self, subject: str, probe: str) -> list[Envelope]:
        return [one for one in self.evidence if (one["subject"], one["probe"]) == (subject, probe)]

    def steps(self, subject: str, probe: str, kind: str) -> list[dict[str, Any]]:
        return [step for one in self.of(subject, probe) for step in one["steps"] if step["kind"] == kind]


@pytest.fixture(scope="module")
def outcome(hostile_audit: Audited) -> Outcome:
    """Return the part of the audit about hostile pages and zones, with findings above and below their names."""
    document = hostile_audit.document
    parts = {
        part: [one for one in document[part] if _is_mine(one[key])]
        for part, key in (("subjects", "id"), ("findings", "subject"))
    }
    evidence = [one for one in hostile_audit.evidence if _is_mine(one["subject"])]
    return Outcome(hostile_audit.said, document | parts, evidence)


def _is_mine(subject: str) -> bool:
    name = subject.removeprefix("zone:")
    return name == "." or any(f".{name}".endswith(f".{mine}") for mine in (*hostile.WEB, *hostile.ZONES))


def test_the_audit_ends_in_bounded_time_without_a_bug(outcome: Outcome) -> None:
    assert outcome.said.seconds < SECONDS
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
    cut = {(one["subject"], one["failure"]["kind"]) for one in outcome.evidence if one["failure"]}
    assert cut <= {(ENDLESS_WAITS, "cut_short")}


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
    """The page names thousands of hosts; the bound limits the lookups, and the rest is not reported as good."""
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
    assert page["t"] - page["t0"] < SECONDS / 6


def test_a_crowd_of_addresses_is_bounded(outcome: Outcome) -> None:
    """The zone lists hundreds of IPv6 addresses; only as many as the bound allows are probed."""
    published = {record for step in outcome.steps("crowd.vn", "dns", "name-lookup") for record in step["records"]}
    assert len(published) > 2 * ADDRESSES_PROBED
    assert len({one["task"] for one in outcome.of("crowd.vn", "nameserver")}) == ADDRESSES_PROBED


def test_nobody_else_is_accused_of_it(outcome: Outcome) -> None:
    """A lookup without a result is no evidence about the addresses of a name."""
    for finding in only(outcome.document, "fail"):
        trick = finding["subject"].removeprefix("www.").removesuffix(".vn")
        assert not (trick in LOOKUPS and finding["check"] == "ipv6.web.aaaa"), finding
