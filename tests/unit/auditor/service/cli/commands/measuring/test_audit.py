"""Tests that the command line reports a doubtful run and the command that repeats it, and repeats nothing itself."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from auditor.figures.comparison import Credibility
from auditor.framework import catalogue
from auditor.service.cli import global_options
from auditor.service.cli.commands.measuring import audit as commands
from auditor.service.cli.commands.measuring.audit import of_kind, tell_doubt
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Doubt
from auditor.service.store.sql.runs import doubt_rows
from inventory.loader import load_sent
from probes.framework.evidence import RunId
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.service.scheduler.doubts import FEW, MANY, held


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "is to be checked before any agency"), ("vi", "cần kiểm tra điểm đo")]
)
@pytest.mark.parametrize("failing", [FEW, MANY])
def test_a_doubtful_run_is_told_with_the_command_that_repeats_it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    words: str,
    failing: int,
) -> None:
    monkeypatch.setenv("AUDITOR_LANG", lang)
    monkeypatch.setattr(global_options.STATE, "arguments", ["audit", "a b.csv", "--resume", "r2"])
    with open_sqlite(tmp_path / "a.db") as store:
        held(store, "r1", 0, days=0)
        held(store, "r2", failing, days=1)
        tell_doubt(RunId("r2"), store, catalogue.load())
        assert store.run(RunId("r2")).doubt is None
    said, command = capsys.readouterr().err.splitlines() or ["", ""]
    assert (words in said, "r1" in said, command) == (
        (True, True, "  auditor audit 'a b.csv'") if failing == MANY else (False, False, "")
    )


def test_runs_are_listed_with_their_doubts(tmp_path: Path, cli: Cli) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        run = held(store, "r1", 0, days=0)
        with store.database.writing() as connection:
            doubt_rows.add(
                connection, run.id, Doubt(base=run.id, areas=(), since=run.started, state=Credibility.VANTAGE)
            )
    assert "changes of the vantage" in cli("runs", "list", "--store", f"sqlite:///{tmp_path / 'a.db'}").out


def test_audit_of_a_kind_that_the_inventory_has_not_says_which_it_has(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "a.csv").write_text("name,kind\nwww.example.vn,portal\nexample.vn,zone\n", encoding="utf-8")
    ended = cli("audit", "a.csv", "--kind", "router")
    assert ended.code == 2
    assert "no subject of the kind router in the inventory; it has portal, zone" in ended.err
    assert cli("audit", "a.csv", "--kind", "ruoter").code == 2


def test_audit_of_a_kind_keeps_the_subjects_of_that_kind() -> None:
    inventory = load_sent([("a.csv", b"name,kind\nwww.example.vn,portal\nexample.vn,zone\n")]).inventory
    assert [subject.id for subject in of_kind(inventory, "zone").subjects] == ["example.vn"]
    assert of_kind(inventory, None) is inventory


def test_audit_interrupted_while_it_judges_names_the_command_that_judges(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("AUDITOR_LANG", "en")
    monkeypatch.setattr(global_options.STATE, "arguments", ["audit", "a.csv", "--store", "sqlite:///a.db"])
    monkeypatch.setattr(commands, "_measured", lambda *_, **__: None)
    monkeypatch.setattr(commands, "judge_run", interrupted)
    ended = commands._audited(Mock(run="r1"), Mock(), Mock(), resumed=False, round=None)
    told = capsys.readouterr().err.splitlines()
    assert (ended, told) == (
        130,
        ["Interrupted; what was measured is kept. Go on with:", "  auditor judge r1 --store sqlite:///a.db"],
    )
