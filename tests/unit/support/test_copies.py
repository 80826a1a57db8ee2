"""Stores filled by a copy hold the same as the first one, and stores with earlier data keep it."""

import sqlite3
from collections.abc import Hashable, Iterator
from pathlib import Path

import pytest

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from tests.support import copies, judged


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Yield a list for one number each time that the program fills a store; no copy exists yet."""
    made = dict[Hashable, sqlite3.Connection]()
    monkeypatch.setattr(copies, "_made", made)
    yield []
    for copy in made.values():
        copy.close()


def test_fill_empty_stores_makes_one_and_copies_it(tmp_path: Path, calls: list[int]) -> None:
    def by(store: SqlStore) -> None:
        calls.append(1)
        judged.fill_earlier(store)

    found = []
    for number in range(3):
        with open_sqlite(tmp_path / f"{number}.db") as store:
            assert store.runs() == ()
            copies.fill(store, "same", by)
            (run,) = store.runs()
            judgement = store.latest_judgement(run.id)
            assert judgement is not None
            found.append((run, judgement, store.blob(run.inventory), list(store.findings_by_subject(judgement.id))))
    assert found[0] == found[1] == found[2]
    assert len(calls) == 1


def test_fill_another_key_is_made_anew(tmp_path: Path, calls: list[int]) -> None:
    for key in ("one", "two"):
        with open_sqlite(tmp_path / f"{key}.db") as store:
            copies.fill(store, key, lambda empty: calls.append(len(empty.runs())))
    assert calls == [0, 0]


def test_fill_a_store_that_holds_something_keeps_it(tmp_path: Path, calls: list[int]) -> None:
    with open_sqlite(tmp_path / "empty.db") as store:
        copies.fill(store, "same", lambda empty: calls.append(1))
    with open_sqlite(tmp_path / "held.db") as store:
        digest = store.put_blob(b"held")
        copies.fill(store, "same", lambda filled: calls.append(2))
        assert store.blob(digest) == b"held"
    assert calls == [1, 2]
