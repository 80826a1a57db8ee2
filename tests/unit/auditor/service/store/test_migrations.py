"""Tests that every released schema can be reached, left and left behind; the last one equals the tables."""

import os
import re
import signal
import sqlite3
import zlib
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from auditor.service.store.database import account_schema, migrate, schema
from auditor.service.store.database.sqlite import SqliteDatabase, open_sqlite
from auditor.service.store.records import Retention, Sample, Series, StoreError
from probes.framework.codec import dump_evidence
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.store.examples import (
    PORTAL,
    RUN,
    START,
    evidence,
    finding,
    judgement,
    plain_finding,
    run,
    subject,
)

TABLES = schema.run.metadata
_ADDED = re.compile(r", (?=\w+ [A-Z]+, $)", re.MULTILINE)
"""Matches the text SQLite writes before a column added later, which stays on the line of the column before it."""
assert account_schema.account.metadata is TABLES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auditor.db"


def _tables(path: Path) -> set[str]:
    with connected(path) as connection:
        found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found


def test_the_revisions_are_those_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", "auditor.service.store:migrations")
    config.set_main_option("path_separator", "os")
    folder = ScriptDirectory.from_config(config)
    assert tuple(reversed([walk_revision.revision for walk_revision in folder.walk_revisions()])) == migrate.REVISIONS


def _migrated(path: Path) -> SqliteDatabase:
    """Return a new database made by all revisions, one after another."""
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, migrate.REVISIONS[-1])
    return database


def test_tables_and_migrations_agree(path: Path) -> None:
    database = _migrated(path)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, TABLES) == []
    database.close()


def test_what_is_made_is_what_the_tables_say(path: Path, tmp_path: Path) -> None:
    """New and migrated databases agree in all parts: constraint names, WITHOUT ROWID and column order too."""
    _migrated(path).close()
    open_sqlite(tmp_path / "new.db").close()

    def shape(database: Path) -> dict[str, list[str]]:
        with connected(database) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {
            name: sorted(line.strip(" ,\t") for line in _ADDED.sub(",\n", sql.replace('"', "")).splitlines())
            for name, sql in rows
        }

    assert shape(path) == shape(tmp_path / "new.db")


def test_a_new_database_is_of_this_version(path: Path) -> None:
    open_sqlite(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [(migrate.REVISIONS[-1],)]


@pytest.mark.parametrize("released", migrate.REVISIONS)
def test_up_from_each_release_and_down_again(path: Path, released: str) -> None:
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, released)
        assert migrate.revision(connection) == released
    database.close()
    with open_sqlite(path) as store:
        store.create_run(run())
        assert store.run(RUN) == run()
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "base")
    database.close()
    assert _tables(path) == {"alembic_version"}
    open_sqlite(path).close()


def test_evidence_of_the_first_release_is_read_and_comes_back_when_going_down(path: Path) -> None:
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0017")
    database.close()
    columns = "run, subject, id, probe, vantage, started, body"
    old = [evidence(name, attempt=attempt) for name in (PORTAL, "vantage:x") for attempt in (1, 2)]
    with open_sqlite(path) as store:
        store.create_run(run())
        store.add_subjects(RUN, [subject()])
        store.add_evidence(old)
        store.mark_measured(RUN, PORTAL)
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0017")
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT {columns} FROM evidence ORDER BY subject, id").fetchall()  # constants
    expected = sorted(old, key=lambda envelope: (envelope.subject, envelope.id))
    assert [(row[1], row[2], zlib.decompress(row[6])) for row in rows] == [
        (envelope.subject, envelope.id, dump_evidence(envelope)) for envelope in expected
    ]
    with open_sqlite(path) as store:
        assert list(store.all_evidence(RUN)) == expected


def test_samples_that_were_packed_come_back_when_going_down(path: Path) -> None:
    series = [Series(subject=PORTAL, metric="reach", vantage="hub", family=family) for family in (4, 6)]
    times = [START + timedelta(hours=hour) for hour in range(96)]
    with open_sqlite(path) as store:
        store.add_samples(series[0], [Sample(time=time, value=time.hour / 7) for time in times])
        store.roll_up(times[-1], timedelta(), Retention())
        store.add_samples(series[1], [Sample(time=times[3], value=1.0)])
        before = store.samples_together(series, START, times[-1])
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0029")
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM sample").fetchone() == (96,)
    with open_sqlite(path) as store:
        assert store.samples_together(series, START, times[-1]) == before
        assert [len(found) for found in before.values()] == [95, 1]


