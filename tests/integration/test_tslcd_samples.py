"""Tests samples over time inside TSLCD, by the commands that cron starts: slots, and a sampler that is killed.

One audit judges earlier samples and one has none, and a mesh has three vantages, from which a fourth is cut off.
"""

import csv
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from auditor.service.runs import sealed_file
from auditor.service.runs.handover import KIND
from auditor.service.store.records import Quality, Sample, Series
from auditor.service.store.url import open_store
from containers.rehearsal.tslcd.files import AGENTS, CUT
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from inventory.model import SubjectId
from probes.observations.series import CADENCE, LOSS, REACH, RTT_MEDIAN
from tests.support import audits
from tests.support.audits import CommandResult, Document
from tests.support.tslcd_audits import Slots, audit, auditor, command, store_of

pytest_plugins = ("tests.support.tslcd",)

SLOTS_AGO = (6, 5, 3, 2, 1)
"""Slots before now at the hub; a sampler is killed in the fourth, and none later starts it again."""
KILLED = 4
OF_AGENTS = (2, 1)
CHECKS = "tslcd.site.reach,tslcd.site.loss,tslcd.site.rtt-jitter,tslcd.site.availability,tslcd.app.reach"
POLICY = """
[thresholds."tslcd.site.reach"]
min_samples = 4

[thresholds."tslcd.site.loss"]
min_samples = 2

[thresholds."tslcd.site.rtt-jitter"]
min_samples = 2

[thresholds."tslcd.app.reach"]
min_samples = 1
"""
WORKED_ON = "d-doithong"
_MINUTE = "%Y-%m-%dT%H:%M+00:00"
GOOD, DOWN, LOSSY = "d-suoimay", "d-banlua", "d-deosuong"
WORKS, FAILS = "motcua.sonlam.gov.vn", "hoihop.sonlam.gov.vn"


@dataclass(frozen=True, slots=True)
class Sampled:
    """Holds the store of the sampled rounds, and the output of each by its number of slots ago.

    Agents have stores of their own; ``handed`` is the file that each of them exported for the hub's store, and the
    hub's output at its import.
    """

    folder: Path
    hub: dict[int, CommandResult]
    agents: dict[str, list[CommandResult]]
    handed: dict[str, tuple[Path, CommandResult]]


