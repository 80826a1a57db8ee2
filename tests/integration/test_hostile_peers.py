"""Honest and hostile peers in one audit: it ends, takes little of each, and the honest ones' verdicts do not change."""

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.peers import hostile
from containers.rehearsal.peers.hostile_device import COMMUNITY
from inventory.model import IPAddress
from tests.support import audits
from tests.support.audits import Document, brief, only
from tests.support.hostile import Sent, counted, listening, sent

pytest_plugins = ("tests.support.rehearsal",)

SECONDS = 1_800.0
OCTETS, TRANSFERS, CONNECTIONS = 2 << 20, 1_500_000, 300
ANSWERED_MORE = frozenset({"echo-flood.vn"})
"""Sends datagrams whether anybody takes them or not."""
HONEST = ("cong.sonlam.gov.vn", "dichvucong.sonlam.gov.vn", "sonlam.gov.vn", "rt-trungtam")
FORMATS = ("text", "jsonl", "csv", "html", "xlsx", "junit", "oscal", "ocsf")
LARGE = (
    "many-parts.vn",
    "endless-body.vn",
    "endless-chunks.vn",
    "bomb.vn",
    "sheets.vn",
    "https-sheets.vn",
    "https-body.vn",
)
"""Serve what looks like a page and something large to fetch: large transfers have a budget of their own."""
CHANGING = frozenset({"ipv6.device.errors", "ipv6.device.traffic", "security.snmp.v1v2-off"})
"""Depend on when counters were read, and on which communities the inventory names."""
CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SCRIPT = "<script>alert(1)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An audit of the honest ones by themselves, then one of all."""

    before: Document
    said: audits.Said
    document: Document
    peers: dict[IPAddress, Sent]
    folder: Path


