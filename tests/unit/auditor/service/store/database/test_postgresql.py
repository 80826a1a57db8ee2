"""Tests PostgreSQL's own behaviour: its server, its errors, writers that take turns and appends that do not wait."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from auditor.service.accounts.accounts import Accounts
from auditor.service.leases.stored import StoredLeases
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, ControlError
from auditor.service.store.database import migrate
from auditor.service.store.database.columns import metadata
from auditor.service.store.database.postgresql import PostgresqlDatabase, explained, open_postgresql, shown
from auditor.service.store.kept.inventories import Inventories, Moved, pack
from auditor.service.store.records import JudgementId, StoreError, StoreFailed
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from inventory.model import SubjectId
from tests.support.postgresql import Server
from tests.unit.auditor.service.store.examples import (
    JUDGEMENT,
    RUN,
    evidence,
    finding,
    judgement,
    plain_finding,
    run,
    subject,
)

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SECRET = "bí-mật"
OWN_FUNCTIONS = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with open_postgresql(make_url(url)) as opened:
        opened.create_run(run())
        yield opened


def test_complete_judgement_leaves_statistics_of_its_findings(store: SqlStore) -> None:
    store.add_subjects(RUN, [subject("a.vn")])
    store.add_judgement(judgement(), whole=False)
    store.add_findings(JUDGEMENT, [finding("a.vn"), finding("a.vn", "ipv6.web.aaaa")])
    known = text("SELECT relname, reltuples FROM pg_class WHERE relname IN ('finding', 'subject') ORDER BY relname")
    with store.database.reading() as connection:
        before = [tuple(row) for row in connection.execute(known)]
    store.complete_judgement(JUDGEMENT)
    with store.database.reading() as connection:
        after = [tuple(row) for row in connection.execute(known)]
    assert before != after == [("finding", 2), ("subject", 1)]


def six_at_once(ask: Callable[[int], object]) -> list[object]:
    """Return the results of six threads that start ``ask`` at the same time."""
    together = threading.Barrier(6)

    def answer(number: int) -> object:
        together.wait(300)
        try:
            return ask(number)
        except (ControlError, Moved) as error:
            return error

    with ThreadPoolExecutor(6) as threads:
        return list(threads.map(answer, range(6)))


def test_start_six_requests_at_once_make_one_audit(url: str) -> None:
    with open_store(url) as first, open_store(url) as second:
        jobs = [JobQueue(first.database), JobQueue(second.database)]
        answers = six_at_once(lambda number: jobs[number % 2].start(AuditRequest(inventory="tinh"), "lan", "::1"))
        assert [one.code for one in answers if isinstance(one, ControlError)] == ["ALREADY_WANTED"] * 5
        assert len(jobs[0].latest()) == 1


def test_add_six_inventories_at_once_make_one_version(url: str) -> None:
    with open_store(url) as first, open_store(url) as second:
        stocks = [Inventories(first.database), Inventories(second.database)]
        inventory = pack(Inventory())
        answers = six_at_once(lambda number: stocks[number % 2].add("tinh", inventory, who="an", now=NOW, on=0))
        assert sum(isinstance(one, Moved) for one in answers) == 5
        assert [one.number for one in stocks[0].versions("tinh")] == [1]


def test_lease_by_six_workers_at_once_is_given_to_one(url: str) -> None:
    with open_store(url) as first, open_store(url) as second:
        leases = [StoredLeases(first.database), StoredLeases(second.database)]
        leases[0].defer(RUN, "hub", [SubjectId("a"), SubjectId("b")])
        answers = six_at_once(lambda number: leases[number % 2].lease("hub", f"w{number}"))
        assert sum(one is not None for one in answers) == 1


def test_url_leads_another_process_to_the_same_database(url: str, store: SqlStore) -> None:
    again = store.database.url
    assert again is not None
    with open_store(again, create=False) as opened:
        assert opened.runs() == (run(),)


def test_audit_log_of_six_writers_at_once_is_one_chain(url: str) -> None:
    with open_store(url) as first, open_store(url) as second:
        logs = [Accounts(first.database), Accounts(second.database)]
        six_at_once(lambda number: logs[number % 2].note("lan", "::1", "export", str(number)))
        with first.database.reading() as connection:
            chain = log_rows.check(connection)
        assert (chain.lines, chain.broken) == (6, None)


def test_add_evidence_does_not_wait_for_another_writer(url: str, store: SqlStore) -> None:
    with open_postgresql(make_url(url), patience=1.0) as other, other.database.writing():
        store.add_subjects(RUN, [subject()])
        store.add_evidence([evidence()])
        with store.appending():
            store.mark_measured(RUN, subject().id)
    assert store.evidence(RUN, subject().id) == (evidence(),)


def test_writing_after_appending_waits_for_another_writer(url: str, store: SqlStore) -> None:
    def write(hasty: SqlStore) -> None:
        with hasty.appending():
            hasty.add_evidence([evidence()])
            hasty.put_blob(b"x")

    with open_postgresql(make_url(url), patience=0.2) as hasty, store.batch():
        store.runs()
        with pytest.raises(StoreError, match="held by another program for more than 0 seconds"):
            ThreadPoolExecutor(1).submit(write, hasty).result(30)
    assert store.evidence(RUN, subject().id) == ()


@pytest.mark.parametrize(
    "statement", ["DELETE FROM deed", "UPDATE deed SET who = 'x'", "TRUNCATE deed", "DELETE FROM deed WHERE key = 99"]
)
def test_audit_log_is_only_added_to(store: SqlStore, statement: str) -> None:
    Accounts(store.database).note("lan", "::1", "export", "")
    with pytest.raises(StoreError, match="the audit log is only added to"), store.database.writing() as connection:
        connection.exec_driver_sql(statement)


def test_note_with_nul_of_a_stranger_leaves_the_chain_whole(store: SqlStore) -> None:
    Accounts(store.database).note("a\x00b", "::1", "login_failed", "\x00")
    with store.database.reading() as connection:
        assert log_rows.check(connection).broken is None
        assert [(one.who, one.about) for one in log_rows.latest(connection, 1)] == [("a\ufffdb", "\ufffd")]


def test_reading_sees_one_moment(store: SqlStore) -> None:
    with store.database.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM subject").scalar_one()
        thread = threading.Thread(target=lambda: store.add_subjects(RUN, [subject()]))
        thread.start()
        thread.join(300)
        assert connection.exec_driver_sql("SELECT count(*) FROM subject").scalar_one() == before
    assert len(list(store.subjects(RUN))) == 1


def test_reading_changes_nothing(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="can only be read"), store.database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM subject")


def test_open_without_tables_and_without_create_names_what_makes_them(postgresql: Server) -> None:
    with postgresql.database(empty=True) as empty, pytest.raises(StoreError, match="`auditor audit` makes one"):
        open_store(empty, create=False)


def test_open_two_programs_at_once_make_the_tables_once(postgresql: Server) -> None:
    with postgresql.database(empty=True) as empty:
        assert six_at_once(lambda _: open_store(empty).close()) == [None] * 6


def test_open_database_of_another_program_is_refused(postgresql: Server) -> None:
    with postgresql.database(empty=True) as other:
        postgresql.execute("CREATE TABLE photographs (id int)", make_url(other).database or "")
        with pytest.raises(StoreError, match="is a database of another program"):
            open_store(other)


def test_open_database_in_another_encoding_is_refused(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    with pytest.raises(StoreError, match="is encoded in LATIN1; make another database, with encoding UTF8"):
        open_store(postgresql.url("old"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("nowhere", "there is no such database: postgresql:///nowhere; make it with createdb"),
        ("?host=/nowhere", "cannot be reached .* check that PostgreSQL runs"),
    ],
)
def test_open_unreachable_database_says_why_and_no_password(postgresql: Server, change: str, told: str) -> None:
    host = "" if "host" in change else f"?host={postgresql.folder}"
    with pytest.raises(StoreFailed, match=told) as caught:
        open_store(f"postgresql://auditor:{SECRET}@/{'x' if host == '' else ''}{change}{host}")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"postgresql://an:{SECRET}@db.tinh.vn:5433/auditor?sslmode=require", "postgresql://db.tinh.vn:5433/auditor"),
        (f"postgres://an:{SECRET}@[2001:db8::1]/auditor", "postgresql://[2001:db8::1]/auditor"),
        (f"postgresql:///auditor?password={SECRET}", "postgresql:///auditor"),
    ],
)
def test_shown_has_neither_user_nor_password(text: str, name: str) -> None:
    assert shown(make_url(text)) == name


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('connection failed: FATAL:  password authentication failed for user "an"', "refused the login"),
        ("connection failed: FATAL:  sorry, too many clients already", "has no connection left"),
        ("connection is bad: No such file or directory", "cannot be reached"),
    ],
)
def test_explained_error_while_connecting_says_what_to_do(said: str, told: str) -> None:
    error = explained(psycopg.OperationalError(said), "postgresql:///a")
    assert told in str(error)
    assert "connection failed" not in str(error)


def test_connections_that_the_server_ended_are_made_again(postgresql: Server, url: str, store: SqlStore) -> None:
    store.runs()
    name = make_url(url).database
    postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert store.runs() == (run(),)
    store.add_subjects(RUN, [subject()])


def test_transaction_that_loses_its_connection_is_told_and_keeps_nothing(
    postgresql: Server, url: str, store: SqlStore
) -> None:
    def write() -> None:
        with store.batch():
            store.add_subjects(RUN, [subject()])
            name = make_url(url).database
            postgresql.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            store.add_evidence([evidence()])

    with pytest.raises(StoreFailed, match=r"the connection to postgresql:.* was lost"):
        write()
    assert list(store.subjects(RUN)) == []


def test_url_with_options_of_its_own_keeps_ours(url: str) -> None:
    with open_store(f"{url}&options=-c%20statement_timeout=5000") as opened, opened.database.reading() as connection:
        settings = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("statement_timeout", "TimeZone")
        ]
    assert settings == ["5s", "UTC"]


def test_missing_driver_is_told_with_the_extra(tmp_path: object) -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from auditor.service.store.url import open_store\n"
        "from auditor.service.cli.failures import Ended, operator_errors\n"
        "try:\n"
        "    with operator_errors(): open_store('postgresql:///auditor')\n"
        "except Ended as ended: print(ended.code)"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout == "2\n"
    assert re.search(r"\[[a-z,]*postgresql[a-z,]*\]'", found.stderr)


def test_error_of_a_statement_has_no_values_in_it(store: SqlStore) -> None:
    with pytest.raises(StoreError) as caught, store.database.writing() as connection:
        connection.exec_driver_sql("SELECT %s::int", (SECRET,))
    assert isinstance(caught.value.__cause__, DBAPIError)
    assert re.fullmatch(r"postgresql:///t\d+: invalid input syntax for type integer: .*", str(caught.value))


def test_tables_and_migrations_agree(store: SqlStore) -> None:
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("released", migrate.REVISIONS)
def test_up_from_each_release_and_down_again(postgresql: Server, released: str) -> None:
    with postgresql.database(empty=True) as empty:
        database = PostgresqlDatabase(make_url(empty))
        with database.writing() as connection:
            migrate.move(connection, released)
        with open_store(empty) as opened:
            opened.create_run(run())
            assert opened.run(RUN) == run()
        with database.writing() as connection:
            migrate.move(connection, "base")
        with database.reading() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert connection.exec_driver_sql(OWN_FUNCTIONS).scalar_one() == 0
        database.close()
        open_store(empty).close()


def test_findings_say_the_same_after_going_down_and_up_again(url: str, store: SqlStore) -> None:
    said = [finding("a.vn", port=443, names=("a", "b")), plain_finding("a.vn")]
    store.add_subjects(RUN, [subject("a.vn")])
    store.add_judgement(judgement())
    store.add_findings(JUDGEMENT, said)
    database = PostgresqlDatabase(make_url(url))
    with database.writing() as connection:
        migrate.move(connection, "0030")
        args = connection.exec_driver_sql("SELECT args::text FROM finding ORDER BY key").scalars().all()
        assert args == ['{"port":443,"names":["a","b"]}', "{}"]
        migrate.move(connection, migrate.REVISIONS[-1])
    database.close()
    assert store.findings(JUDGEMENT, said[0].subject) == tuple(said)
    store.add_judgement(judgement("later"))
    store.add_findings(JudgementId("later"), said)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM statement").scalar_one() == len(said)


def test_programs_that_say_the_same_at_once_store_it_once(url: str, store: SqlStore) -> None:
    said = [finding("a.vn", detail=str(number)) for number in range(300)]
    store.add_subjects(RUN, [subject("a.vn")])

    def judge(number: int) -> object:
        with open_postgresql(make_url(url)) as own:
            own.add_judgement(judgement(f"j{number}"))
            own.add_findings(JudgementId(f"j{number}"), said[number:] + said[:number])
        return number

    assert six_at_once(judge) == list(range(6))
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM statement").scalar_one() == len(said)


@pytest.mark.parametrize("old", ["0001", "0016"])
def test_open_schema_from_before_the_first_release_says_what_to_do(url: str, store: SqlStore, old: str) -> None:
    with store.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{old}'")
    with pytest.raises(StoreError, match=rf"before the first release \(its schema is {old}.* name another place"):
        open_store(url)
