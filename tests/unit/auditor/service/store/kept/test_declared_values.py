"""Tests that declared values are kept with every correction, and that entering the same again changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.declared_values import DeclaredValues, holding
from auditor.service.store.records import DeclaredEntry
from tests.support.stores import DATABASES, new_store

NOW = datetime(2027, 1, 12, 3, tzinfo=UTC)
ENTRY = DeclaredEntry(
    framework="plan",
    requirement="II.1.a",
    period="2026",
    value=91.25,
    as_of=date(2026, 12, 31),
    source="Báo cáo 9/BC-SKHCN",
    signatory="Nguyễn Văn A",
    file="so-lieu.csv",
    row=2,
)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


def test_correction_is_an_entry_more_and_holds(store: DatabaseStore) -> None:
    values = DeclaredValues(store.database)
    assert values.add([ENTRY], who="an", now=NOW) == 1
    corrected = replace(ENTRY, value=90.0, source="Công văn đính chính 10")
    assert values.add([corrected], who="ba", now=NOW) == 1
    entries = values.entries()
    assert [(entry.value, entry.who, entry.made) for entry in entries] == [(91.25, "an", NOW), (90.0, "ba", NOW)]
    assert [entry.value for entry in holding(entries)] == [90.0]
    assert store.declared_entries() == entries


def test_entering_the_same_again_adds_nothing(store: DatabaseStore) -> None:
    values = DeclaredValues(store.database)
    assert values.add([ENTRY, ENTRY], who="an", now=NOW) == 1
    assert values.add([replace(ENTRY, file="ban-khac.csv", row=9)], who="ba", now=NOW) == 0


def test_answers_of_respondents_and_days_stand_side_by_side(store: DatabaseStore) -> None:
    values = DeclaredValues(store.database)
    answers = [replace(ENTRY, item="II.1.a/1", respondent=name) for name in ("Viettel", "VNPT")]
    later = replace(ENTRY, as_of=date(2027, 12, 31), period="2027")
    assert values.add([ENTRY, *answers, later], who="an", now=NOW) == 4
    assert len(holding(values.entries())) == 4
