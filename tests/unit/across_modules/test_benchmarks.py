"""Each benchmark can be started; those that need only this program run to their end at a meaningless size.

Their imports and the files that they write change with the program that they measure.
"""

import importlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from benchmarks import rehearsed, run, sampling
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.settings import VANTAGE_FILES, configuration
from containers.rehearsal.workspace import Workspace

_HELPERS = {"__init__", "audit_floor", "audit_phases", "earlier_runs", "filled_store", "processes", "rehearsed", "run"}
_HELPERS |= {"store_size"}
_NOTHING = {
    "federation": ("--provinces", "1", "--defects", "3"),
    "inventory": ("--rows", "5"),
    "report": ("--subjects", "10", "--rounds", "1"),
    "storage": ("--findings", "100", "--rounds", "1"),
    "stored_run": ("--subjects", "4", "--pieces", "2", "--rounds", "1"),
}


def test_benchmarks_are_all_run() -> None:
    folder = Path(rehearsed.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} - _HELPERS == set(run.QUICK)


@pytest.mark.parametrize("name", sorted(run.QUICK))
def test_benchmarks_options_of_a_quick_run_are_known(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    with pytest.raises(SystemExit) as ended:
        module.main([*run.QUICK[name], "--help"])
    assert ended.value.code == 0
    assert f"benchmarks.{name}" in capsys.readouterr().out


def test_benchmarks_days_of_samples_are_packed_as_far_as_they_are_measured(tmp_path: Path) -> None:
    """A sample takes a byte or two plus the cost of the tables; without packing it takes nine or more."""
    assert 0 < max(sampling.days(tmp_path / "days.db", count=2, length=4)) < sampling.OLD_BYTES


def test_benchmarks_year_of_a_point_is_read_in_every_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sampling.year(tmp_path / "year.db", length=3) > 0
    assert capsys.readouterr().out.count("a year of a point, ") == 4


@pytest.mark.parametrize(("name", "words"), list(_NOTHING.items()))
def test_benchmarks_run_to_their_end(name: str, words: Sequence[str]) -> None:
    assert run.run(name, words).state in ("met", "missed")


def test_benchmarks_limits_stand_once_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "auditor.toml").write_text(configuration(VANTAGE_FILES[0], Workspace(tmp_path)), "utf-8")
    lab = cast(Rehearsal, SimpleNamespace(dir=tmp_path))
    folder = tmp_path / "own"
    folder.mkdir()
    path = rehearsed.configured(lab, folder, packets_per_second=7, concurrency=3)
    read = tomllib.loads(path.read_text("utf-8"))
    assert (read["limits"]["packets_per_second"], read["limits"]["concurrency"]) == (7, 3)
    assert set(rehearsed.PREFIXES) < set(read["scope"]["allow"])


def test_benchmarks_table_tells_a_goal_that_was_missed_from_a_failure() -> None:
    ended = [
        run.Ended(name="dns", code=1, lines=["goals: missed: 7 x"]),
        run.Ended(name="tls", code=1, lines=["Traceback", "KeyError"]),
        run.Ended(name="start", code=0, lines=["goals: met"]),
    ]
    rows = [line.split(" | ")[:2] for line in run.table(ended)][-3:]
    assert rows == [["| dns", "missed"], ["| tls", "failed"], ["| start", "met"]]
