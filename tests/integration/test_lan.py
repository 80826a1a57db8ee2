"""Tests a vantage in users' networks, where real daemons play the routers.

Rogue routers and servers are heard, and packets that leave with forged sources are seen elsewhere.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from containers.rehearsal import lans
from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import Document, auditor

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

CHECK = "security.ipv6.rogue-ra"
FORGED = "security.routing.antispoof"
UNPRIVILEGED = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
GOOD, ROGUE, UNDECLARED = (lan.members[0].name for lan in lans.LANS)


def words(lab: Rehearsal, folder: Path, check: str = CHECK) -> tuple[object, ...]:
    kept = ("--store", f"sqlite:///{folder / 'runs.db'}", "--format", f"json={folder / 'result.json'}", "--force")
    return ("audit", lab.dir / lans.INVENTORY, "--profile", "quick", "--only", check, *kept)


def said(document: Document, check: str = CHECK) -> dict[str, tuple[str, str | None]]:
    return {one["subject"]: (one["code"], one["reason"]) for one in document["findings"] if one["check"] == check}


def test_who_does_not_belong_there_is_heard(lab: Rehearsal, tmp_path: Path) -> None:
    done = auditor(lab, *words(lab, tmp_path), "--evidence", tmp_path / "evidence", vantage=lans.VANTAGE)
    assert done.code == audits.FINDINGS, done.err
    document = audits.read(tmp_path / "result.json")
    assert said(document) == {GOOD: ("DECLARED", None), ROGUE: ("ROGUE", None), UNDECLARED: ("NOT_DECLARED", "U-INV")}
    (rogue,) = (one for one in document["findings"] if one["subject"] == ROGUE)
    stranger = lans.LANS[1].members[1]
    assert rogue["args"]["senders"] == [f"{stranger.address} ({stranger.mac})"]
    evidence = (tmp_path / "evidence" / "evidence.jsonl").read_text("utf-8")
    assert stranger.prefix in evidence
    assert '"preference":"high"' in evidence.replace('": "', '":"')
    assert '"duid"' in evidence


def test_from_elsewhere_nothing_is_said(lab: Rehearsal, tmp_path: Path) -> None:
    auditor(lab, *words(lab, tmp_path))
    document = audits.read(tmp_path / "result.json")
    assert set(said(document).values()) == {("U_VP", "U-VP")}


def forged(lab: Rehearsal, folder: Path, *more: str) -> tuple[object, ...]:
    return (*words(lab, folder, FORGED), "--evidence", folder / "evidence", *more)


def test_what_gets_out_under_forged_sources_is_seen(lab: Rehearsal, tmp_path: Path) -> None:
    """The networks have a source guard, no filter, and strict reverse path filtering, for IPv4 and IPv6."""
    done = auditor(lab, *forged(lab, tmp_path, "--clearance", "intrusive"), vantage=lans.VANTAGE)
    assert "Traceback" not in done.err
    document = audits.read(tmp_path / "result.json")
    assert said(document, FORGED) == {
        GOOD: ("NONE_ARRIVE", None),
        ROGUE: ("FORGED_ARRIVE", None),
        UNDECLARED: ("NEIGHBOURS_ARRIVE", None),
    }
    outcomes = {one["code"]: one["outcome"] for one in document["findings"] if one["check"] == FORGED}
    assert outcomes == {"NONE_ARRIVE": "pass", "FORGED_ARRIVE": "fail", "NEIGHBOURS_ARRIVE": "warn"}
    (open_,) = (one for one in document["findings"] if one["code"] == "FORGED_ARRIVE")
    assert open_["args"]["families"] == ["IPv6", "IPv4"]
    sent = [step for step in steps(tmp_path / "evidence") if step["kind"] == "source-validation"]
    assert {step["confirmed"] for step in sent} == {True}
    assert len(sent) == 2 * len(lans.LANS)
    assert max(sum(trial["sent"] for trial in step["trials"]) for step in sent) <= 9


def test_a_receiver_that_is_not_there_accuses_and_excuses_nobody(lab: Rehearsal, tmp_path: Path) -> None:
    text = (lab.dir / lans.FILE).read_text("utf-8")
    for lan in lans.LANS:
        for address in lan.receivers:
            text = text.replace(f'"{address}"', f'"[{address}]:18621"' if ":" in address else f'"{address}:18621"')
    (tmp_path / "elsewhere.toml").write_text(text, "utf-8")
    command = audits.command(lab, *forged(lab, tmp_path, "--clearance", "intrusive"), vantage=lans.VANTAGE)
    there = [tmp_path / "elsewhere.toml" if str(word).endswith(lans.FILE) else word for word in command]
    assert there != command
    lab.run(list(map(str, there)), lans.VANTAGE, 120, audits.ENVIRONMENT)
    assert set(said(audits.read(tmp_path / "result.json"), FORGED).values()) == {("NOT_PROVEN", "U-EGR")}
    sent = [step for step in steps(tmp_path / "evidence") if step["kind"] == "source-validation"]
    assert {trial["form"] for step in sent for trial in step["trials"]} == {"own"}


def test_nothing_is_forged_without_leave(lab: Rehearsal, tmp_path: Path) -> None:
    auditor(lab, *forged(lab, tmp_path), vantage=lans.VANTAGE)
    assert set(said(audits.read(tmp_path / "result.json"), FORGED).values()) == {("NOT_ALLOWED", "U-SCOPE")}
    assert [step for step in steps(tmp_path / "evidence") if step["kind"] == "source-validation"] == []


def steps(folder: Path) -> list[dict[str, Any]]:
    """Return all observations of a run."""
    lines = (folder / "evidence.jsonl").read_text("utf-8").splitlines()[1:]
    return [step for line in lines for step in json.loads(line).get("steps", ())]


def test_without_the_privilege_it_is_said(lab: Rehearsal, tmp_path: Path) -> None:
    command = [*UNPRIVILEGED, *audits.command(lab, *words(lab, tmp_path), vantage=lans.VANTAGE)]
    done = lab.run(command, lans.VANTAGE, 120, audits.ENVIRONMENT)
    assert "Traceback" not in done.stderr
    document = audits.read(tmp_path / "result.json")
    assert set(said(document).values()) == {("NOT_WATCHED", "U-PRIV")}
