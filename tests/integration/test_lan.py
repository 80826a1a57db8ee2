"""A vantage on networks of users, where real daemons play the routers: who does not belong there is heard."""

from pathlib import Path

import pytest

from containers.rehearsal import lans
from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import Document, auditor

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

CHECK = "security.ipv6.rogue-ra"
UNPRIVILEGED = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
GOOD, ROGUE, UNDECLARED = (lan.members[0].name for lan in lans.LANS)


def words(lab: Rehearsal, folder: Path) -> tuple[object, ...]:
    kept = ("--store", f"sqlite:///{folder / 'runs.db'}", "--format", f"json={folder / 'result.json'}")
    return ("audit", lab.dir / lans.INVENTORY, "--profile", "quick", "--only", CHECK, *kept)


def said(document: Document) -> dict[str, tuple[str, str | None]]:
    return {one["subject"]: (one["code"], one["reason"]) for one in document["findings"] if one["check"] == CHECK}


def test_who_does_not_belong_there_is_heard(lab: Rehearsal, tmp_path: Path) -> None:
    done = auditor(lab, *words(lab, tmp_path), "--evidence", tmp_path / "evidence", vantage=lans.VANTAGE)
    assert done.code == audits.FINDINGS, done.err
    document = audits.read(tmp_path / "result.json")
    assert said(document) == {
        GOOD: ("DECLARED", None),
        ROGUE: ("ROGUE", None),
        UNDECLARED: ("NOT_DECLARED", "U-INV"),
    }
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


def test_without_the_privilege_it_is_said(lab: Rehearsal, tmp_path: Path) -> None:
    command = [*UNPRIVILEGED, *audits.command(lab, *words(lab, tmp_path), vantage=lans.VANTAGE)]
    done = lab.run(command, lans.VANTAGE, 120, audits.ENVIRONMENT)
    assert "Traceback" not in done.stderr
    document = audits.read(tmp_path / "result.json")
    assert set(said(document).values()) == {("NOT_WATCHED", "U-PRIV")}
