"""Tests honest and hostile peers in one audit: it ends, takes little of each, and honest verdicts do not change."""

import csv
import re
import zipfile

import pytest

from containers.rehearsal.peers import hostile
from probes.framework.budget import BYTES, COPY_BYTES, SHEET_BYTES, TRANSFER_BYTES
from tests.support import audits
from tests.support.audits import brief, only
from tests.support.hostile_audit import SECONDS, Envelope, Outcome

pytest_plugins = ("tests.support.audited_hostile",)

OCTETS, CONNECTIONS = 2 << 20, 300
LARGER = TRANSFER_BYTES + COPY_BYTES + SHEET_BYTES
"""The bytes of the accounts beside the main one, which a page opens that was read to an end."""
ANSWERED_MORE = frozenset({"echo-flood.vn"})
"""A peer that sends datagrams even if nobody receives them."""
LARGE = (
    "chunk-extensions.vn",  # on a busy machine: its page then ends by time, before the bytes are used up
    "many-parts.vn",
    "endless-body.vn",
    "endless-chunks.vn",
    "bomb.vn",
    "sheets.vn",
    "https-sheets.vn",
    "https-body.vn",
)
"""Peers that serve a seeming page and something large to fetch: that has budgets of its own."""
FLOODS = frozenset({"chunk-extensions.vn", "endless-body.vn", "tls-hello-requests.vn"})
CHANGING = frozenset({"ipv6.device.errors", "ipv6.device.traffic", "security.snmp.v1v2-off"})
"""Checks that depend on when counters were read, and on the communities in the inventory."""
CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SCRIPT = "<script>alert(1)"


def test_the_audit_ends_by_itself_without_a_bug(hostile_audit: Outcome) -> None:
    assert hostile_audit.said.seconds < SECONDS
    assert "Traceback" not in hostile_audit.said.err
    assert brief(only(hostile_audit.document, "error")) == []
    failures = [step["failure"] for one in hostile_audit.evidence for step in (one, *one["steps"]) if step["failure"]]
    assert [failure for failure in failures if failure["kind"] == "bug"] == []


@pytest.mark.parametrize("peer", hostile.PEERS)
def test_no_peer_makes_us_take_more_than_its_budget(hostile_audit: Outcome, peer: str) -> None:
    took = hostile_audit.peers[hostile.PEERS[peer]]
    assert took.connections <= CONNECTIONS
    if peer not in ANSWERED_MORE:
        assert took.octets <= OCTETS + (LARGER if peer in LARGE else 0)


def test_honest_verdicts_do_not_change(hostile_audit: Outcome) -> None:
    subjects = {subject["id"] for subject in hostile_audit.before["subjects"]}
    mine = [one for one in hostile_audit.document["findings"] if one["subject"] in subjects]
    assert len(mine) > 100
    # On a machine that is busy with the hostile peers, loss and delay may be inconclusive, and a measurement may be cut
    # short; that must not be reported as a defect.
    first, second = audits.without_hurried(hostile_audit.before, hostile_audit.document | {"findings": mine})
    both = (*first["findings"], *second["findings"])
    open_now = {(one["subject"], one["check"]) for one in both if _is_timed(one) and one["outcome"] == "inconclusive"}
    before, after = (
        _essence([one for one in side["findings"] if (one["subject"], one["check"]) not in open_now])
        for side in (first, second)
    )
    assert before
    assert sorted(after ^ before) == []


def test_a_peer_over_its_budget_is_named(hostile_audit: Outcome) -> None:
    named = {one["subject"] for one in hostile_audit.document["findings"] if one["code"] == "OVER_BUDGET"}
    over = {envelope["subject"] for envelope in hostile_audit.evidence if _is_over_budget(envelope)}
    assert over & FLOODS  # not all: where the machine is busy, time ends a page before the bytes are used up
    assert over & FLOODS <= named


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv", "html", "junit", "oscal", "ocsf"])
def test_no_report_holds_injected_text_as_it_came(hostile_audit: Outcome, name: str) -> None:
    text = (hostile_audit.folder / f"result.{name}").read_text("utf-8")
    assert CONTROLS.findall(text) == []
    if name in ("html", "junit"):
        assert SCRIPT not in text


def test_no_cell_of_a_table_is_a_formula(hostile_audit: Outcome) -> None:
    with (hostile_audit.folder / "result.csv").open(encoding="utf-8-sig", newline="") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@")) or (cell[:1] in "+-" and "cmd" in cell)] == []


def test_no_cell_of_a_workbook_computes_what_a_peer_said(hostile_audit: Outcome) -> None:
    with zipfile.ZipFile(hostile_audit.folder / "result.xlsx") as book:
        sheets = [book.read(name).decode("utf-8") for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert [formula for sheet in sheets for formula in re.findall("<f>(.*?)</f>", sheet) if "cmd" in formula] == []


def test_the_terminal_shows_nothing_that_controls_it(hostile_audit: Outcome) -> None:
    assert CONTROLS.findall(hostile_audit.said.out + hostile_audit.said.err) == []


def _is_over_budget(envelope: Envelope) -> bool:
    """True if the peer used up the bytes of its main account."""
    failures = [step["failure"] for step in (envelope, *envelope["steps"]) if step["failure"]]
    return any(failure["detail"] == f"the peer sent more than {BYTES} bytes" for failure in failures)


def _is_timed(one: audits.Finding) -> bool:
    return one["check"] in ("ipv6.path.loss-rtt-parity", "ipv6.web.latency-parity")


def _essence(findings: list[audits.Finding]) -> set[str]:
    lasting = (finding for finding in findings if finding["check"] not in CHANGING)
    return {
        " ".join(str(one[key]) for key in ("subject", "check", "address", "detail", "code", "reason"))
        for one in lasting
    }
