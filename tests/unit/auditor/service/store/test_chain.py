"""Tests that the audit log is a chain: every alteration is found, and forwarded entries are committed ones."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from auditor.service.store.chain import AuditLogChain, LastLine, LogLine
from auditor.service.store.database.sqlite import SqliteDatabase
from auditor.service.store.sql.accounts import log_rows
from tests.support.sqlite_file import connected

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
LINE = LogLine(number=1, time=NOW, who="lan", address="::1", what="login", about="")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auditor.db"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(path)
    made.prepare()
    yield made
    made.close()


def add(database: SqliteDatabase, *abouts: str) -> None:
    for about in abouts:
        with database.writing() as connection:
            log_rows.add(connection, {"time": NOW, "who": "lan", "address": "::1", "what": "export", "about": about})


def check(database: SqliteDatabase) -> AuditLogChain:
    with database.reading() as connection:
        return log_rows.check(connection)


def without_triggers(path: Path, statement: str) -> None:
    """Execute a statement with the log's triggers dropped, as a person with write access to the file can."""
    with connected(path) as connection:
        for name in ("update", "delete", "replace"):
            connection.execute(f"DROP TRIGGER deed_no_{name}")
        connection.execute(statement)


def test_the_hash_of_a_line_is_what_it_always_was() -> None:
    assert LINE.hash_after("") == ("sha256:55f4906ed0eee7a46e7c30859f25a287d690f63ee8bc5289071ec388884e6b76")
    assert LINE.hash_after("x") != LINE.hash_after("")


def test_lines_follow_from_each_other(database: SqliteDatabase) -> None:
    assert check(database) == AuditLogChain(head=LastLine(), lines=0)
    add(database, "một", "hai", "ba")
    chain = check(database)
    assert (chain.lines, chain.broken, chain.head.number) == (3, None, 3)
    with database.reading() as connection:
        assert log_rows.hash_of(connection, 3) == chain.head.hash
        assert log_rows.hash_of(connection, 4) is None


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE deed SET who = 'minh' WHERE key = 2", 2),
        ("UPDATE deed SET time = '2027-01-01 00:00:00.000000' WHERE key = 2", 2),
        ("DELETE FROM deed WHERE key = 2", 3),
        ("DELETE FROM deed WHERE key = 1", 2),
        ("UPDATE deed SET hash = 'sha256:00' WHERE key = 3", 3),
        ("UPDATE deed SET key = 9 WHERE key = 3", 9),
    ],
)
def test_what_is_altered_behind_the_triggers_is_found(
    database: SqliteDatabase, path: Path, statement: str, first: int
) -> None:
    add(database, "một", "hai", "ba")
    without_triggers(path, statement)
    assert check(database).broken == first


@pytest.mark.parametrize("recursive", ["on", "off"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO deed SELECT key, time, 'minh', address, what, about, hash FROM deed WHERE key = 1",
        "INSERT INTO deed SELECT * FROM deed WHERE key = 1 ON CONFLICT DO UPDATE SET who = 'minh'",
        "UPDATE OR REPLACE deed SET key = 2 WHERE key = 1",
        "UPDATE deed SET who = 'minh'",
        "DELETE FROM deed",
        "INSERT INTO deed SELECT 0, time, who, address, what, about, hash FROM deed WHERE key = 1",
    ],
)
def test_the_database_itself_refuses_all_but_another_line(
    database: SqliteDatabase, path: Path, statement: str, recursive: str
) -> None:
    add(database, "một", "hai")
    before = check(database)
    with connected(path) as connection:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            connection.execute(statement)
    assert check(database) == before


def test_a_committed_line_is_told_with_its_hash(database: SqliteDatabase, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, log_rows.LOG)
    add(database, "a\nb")
    (record,) = caplog.records
    said = json.loads(record.getMessage())
    assert "\n" not in record.getMessage()
    assert (said["number"], said["what"], said["about"]) == (1, "export", "a\nb")
    assert said["hash"] == check(database).head.hash


def add_then_fail(database: SqliteDatabase) -> None:
    with database.writing() as connection:
        log_rows.add(connection, {"time": NOW, "who": "lan", "address": "", "what": "export", "about": ""})
        connection.exec_driver_sql("DELETE FROM deed")


def test_what_was_not_committed_is_not_told(database: SqliteDatabase, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, log_rows.LOG)
    with pytest.raises(IntegrityError, match="only added to"):
        add_then_fail(database)
    assert caplog.records == []
    add(database, "sau đó")
    assert [json.loads(record.getMessage())["number"] for record in caplog.records] == [1]
