"""Tests that cached pages are dropped after a commit of any program, as soon as the commit is signalled."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from auditor.service.store.api import DatabaseStore
from auditor.service.store.at_hand import MustWait, at_once
from auditor.service.store.records import StoreError
from auditor.service.store.url import open_store
from tests.support.postgresql import Server
from tests.unit.auditor.service.store.examples import run


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[DatabaseStore]:
    with open_store(url) as opened:
        opened.create_run(run())
        yield opened


def changed(store: DatabaseStore, before: int) -> bool:
    """Return True once the stamp differs from ``before``; the server takes a moment to tell."""
    for _ in range(30_000):
        if store.database.stamp() != before:
            return True
        time.sleep(0.01)
    return False


def test_stamp_stays_while_nothing_is_written(store: DatabaseStore) -> None:
    before = store.database.stamp()
    store.runs()
    with store.batch():
        store.runs()
    with store.database.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
    time.sleep(0.1)
    assert store.database.stamp() == before


def test_stamp_changes_at_once_after_our_own_commit(store: DatabaseStore) -> None:
    store.database.stamp()
    with at_once():
        before = store.database.stamp()
    store.put_blob(b"something")
    with at_once():
        assert store.database.stamp() != before


def test_stamp_changes_after_a_commit_of_another_program(url: str, store: DatabaseStore) -> None:
    with open_store(url) as other:
        before = store.database.stamp()
        other.put_blob(b"something")
        assert changed(store, before)


def test_stamp_counts_an_own_commit_once(store: DatabaseStore) -> None:
    before = store.database.stamp()
    store.put_blob(b"something")
    time.sleep(0.2)
    assert store.database.stamp() == before + 1


def test_stamp_changes_after_the_connection_was_lost(postgresql: Server, url: str, store: DatabaseStore) -> None:
    before, name = store.database.stamp(), make_url(url).database
    postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert changed(store, before)
    assert store.runs() == (run(),)


def test_stamp_without_a_connection_must_wait_on_the_event_loop(url: str, store: DatabaseStore) -> None:
    with at_once(), pytest.raises(MustWait):
        store.database.stamp()
    store.database.stamp()
    with at_once():
        store.database.stamp()


def test_stamp_of_a_server_that_is_gone_is_an_error() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        open_store("postgresql:///x?host=/nowhere")


def test_stamp_takes_microseconds(store: DatabaseStore) -> None:
    store.database.stamp()
    took = []
    for _ in range(1_000):
        began = time.perf_counter()
        store.database.stamp()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05  # a busy machine holds some of them up, not each