def test_findings_say_the_same_after_going_down_and_up_again(path: Path) -> None:
    said = [
        finding(PORTAL, port=443),
        plain_finding(),
        finding(PORTAL, "ipv6.web.aaaa", detail="một", names=("a", "b")),
    ]
    later = judgement("later")
    with open_sqlite(path) as store:
        store.create_run(run())
        store.add_subjects(RUN, [subject()])
        for each in (judgement(), later):
            store.add_judgement(each)
            store.add_findings(each.id, said)
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0030")
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT id, check_id, level, address, detail, reason, args FROM finding ORDER BY key")
        found = rows.fetchall()
    assert found[: len(said)] == found[len(said) :]
    assert found[0] == (said[0].id, "ipv6.web.reach", "required", str(said[0].address), None, "U-EGR", '{"port":443}')
    with open_sqlite(path) as store:
        assert [store.findings(each.id, PORTAL) for each in (judgement(), later)] == [tuple(said)] * 2
        with store.database.reading() as connection_again:
            assert connection_again.exec_driver_sql("SELECT count(*) FROM statement").scalar_one() == len(said)


@pytest.mark.parametrize("old", ["0001", "0016"])
def test_upgrade_schema_from_before_the_first_release_says_what_to_do(path: Path, old: str) -> None:
    open_sqlite(path).close()
    _stamp(path, old)
    with pytest.raises(StoreError, match=rf"before the first release \(its schema is {old}.* name another place"):
        open_sqlite(path)
    assert _stamped(path) == old


def test_a_failed_migration_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = migrate.move

    def fail(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]  # handed on as it is
        raise KeyboardInterrupt

    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0017")
    database.close()
    before = _tables(path)
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "move", fail)
        with pytest.raises(KeyboardInterrupt):
            open_sqlite(path)
    assert (_tables(path), _stamped(path)) == (before, "0017")
    open_sqlite(path).close()


def _killed_at(path: Path, number: int) -> bool:
    """Open a store in a child that is killed before its ``number``-th statement; return False if there are fewer."""
    child = os.fork()
    if not child:
        counted = count(1)

        def kill(*_: object) -> None:
            if next(counted) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", kill)
        try:
            open_sqlite(path).close()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def test_a_killed_migration_loses_nothing_and_is_done_by_who_opens_next(path: Path) -> None:
    with open_sqlite(path) as store:
        store.create_run(run())
        store.add_subjects(RUN, [subject()])
        store.add_judgement(judgement())
        store.add_findings(judgement().id, [plain_finding()])
        whole = store.findings(judgement().id, PORTAL)
    database = SqliteDatabase(path)
    with database.writing() as connection:
        migrate.move(connection, "0017")
    database.close()
    old, number = path.read_bytes(), 1
    while _killed_at(path, number):
        with open_sqlite(path) as store:
            assert store.findings(judgement().id, PORTAL) == whole
        path.write_bytes(old)
        number += 1 + number // 2
    assert number > 20
    with open_sqlite(path) as store:
        assert store.findings(judgement().id, PORTAL) == whole


def test_a_new_database_that_was_not_finished_is_begun_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "_VERSIONS", "no SQL")
        patched.setattr(migrate, "_statements", migrate._statements.__wrapped__)
        with pytest.raises(StoreError):
            open_sqlite(path)
    assert _tables(path) == set()
    open_sqlite(path).close()


def test_a_newer_database_is_refused_and_left_alone(path: Path) -> None:
    open_sqlite(path).close()
    _stamp(path, "9999")
    with pytest.raises(StoreError, match=r"auditor\.db was written by a newer version \(its schema is 9999"):
        open_sqlite(path)
    assert _stamped(path) == "9999"


def _stamp(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def _stamped(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (row,) = connection.execute("SELECT version_num FROM alembic_version")
    return str(row[0])