def announced(lab: TslcdRehearsal, folder: Path) -> Path:
    """Return an inventory in which one point has announced maintenance at present."""
    path, now = folder / "points.csv", datetime.now(UTC)
    with (lab.dir / "inventory.csv").open(encoding="utf-8", newline="") as whole:
        rows = list(csv.DictReader(whole))
    for row in rows:
        if row["name"] == WORKED_ON:
            row["tags"] += f" maintenance={now - timedelta(hours=9):{_MINUTE}}/{now + timedelta(hours=9):{_MINUTE}}"
    with path.open("w", encoding="utf-8", newline="") as part:
        writer = csv.DictWriter(part, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def sample(lab: TslcdRehearsal, folder: Path, ago: float, vantage: str = "vantage") -> CommandResult:
    rows = folder / "points.csv" if vantage == "vantage" else lab.dir / "shared.csv"
    return auditor(lab, "sample", rows, *store_of(folder), vantage=vantage, ago=ago)


def kill_one(lab: TslcdRehearsal, folder: Path, ago: float) -> None:
    """Kill a sampler in the middle of its round, which takes over two seconds only for the first echoes."""
    words = ("sample", lab.dir / "inventory.csv", *store_of(folder))
    child = lab.popen(command(lab, *words, ago=ago), "vantage", audits.ENVIRONMENT)
    time.sleep(3.0)
    assert child.poll() is None, "it had ended before it was killed"
    child.send_signal(signal.SIGKILL)
    child.wait()


def hand_over(lab: TslcdRehearsal, folder: Path, agent: str) -> tuple[Path, CommandResult]:
    """Export an agent's samples to a file, and import it at the hub."""
    path = folder / f"{agent}.sealed"
    auditor(lab, "mesh", "export", path, *store_of(folder / agent), vantage=agent)
    return path, auditor(lab, "mesh", "import", path, *store_of(folder))


@pytest.fixture(scope="module")
def sampled(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Sampled:
    """Take the samples of all vantages at the same time, each in a store of its own: most of a round is waiting."""
    folder = tmp_path_factory.mktemp("sampled")
    announced(tslcd, folder)
    slots = Slots()

    def at_hub() -> dict[int, CommandResult]:
        said: dict[int, CommandResult] = {}
        for ago in SLOTS_AGO:
            if ago < KILLED and min(said) > KILLED:
                kill_one(tslcd, folder, slots.seconds(KILLED))
            said[ago] = sample(tslcd, folder, slots.seconds(ago))
        return said

    def at_agent(one: str) -> list[CommandResult]:
        (folder / one).mkdir()
        return [sample(tslcd, folder / one, slots.seconds(ago), one) for ago in OF_AGENTS]

    with ThreadPoolExecutor() as pool:
        hub = pool.submit(at_hub)
        agents = {one: pool.submit(at_agent, one) for one in AGENTS}
    said = {one: rounds.result() for one, rounds in agents.items()}
    return Sampled(folder, hub.result(), said, {one: hand_over(tslcd, folder, one) for one in AGENTS})


def held(folder: Path, subject: str, metric: str = REACH, family: int = 0, vantage: str = "hub") -> list[Sample]:
    now = datetime.now(UTC)
    series = Series(subject=SubjectId(subject), metric=metric, vantage=vantage, family=family)
    with open_store(f"sqlite:///{folder / 'runs.db'}") as store:
        return list(store.samples(series, now - timedelta(days=1), now + timedelta(days=1)))


def test_every_round_is_there_whole_and_the_killed_one_not_at_all(sampled: Sampled) -> None:
    assert {said.code for said in sampled.hub.values()} == {0}
    good = held(sampled.folder, GOOD)
    assert [one.value for one in good] == [1.0] * len(SLOTS_AGO)
    slots = [one.time for one in good]
    assert {int(one.timestamp()) % CADENCE for one in slots} == {0}
    gaps = [later - before for before, later in pairwise(slots)]
    assert sorted(gaps) == [timedelta(seconds=CADENCE)] * 3 + [timedelta(seconds=2 * CADENCE)]
    for other in (DOWN, LOSSY):
        assert [one.time for one in held(sampled.folder, other)] == slots


def test_who_comes_after_says_that_a_slot_is_missing(sampled: Sampled) -> None:
    assert "bỏ lỡ 1 lần lấy mẫu" in sampled.hub[KILLED - 1].out
    assert "bỏ lỡ 1 lần lấy mẫu" not in sampled.hub[KILLED - 2].out


def test_what_was_down_lossy_or_only_ipv4_is_so_in_the_series(sampled: Sampled) -> None:
    assert {(one.value, one.quality) for one in held(sampled.folder, DOWN)} == {(0.0, Quality.OK)}
    lost = [one.value or 0.0 for one in held(sampled.folder, LOSSY, LOSS, 4)]
    assert lost
    assert 0.2 < sum(lost) / len(lost) < 0.6
    assert held(sampled.folder, GOOD, LOSS, 6)
    assert all(0 < (one.value or 0) < 0.5 for one in held(sampled.folder, GOOD, RTT_MEDIAN, 6))
    assert {one.value for one in held(sampled.folder, "d-doithong", REACH, 6)} == {0.0}
    assert held(sampled.folder, "d-dacu") == []


def test_a_store_takes_in_what_another_point_saw_and_nothing_else_and_nothing_twice(
    tslcd: TslcdRehearsal, sampled: Sampled
) -> None:
    for agent, (path, said) in sampled.handed.items():
        rows = [fields["sample"] for _, fields in sealed_file.read(path, KIND).lines()]
        targets = {row[0] for row in rows}
        assert targets == {"hub", *AGENTS, CUT} - {agent}
        assert f"{path.name}: {len(rows)} mẫu" in said.err
        for target in targets:
            for family in (4, 6):
                own = held(sampled.folder / agent, f"vantage:{target}", REACH, family, agent)
                assert [one.value for one in own] == [float(target != CUT)] * len(OF_AGENTS)
                assert held(sampled.folder, f"vantage:{target}", REACH, family, agent) == own
        assert held(sampled.folder / agent, f"vantage:{CUT}", REACH, 0, "hub") == []
        before = (held(sampled.folder, "vantage:hub", RTT_MEDIAN, 6, agent), path.read_bytes())
        auditor(tslcd, "mesh", "import", path, *store_of(sampled.folder))
        auditor(tslcd, "mesh", "export", path, "--force", *store_of(sampled.folder / agent), vantage=agent)
        assert (held(sampled.folder, "vantage:hub", RTT_MEDIAN, 6, agent), path.read_bytes()) == before
    file = sampled.folder / "own.sealed"
    auditor(tslcd, "mesh", "export", file, *store_of(sampled.folder))
    refused = tslcd.run(command(tslcd, "mesh", "import", file, *store_of(sampled.folder)), env=audits.ENVIRONMENT)
    assert refused.returncode == audits.USAGE
    assert "'hub'" in refused.stderr


def findings(document: Document, subject: str) -> dict[str, tuple[str, str]]:
    return {
        one["check"]: (one["outcome"], one["code"])
        for one in document["findings"]
        if one["subject"] == subject and ":" not in (one["address"] or "")
    }


@pytest.fixture(scope="module")
def looked_back(tslcd: TslcdRehearsal, sampled: Sampled) -> Document:
    policy = sampled.folder / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    return audit(tslcd, sampled.folder, "--only", CHECKS, "--policy", policy, "--evidence", sampled.folder / "evidence")


def test_an_audit_reads_the_series_and_says_so(looked_back: Document) -> None:
    good = findings(looked_back, GOOD)
    assert good["tslcd.site.reach"] == ("pass", "UP")
    assert good["tslcd.site.loss"] == ("pass", "LOW_DAY")
    assert findings(looked_back, DOWN)["tslcd.site.reach"] == ("fail", "DOWN")
    assert findings(looked_back, LOSSY)["tslcd.site.loss"] == ("fail", "HIGH_DAY")
    (reach,) = (one for one in looked_back["findings"] if (one["subject"], one["code"]) == (GOOD, "UP"))
    assert (reach["args"]["count"], reach["args"]["share"]) == (len(SLOTS_AGO), 1.0)
    assert f"{len(SLOTS_AGO)} mẫu" in reach["message"]["vi"]
    assert findings(looked_back, WORKS)["tslcd.app.reach"] == ("pass", "STEADY")
    assert findings(looked_back, FAILS)["tslcd.app.reach"] == ("fail", "OFTEN_DOWN")


def test_a_month_cannot_be_told_from_an_hour(looked_back: Document) -> None:
    (month,) = (
        one for one in looked_back["findings"] if (one["subject"], one["check"]) == (GOOD, "tslcd.site.availability")
    )
    assert (month["outcome"], month["reason"]) == ("inconclusive", "U-SMPL")


def test_gaps_stand_in_the_evidence_as_gaps(sampled: Sampled, looked_back: Document) -> None:
    lines = [line for file in (sampled.folder / "evidence").rglob("*.jsonl") for line in file.read_text().splitlines()]
    envelopes = [one for line in lines if (one := json.loads(line)).get("subject") == GOOD]
    steps = [step for one in envelopes for step in one.get("steps", ())]
    (window,) = (
        one
        for one in steps
        if (one["kind"], one.get("window"), one.get("family")) == ("series-window", "point-reach", 0)
    )
    assert window["whole"]["counted"] == len(SLOTS_AGO)
    assert window["whole"]["gaps"] >= 1  # the killed round, and the present slot if it has no round
    assert window["whole"]["vantage"] == 0


def test_what_was_announced_counts_neither_for_nor_against(sampled: Sampled, looked_back: Document) -> None:
    """Samples of announced maintenance are kept; the point is judged by the round of the run."""
    seen = held(sampled.folder, WORKED_ON)
    assert [(one.value, one.quality) for one in seen] == [(1.0, Quality.MAINTENANCE)] * len(SLOTS_AGO)
    assert {one.quality for one in held(sampled.folder, WORKED_ON, LOSS, 4)} == {Quality.MAINTENANCE}
    lines = [line for file in (sampled.folder / "evidence").rglob("*.jsonl") for line in file.read_text().splitlines()]
    (window,) = (
        step
        for line in lines
        if (one := json.loads(line)).get("subject") == WORKED_ON
        for step in one.get("steps", ())
        if (step["kind"], step.get("window"), step.get("family")) == ("series-window", "point-reach", 0)
    )
    assert (window["whole"]["counted"], window["whole"]["maintenance"]) == (0, len(SLOTS_AGO))
    assert findings(looked_back, WORKED_ON)["tslcd.site.reach"] == ("pass", "ANSWERS")


def test_judging_again_reads_the_same_series(tslcd: TslcdRehearsal, sampled: Sampled, looked_back: Document) -> None:
    run = looked_back["run"]["id"]
    again = auditor(
        tslcd,
        "judge",
        run,
        *store_of(sampled.folder),
        "--format",
        f"json={sampled.folder / 'again.json'}",
        "--policy",
        sampled.folder / "policy.toml",
    )
    assert again.code in (audits.OK, audits.FINDINGS, audits.INCOMPLETE)
    judged = audits.read(sampled.folder / "again.json")
    assert [(one["id"], one["code"]) for one in judged["findings"]] == [
        (one["id"], one["code"]) for one in looked_back["findings"]
    ]


def test_a_single_audit_judges_its_own_round_and_says_so(tslcd: TslcdRehearsal, tmp_path: Path) -> None:
    document = audit(tslcd, tmp_path, "--only", CHECKS)
    assert findings(document, GOOD)["tslcd.site.reach"] == ("pass", "ANSWERS")
    assert findings(document, DOWN)["tslcd.site.reach"] == ("fail", "SILENT")
    (silent,) = (one for one in document["findings"] if one["code"] == "SILENT" and one["subject"] == DOWN)
    assert "một lượt đo" in silent["message"]["vi"]
    assert findings(document, WORKS)["tslcd.app.reach"] == ("pass", "WORKS")
    (fails,) = (one for one in document["findings"] if one["code"] == "DOWN" and one["subject"] == FAILS)
    assert "một lượt đo" in fails["message"]["vi"]
    assert "ONE_ROUND" in document["limits"]


def _grid(lab: TslcdRehearsal, folder: Path, document: Document) -> list[str]:
    return auditor(lab, "runs", "mesh", document["run"]["id"], *store_of(folder), "--lang", "en").out.splitlines()


def test_the_mesh_shows_both_ways_and_whose_uplink_is_down(
    tslcd: TslcdRehearsal, sampled: Sampled, looked_back: Document
) -> None:
    lines = _grid(tslcd, sampled.folder, looked_back)
    tables: dict[str, dict[str, list[str]]] = {}
    head: list[str] = []
    for line in lines[: lines.index("What each way carries")]:
        words = line.split()
        if words and words[0] in ("IPv6", "IPv4"):
            head = words
        elif words and words[0] in (*AGENTS, CUT, "hub"):
            tables.setdefault(head[0], {})[words[0]] = words[1:]
    assert set(tables) == {"IPv6", "IPv4"}
    for rows in tables.values():
        shown = {(one, other): cell for one, cells in rows.items() for other, cell in zip(head[1:], cells, strict=True)}
        seeing = ("hub", *AGENTS)
        assert {shown[one, CUT] for one in seeing} == {"✘"}
        assert {shown[CUT, one] for one in seeing} == {"?"}
        for one in seeing:
            for other in seeing:
                assert shown[one, other] == "·" if one == other else float(shown[one, other]) < 500
    (uplink,) = (line for line in lines if "uplink" in line)
    assert f"{CUT} is reached by none of the 3 others" in uplink
    assert [line for line in lines if line.startswith("→") and CUT not in line] == []


def test_of_one_audit_the_mesh_is_its_own_round(tslcd: TslcdRehearsal, tmp_path: Path) -> None:
    document = audit(tslcd, tmp_path, "--only", "tslcd.app.reach", vantage=AGENTS[0])
    lines = _grid(tslcd, tmp_path, document)
    row = next(line.split() for line in lines if line.startswith(AGENTS[0]))
    assert sum(cell.endswith("*") for cell in row[1:]) == 3
    ways = [line for line in lines[lines.index("What each way carries") :] if "→" in line]
    reached = [line for line in ways if CUT not in line]
    assert len(reached) == 4
    assert all("MTU 1500" in line and " hop" in line and "did not arrive" not in line for line in reached), reached
    assert not any("MTU" in line for line in ways if CUT in line)
    assert not any("uplink" in line for line in lines)  # a single witness is not enough to report an uplink
    works = {one["subject"] for one in document["findings"] if one["code"] == "WORKS"}
    assert works == {"motcua.sonlam.gov.vn"}