@pytest.fixture(scope="module")
def outcome(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("hostile-peers")
    config = _configuration(lab, folder)
    honest, everybody = folder / "honest.csv", folder / "everybody.csv"
    _inventory(lab, honest, hostile_too=False)
    _inventory(lab, everybody, hostile_too=True)
    with listening(lab):
        before = _audit(lab, config, honest, folder / "before")
        lab.forget()
        with counted(lab):
            result = _audit(lab, config, everybody, folder / "all")
            peers = sent(lab)
    _report(lab, config, folder / "all")
    for peer, took in sorted(
        ((peers[place], name) for name, place in hostile.PEERS.items()), key=lambda pair: -pair[0].octets
    ):
        print(f"  {peer.octets:>10,} bytes {peer.connections:>4} connections  {took}")
    print(f"audit of {len(hostile.PEERS)} hostile peers beside honest ones: {result.seconds:.1f} s")
    document = audits.read(folder / "all" / "result.json")
    yield Outcome(audits.read(folder / "before" / "result.json"), result, document, peers, folder / "all")
    assert before.code != audits.INTERNAL


def _configuration(lab: Rehearsal, folder: Path) -> Path:
    (folder / "root.hints").write_text(hostile.HINTS, "utf-8")
    (folder / "community").write_text(COMMUNITY, "utf-8")
    (folder / "community").chmod(0o600)
    text = (
        (lab.dir / "auditor.toml").read_text("utf-8").replace(str(lab.dir / "root.hints"), str(folder / "root.hints"))
    )
    profile = f'[snmp.profiles.hostile]\nversion = "2c"\ncommunity = "file:{folder / "community"}"\n'
    path = folder / "auditor.toml"
    path.write_text(text + profile, "utf-8")
    return path


def _inventory(lab: Rehearsal, path: Path, *, hostile_too: bool) -> None:
    audits.inventory(lab, path, HONEST)
    if not hostile_too:
        return
    with path.open(encoding="utf-8", newline="") as written:
        columns = csv.DictReader(written).fieldnames or ()
    kinds = [(name, "portal") for name in (*hostile.WEB, *hostile.SERVICES, *hostile.FLOODING)]
    kinds += [(name, "zone") for name in hostile.ZONES]
    kinds += [(f"www.{name}", "portal") for name in hostile.ZONES]
    kinds += [(name, "mail") for name in hostile.MAIL]
    common = {"agency_code": "SL", "agency_name": "Ủy ban nhân dân tỉnh Sơn Lâm", "unit_level": "province"}
    rows = [{**common, "name": name, "kind": kind} for name, kind in kinds]
    rows += [
        {**common, "name": name, "kind": "router", "ipv6": str(address), "snmp_profile": "hostile"}
        for name, address in hostile.OVER_SNMP.items()
    ]
    with path.open("a", encoding="utf-8", newline="") as out:
        csv.DictWriter(out, columns, restval="").writerows(rows)


def _audit(lab: Rehearsal, config: Path, inventory: Path, out: Path) -> audits.Said:
    out.mkdir()
    words = ("audit", inventory, "--profile", "quick", "--store", f"sqlite:///{out / 'runs.db'}")
    more = ("--format", f"json={out / 'result.json'}", "--evidence", out / "evidence")
    return audits.auditor(lab, "--config", config, *words, *more, timeout=SECONDS + 30)


def _report(lab: Rehearsal, config: Path, out: Path) -> None:
    """The same run in the other formats."""
    run = audits.read(out / "result.json")["run"]["id"]
    formats = [word for name in FORMATS for word in ("--format", f"{name}={out / f'result.{name}'}")]
    words = ("report", run, "--store", f"sqlite:///{out / 'runs.db'}", *formats)
    done = audits.auditor(lab, "--config", config, *words, timeout=SECONDS + 30)
    assert done.code in (audits.OK, audits.FINDINGS), done.err


def test_the_audit_ends_by_itself_without_a_bug(outcome: Outcome) -> None:
    assert outcome.said.seconds < SECONDS
    assert "Traceback" not in outcome.said.err
    assert brief(only(outcome.document, "error")) == []
    lines = (outcome.folder / "evidence" / "evidence.jsonl").read_text("utf-8").splitlines()
    evidence = [one for line in lines if "probe" in (one := json.loads(line))]
    failures = [step["failure"] for one in evidence for step in (one, *one["steps"]) if step["failure"]]
    assert [failure for failure in failures if failure["kind"] == "bug"] == []


@pytest.mark.parametrize("peer", hostile.PEERS)
def test_no_peer_makes_us_take_more_than_its_budget(outcome: Outcome, peer: str) -> None:
    took = outcome.peers[hostile.PEERS[peer]]
    assert took.connections <= CONNECTIONS
    if peer not in ANSWERED_MORE:
        assert took.octets <= OCTETS + (TRANSFERS if peer in LARGE else 0)


def test_honest_verdicts_do_not_change(outcome: Outcome) -> None:
    subjects = {subject["id"] for subject in outcome.before["subjects"]}
    mine = [one for one in outcome.document["findings"] if one["subject"] in subjects]
    assert len(mine) > 100
    # On a machine that is busy with the others, loss and delay may be left open, and a measurement may be cut short;
    # never is that held against anybody.
    first, second = audits.without_hurried(outcome.before, outcome.document | {"findings": mine})
    both = (*first["findings"], *second["findings"])
    open_now = {(one["subject"], one["check"]) for one in both if _is_timed(one) and one["outcome"] == "inconclusive"}
    before, after = (
        _essence([one for one in side["findings"] if (one["subject"], one["check"]) not in open_now])
        for side in (first, second)
    )
    assert before
    assert sorted(after ^ before) == []


def test_a_peer_over_its_budget_is_named(outcome: Outcome) -> None:
    named = {one["subject"] for one in outcome.document["findings"] if one["code"] == "OVER_BUDGET"}
    assert {"chunk-extensions.vn", "endless-body.vn", "tls-hello-requests.vn"} <= named


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv", "html", "junit", "oscal", "ocsf"])
def test_no_report_holds_injected_text_as_it_came(outcome: Outcome, name: str) -> None:
    text = (outcome.folder / f"result.{name}").read_text("utf-8")
    assert CONTROLS.findall(text) == []
    if name in ("html", "junit"):
        assert SCRIPT not in text


def test_no_cell_of_a_table_is_a_formula(outcome: Outcome) -> None:
    with (outcome.folder / "result.csv").open(encoding="utf-8-sig", newline="") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@")) or (cell[:1] in "+-" and "cmd" in cell)] == []


def test_no_cell_of_a_workbook_computes_what_a_peer_said(outcome: Outcome) -> None:
    with zipfile.ZipFile(outcome.folder / "result.xlsx") as book:
        sheets = [book.read(name).decode("utf-8") for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert [formula for sheet in sheets for formula in re.findall("<f>(.*?)</f>", sheet) if "cmd" in formula] == []


def test_the_terminal_shows_nothing_that_controls_it(outcome: Outcome) -> None:
    assert CONTROLS.findall(outcome.said.out + outcome.said.err) == []


def _is_timed(one: audits.Finding) -> bool:
    return one["check"] in ("ipv6.path.loss-rtt-parity", "ipv6.web.latency-parity")


def _essence(findings: list[audits.Finding]) -> set[str]:
    lasting = (finding for finding in findings if finding["check"] not in CHANGING)
    return {
        " ".join(str(one[key]) for key in ("subject", "check", "address", "detail", "code", "reason"))
        for one in lasting
    }
