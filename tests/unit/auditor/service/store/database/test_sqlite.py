"""Tests SQLite's own behaviour: transactions, other programs with the same file, and all files that are not a store."""

import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError, StatementError

from auditor.service.store.database.sqlite import SqliteDatabase, open_sqlite
from auditor.service.store.evidence import evidence_pack
from auditor.service.store.records import DAY, HOUR, Retention, Sample, Series, StoreError
from auditor.service.store.sql.samples import sampled
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.framework.evidence import RunId, holding
from probes.observations.mail import SmtpDialogue
from probes.observations.ssh import SshExchange
from probes.observations.transport import TcpConnect
from reports.on_demand import CombinedMapping, ReadOnDemand
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.store.examples import ADDRESS, PORTAL, RUN, START, evidence, run, subject


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "auditor.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with open_sqlite(path) as opened:
        opened.create_run(run())
        yield opened


def test_it_is_all_there_after_closing(path: Path, store: SqlStore) -> None:
    store.add_subjects(RUN, [subject()])
    store.add_evidence([evidence()])
    store.close()
    with open_sqlite(path, create=False) as again:
        assert again.evidence(RUN, PORTAL) == (evidence(),)
        assert list(again.subjects(RUN)) == [subject()]
    assert [one.name for one in path.parent.iterdir()] == ["auditor.db"]


def test_the_settings_hold_on_both_engines(path: Path) -> None:
    database = SqliteDatabase(path)
    for engine in (database.writing, database.reading):
        with engine() as connection:
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
        assert found == ["wal", 1, 1, 30_000]
    database.close()


def test_a_batch_is_kept_whole_or_not_at_all(store: SqlStore) -> None:
    def half() -> None:
        with store.batch():
            store.add_subjects(RUN, [subject()])
            store.mark_measured(RUN, SubjectId("nothing"))

    with pytest.raises(StoreError):
        half()
    assert list(store.subjects(RUN)) == []
    store.add_subjects(RUN, [subject()])
    assert len(list(store.subjects(RUN))) == 1


def test_a_batch_belongs_to_its_thread(store: SqlStore) -> None:
    store.add_subjects(RUN, [subject("before")])
    seen: list[int] = []
    with store.batch():
        store.add_subjects(RUN, [subject()])
        reader = threading.Thread(target=lambda: seen.append(len(list(store.subjects(RUN)))))
        reader.start()
        reader.join(300)
    assert seen == [1]  # neither blocked nor shown uncommitted rows


def test_a_cut_off_iterator_leaves_nothing_open(path: Path, store: SqlStore) -> None:
    store.add_subjects(RUN, [subject(f"{number:04}") for number in range(900)])
    half_read = store.subjects(RUN)
    next(half_read)
    store.add_evidence([evidence()])
    with connected(path, timeout=0) as other:
        busy, log, moved = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, log, moved) == (0, 0, 0)  # a reader left open would have been in the way
    assert sum(1 for _ in half_read) == 899


def test_evidence_that_cannot_be_read_is_named(path: Path, store: SqlStore) -> None:
    store.add_evidence([evidence()])
    with connected(path) as other:
        other.execute("UPDATE evidence SET body = x'00'")
    with pytest.raises(StoreError, match=f"evidence '{evidence().id}' cannot be read"):
        store.evidence(RUN, PORTAL)


def test_evidence_on_demand_is_decoded_when_it_is_looked_at(path: Path, store: SqlStore) -> None:
    store.add_evidence([evidence(), evidence(attempt=2)])
    with connected(path) as other:
        other.execute("UPDATE evidence SET body = ? WHERE id = ?", (zlib.compress(b"{}"), evidence(attempt=2).id))
    mapping = store.evidence_on_demand(RUN, [PORTAL])[PORTAL]
    assert mapping[evidence().id] == evidence()
    assert evidence(attempt=2).id in mapping
    with pytest.raises(StoreError, match="cannot be read"):
        mapping[evidence(attempt=2).id]


def test_evidence_that_holds_no_observation_of_the_kinds_asked_for_is_not_decoded(path: Path, store: SqlStore) -> None:
    dialogue = replace(evidence(attempt=2), steps=(SmtpDialogue(address=ADDRESS, port=25, server_name="mx.vn"),))
    store.add_evidence([evidence(), dialogue])
    with connected(path) as other:
        other.execute("UPDATE evidence SET body = ? WHERE id = ?", (zlib.compress(b"{}"), evidence().id))
    mapping = ReadOnDemand(lambda: CombinedMapping(store.evidence_on_demand(RUN, [PORTAL])[PORTAL], {}))
    assert list(holding(mapping, (SmtpDialogue,))) == [dialogue]
    assert list(holding({dialogue.id: dialogue}, (SmtpDialogue,))) == [dialogue]


