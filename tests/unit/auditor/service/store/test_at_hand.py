"""Tests that a caller that must not wait is refused before any query, and that other callers are not refused."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.service.store.at_hand import MustWait, asked_once, at_once, may_wait
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from tests.unit.auditor.service.store.examples import RUN, run, subject


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "auditor.db") as opened:
        opened.create_run(run())
        yield opened


def test_neither_read_nor_written_by_who_cannot_wait(store: SqlStore) -> None:
    with at_once(), pytest.raises(MustWait):
        store.run(RUN)
    with at_once(), pytest.raises(MustWait):
        store.add_subjects(RUN, [subject()])
    assert list(store.subjects(RUN)) == []


def test_whether_anything_was_written_is_known_at_once(store: SqlStore) -> None:
    with at_once():
        before = store.database.stamp()
    store.put_blob(b"something")
    with at_once():
        assert store.database.stamp() != before


def test_who_was_refused_may_wait_afterwards(store: SqlStore) -> None:
    with pytest.raises(MustWait), at_once():
        may_wait()
    may_wait()
    assert store.run(RUN).id == RUN


def test_other_threads_may_wait_all_the_time(store: SqlStore) -> None:
    ids = []
    with at_once():
        other = threading.Thread(target=lambda: ids.append(store.run(RUN).id))
        other.start()
        other.join(300)
    assert ids == [RUN]


def test_a_file_that_another_program_keeps_to_itself_keeps_only_those_waiting_who_may(tmp_path: Path) -> None:
    path = tmp_path / "auditor.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with open_sqlite(path) as store, closing(other):
        store.close()  # no connection of ours is open
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("PRAGMA user_version=0")
        with at_once(), pytest.raises(MustWait):
            store.database.stamp()
        threading.Timer(0.2, other.close).start()
        assert store.database.commits() > 0


def test_asked_once_asks_once_while_work_is_done_at_once_and_again_afterwards() -> None:
    asked = list[int]()

    def ask() -> int:
        asked.append(1)
        return len(asked)

    with at_once():
        assert (asked_once(ask), asked_once(ask)) == (1, 1)
    with at_once():
        assert asked_once(ask) == 2
    assert (asked_once(ask), asked_once(ask)) == (3, 4)
