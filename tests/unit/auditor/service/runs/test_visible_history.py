"""Tests a subject's history through all runs, for an agency only as far back as it owned the subject."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.runs.visible_history import VisibleHistory
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import START, SUBJECTS, Brief, Held, put

MOVED = SubjectId("www.tinh.vn")
FAILS: dict[str, list[Brief]] = {MOVED: [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]}
THEN = tuple(replace(each, agency=AgencyId("X1")) if each.id == MOVED else each for each in SUBJECTS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Yield a store with two runs; a subject of a commune in the first belongs to a department in the second."""
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name="r1", findings=FAILS, subjects=THEN))
        put(made, Held(name="r2", days=7, findings=FAILS))
        yield made


def history(store: SqlStore, agency: str | None) -> VisibleHistory:
    return VisibleHistory(None if agency is None else AgencyId(agency), store, Inventories(store.database))


@pytest.mark.parametrize(
    ("agency", "runs"), [(None, ["r1", "r2"]), ("S1", ["r2"]), ("X1", ["r1"]), ("P", ["r1", "r2"])]
)
def test_outlines_are_those_of_runs_in_which_the_agency_owned_it(
    store: SqlStore, agency: str | None, runs: list[str]
) -> None:
    judged = [store.latest_judgement(run.id) for run in store.runs()]
    past = history(store, agency)
    assert [each.run for each in judged if each is not None and past.outlines(each, MOVED)] == runs


def test_moved_subjects_are_those_of_another_agency_before(store: SqlStore) -> None:
    now = store.run(RunId("r2"))
    assert history(store, "S1").moved(now, {MOVED, SubjectId("dvc.tinh.vn")}) == {MOVED}
    assert history(store, "P").moved(now, {MOVED}) == set()


def test_owned_since_is_the_start_of_the_run_that_began_it(store: SqlStore) -> None:
    assert history(store, "S1").owned_since(MOVED) == START + timedelta(days=7)
    assert history(store, "P").owned_since(MOVED) is None