def test_evidence_with_a_step_of_any_kind_asked_for_is_found(store: SqlStore) -> None:
    dialogue = replace(evidence(attempt=2), steps=(SmtpDialogue(address=ADDRESS, port=25, server_name="mx.vn"),))
    connect = replace(evidence(attempt=3), steps=(TcpConnect(address=ADDRESS, port=443), *dialogue.steps))
    other = replace(evidence(attempt=4), steps=(SshExchange(address=ADDRESS, port=22),))
    store.add_evidence([dialogue, connect, other])
    mapping = store.evidence_on_demand(RUN, [PORTAL])[PORTAL]
    found = {envelope.id for envelope in holding(mapping, (SshExchange, TcpConnect))}
    assert found == {connect.id, other.id}


def test_evidence_of_a_measured_subject_takes_one_row(path: Path, store: SqlStore) -> None:
    store.add_subjects(RUN, [subject()])
    store.add_evidence(evidence(attempt=attempt) for attempt in range(1, 50))
    store.mark_measured(RUN, PORTAL)
    store.mark_measured(RUN, PORTAL)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM evidence").fetchone() == (0,)
        assert other.execute("SELECT number FROM evidence_pack").fetchall() == [(1,)]


def test_evidence_is_in_its_rows_when_packing_fails(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_subjects(RUN, [subject()])
    store.add_evidence([evidence()])

    def fail(envelopes: object) -> Iterator[bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence_pack, "pack", fail)
    with pytest.raises(KeyboardInterrupt):
        store.mark_measured(RUN, PORTAL)
    assert store.measured(RUN) == frozenset()
    assert store.evidence(RUN, PORTAL) == (evidence(),)


def test_damaged_pack_names_its_subject(path: Path, store: SqlStore) -> None:
    store.add_subjects(RUN, [subject()])
    store.add_evidence([evidence()])
    store.mark_measured(RUN, PORTAL)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE evidence_pack SET body = x'00'")
    with pytest.raises(StoreError, match=f"evidence '{PORTAL}' cannot be read"):
        store.evidence_ids(RUN, PORTAL)


def test_locked_store_is_read_but_not_written(path: Path, store: SqlStore) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_sqlite(path, patience=0.05) as hasty:
        assert hasty.runs() == (run(),)
        with pytest.raises(StoreError, match=r"auditor\.db is held by another program for more than 0 seconds"):
            hasty.add_evidence([evidence()])
    other.execute("COMMIT")
    other.close()


def test_a_file_of_another_kind(path: Path) -> None:
    path.write_text("chính nó không phải cơ sở dữ liệu\n" * 100)
    with pytest.raises(StoreError, match=r"auditor\.db is not a database; name another place with --store"):
        open_sqlite(path)


@pytest.mark.parametrize("table", ["notes (text)", "alembic_version (version_num)"])
def test_a_database_of_another_program(path: Path, table: str) -> None:
    with connected(path) as other:
        other.execute(f"CREATE TABLE {table}")
        other.execute("CREATE TABLE IF NOT EXISTS run (id)")
    with pytest.raises(StoreError, match="is a database of another program"):
        open_sqlite(path)


def test_a_damaged_file(path: Path, store: SqlStore) -> None:
    store.close()
    data = bytearray(path.read_bytes())
    data[5_000:] = b"\xff" * (len(data) - 5_000)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"auditor\.db is damaged; restore it"), open_sqlite(path) as damaged:
        list(damaged.subjects(RUN))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("attempt to write a readonly database", "cannot be written; check the permissions"),
        ("unable to open database file", "cannot be opened; check the permissions"),
        ("database or disk is full", "no space left to write"),
        ("disk I/O error", "auditor.db: disk I/O error"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_other_errors_are_explained(path: Path, store: SqlStore, said: str, shown: str, *, wrapped: bool) -> None:
    database = SqliteDatabase(path)
    error = sqlite3.OperationalError(said)

    def fail() -> None:
        with database.writing():
            raise OperationalError("INSERT", {}, error) if wrapped else error

    with pytest.raises(StoreError, match=shown):
        fail()
    database.close()


@pytest.mark.parametrize(("free", "shown"), [(4_096, "no space left to write"), (10**9, "disk I/O error")])
def test_io_error_without_space_is_a_full_disk(
    path: Path, store: SqlStore, free: int, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(StoreError, match=shown), database.reading():
        raise sqlite3.OperationalError("disk I/O error")
    database.close()


def test_url_names_a_relative_or_an_absolute_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///a b%20?.db").close()
    open_store(f"sqlite:///{tmp_path}/absolute.db").close()
    assert {one.name for one in tmp_path.iterdir()} == {"a b%20?.db", "absolute.db"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("auditor.db", "a store is named by a URL, such as sqlite:///auditor.db"),
        ("postgresql://auditor:geheim@db", "a database is named as in postgresql:///auditor"),
        ("postgresql+asyncpg://auditor:geheim@db/x", r"no store 'postgresql\+asyncpg://'; did you mean 'postgresql"),
        ("postgresql://auditor:geheim@db:port/x", "a database is named as in postgresql:///auditor"),
        ("sqlit:///a.db", "no store 'sqlit://'; did you mean 'sqlite://'"),
        ("redis://x", "no store 'redis://'; use sqlite:///auditor.db"),
        ("sqlite://auditor.db", "followed by a slash and the path of a file"),
        ("sqlite://", "followed by a slash"),
        ("sqlite:///:memory:", "followed by a slash"),
        ("sqlite:///nowhere/x/auditor.db", "the folder nowhere/x of the store .* does not exist; make it"),
        ("sqlite:///.", "is a folder; name a file in it"),
    ],
)
def test_urls_that_are_none(url: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=shown) as caught:
        open_store(url)
    assert "geheim" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_only_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_store(f"sqlite:///{tmp_path}/none.db", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "module", ["auditor.service.store.memory.store", "auditor.service.store.writer", "auditor.service.store.url"]
)
def test_no_database_library_where_none_is_needed(module: str) -> None:
    program = f"import sys, {module}; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_no_alembic_once_the_schema_is_there(path: Path, store: SqlStore) -> None:
    store.close()
    program = (
        "import sys; from auditor.service.store.url import open_store; "
        f"open_store('sqlite:///{path}').close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_times_come_back_in_utc_and_naive_ones_are_refused(path: Path, store: SqlStore) -> None:
    hanoi = START.astimezone(timezone(timedelta(hours=7)))
    store.create_run(run(RunId("hanoi"), started=hanoi))
    found = store.run(RunId("hanoi")).started
    assert (found, found.tzinfo) == (START, UTC)
    with pytest.raises(StatementError, match="a time without a zone"):
        store.create_run(run(RunId("naive"), started=START.replace(tzinfo=None)))


def test_a_sample_is_small(path: Path, store: SqlStore) -> None:
    """A sample takes at most 200 bytes with everything that belongs to it (a point every five minutes adds up)."""
    store.close()
    before = path.stat().st_size
    with open_sqlite(path) as opened:
        series = Series(subject=PORTAL, metric="reach", vantage="hub", family=6)
        opened.add_samples(series, [Sample(time=START + timedelta(minutes=5 * n), value=n / 7) for n in range(20_000)])
    assert (path.stat().st_size - before) / 20_000 <= 200


def test_samples_of_days_that_are_over_are_a_row_each_and_the_last_day_stays_as_it_is(path: Path) -> None:
    """Packed days are one row each, and the last sample is found there too after weeks without samples."""
    series = Series(subject=PORTAL, metric="reach", vantage="hub")
    began = START.replace(hour=0, minute=0, second=0, microsecond=0)
    with open_sqlite(path) as store:
        store.add_samples(series, [Sample(time=began + timedelta(minutes=5 * n), value=1.0) for n in range(5 * 288)])
        left = []
        for number in range(4):
            store.roll_up(began + timedelta(days=20, hours=number), timedelta(), Retention())
            with closing(sqlite3.connect(path)) as raw:
                left.append(
                    [raw.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("sample", "sample_day")]
                )
        assert left == [[3 * 288, 2], [288, 4], [288, 4], [288, 4]]
        assert sum(1 for _ in store.samples(series, began, began + timedelta(days=5))) == 5 * 288


@pytest.mark.parametrize("size", [1, 7, 300, 700])
def test_samples_of_rows_and_of_days_are_read_in_pages_of_any_size(
    path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [Series(subject=SubjectId(name), metric="reach", vantage="hub") for name in ("a", "b", "c")]
    began = START.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [began + timedelta(hours=hour) for hour in range(5 * 24)]
    with open_sqlite(path) as store:
        for series in several:
            store.add_samples(series, [Sample(time=time, value=float(time.hour)) for time in times])
        store.roll_up(times[-1], timedelta(), Retention())
        store.add_samples(several[1], [Sample(time=began + timedelta(minutes=30), value=0.5)])
        monkeypatch.setattr(sampled, "SAMPLES", size)
        found = store.samples_together(several, times[1], times[-1])
        assert [[one.time for one in found[series]] for series in several] == [times[1:-1]] * 3
        assert [one.time for one in store.samples(several[1], began, times[-1])] == sorted(
            [*times[:-1], began + timedelta(minutes=30)]
        )


def test_old_samples_are_forgotten_and_their_hours_and_days_kept(path: Path) -> None:
    series = Series(subject=PORTAL, metric="reach", vantage="hub")
    began = START.replace(hour=0, minute=0, second=0, microsecond=0)
    end, keep = began + timedelta(days=4), Retention(raw=timedelta(days=1), hours=timedelta(days=2))
    with open_sqlite(path) as store:
        for number in range(4 * 24):  # rolled up hour by hour, as it comes
            at = began + timedelta(hours=number)
            store.add_samples(series, [Sample(time=at + timedelta(minutes=5 * n), value=1.0) for n in range(12)])
            store.roll_up(at, timedelta(), keep)
        store.roll_up(end, timedelta(), keep)
        store.roll_up(end, timedelta(), keep)
        assert sum(1 for _ in store.samples(series, began, end)) == 288
        assert [one.counted for one in store.rolled(series, HOUR, began, end)] == [12] * 48
        assert [one.counted for one in store.rolled(series, DAY, began, end)] == [288] * 4
        assert store.first_sample(series) == began
