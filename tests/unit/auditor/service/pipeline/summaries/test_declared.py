"""Tests values declared with runs and for periods: which of them count for a run, and up to a day."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.framework.localdate import civil_day
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.runs.declaring import read_declared, store_declared
from auditor.service.store.memory.store import MemoryStore
from probes.framework.evidence import RunId
from probes.observations.declared import DeclaredValue
from tests.unit.auditor.stored import START, Held, put

DAY = civil_day(START)
MONTH = timedelta(days=30)
CSV = """framework,requirement,value,as_of,source,signatory
plan-daklak-2023-2025,II.1.a,{value},{day},Báo cáo 123,Nguyễn Văn A
"""


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """Return a store of two runs forty days apart, each with a declared value of its day and one of another day."""
    made = MemoryStore()
    path = tmp_path / "declared.csv"
    for run, days, values in (("r1", 0, {DAY: 81, DAY + MONTH: 86}), ("r2", 40, {DAY + MONTH: 87, DAY - MONTH: 70})):
        record = put(made, Held(name=run, days=days))
        for day, value in values.items():
            path.write_text(CSV.format(day=day, value=value), encoding="utf-8")
            store_declared(made, record, read_declared([path], shipped_frameworks()))
    return made


def _told(values: tuple[DeclaredValue, ...]) -> dict[date, float]:
    assert len({value.as_of for value in values}) == len(values)
    return {value.as_of: value.value for value in values}


def test_a_run_has_its_own_values_and_earlier_ones_of_a_day_after_their_run(store: MemoryStore) -> None:
    declared = Declared(store)
    assert _told(declared.of(store.run(RunId("r1")))) == {DAY: 81, DAY + MONTH: 86}
    assert _told(declared.of(store.run(RunId("r2")))) == {DAY + MONTH: 87, DAY - MONTH: 70}


def test_until_a_day_counts_what_any_run_declared_for_it(store: MemoryStore) -> None:
    declared = Declared(store)
    assert _told(declared.until(DAY)) == {DAY: 81, DAY - MONTH: 70}
    assert _told(declared.until(DAY + MONTH)) == {DAY: 81, DAY + MONTH: 87, DAY - MONTH: 70}


def test_what_is_declared_later_is_not_in_what_was_read(store: MemoryStore) -> None:
    before = Declared(store)
    put(store, Held(name="r3", days=80))
    assert _told(before.of(store.run(RunId("r3")))) == {DAY + MONTH: 86}
