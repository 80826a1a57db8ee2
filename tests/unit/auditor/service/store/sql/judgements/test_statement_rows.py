"""Tests that equal statements of findings are stored once, and that a finding keeps its own parts."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from auditor.framework.findings import FindingId, Outcome
from auditor.service.store.database import schema
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.judgements import finding_rows, statement_rows
from auditor.service.store.sql.keys import known_keys
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from probes.framework.evidence import EvidenceId
from tests.unit.auditor.service.store.examples import JUDGEMENT, RUN, finding, judgement, plain_finding, run, subject

LATER = JudgementId("later")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "auditor.db") as opened:
        opened.create_run(run())
        opened.add_subjects(RUN, [subject("a.vn")])
        opened.add_judgement(judgement())
        opened.add_judgement(judgement(LATER))
        yield opened


def _statements(store: SqlStore) -> int:
    with store.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(schema.statement)).scalar_one()


def test_what_is_said_again_is_stored_once(store: SqlStore) -> None:
    first = [finding("a.vn", port=443), plain_finding("a.vn")]
    other = replace(first[0], outcome=Outcome.FAIL, evidence=(EvidenceId("of another audit"),), waived=None)
    store.add_findings(JUDGEMENT, first)
    store.add_findings(LATER, [other, first[1]])
    assert _statements(store) == 2
    assert store.findings(JUDGEMENT, first[0].subject) == tuple(first)
    assert store.findings(LATER, first[0].subject) == (other, first[1])


def test_what_is_said_otherwise_in_any_part_is_stored_beside(store: SqlStore) -> None:
    store.add_findings(JUDGEMENT, [finding("a.vn", port=443)])
    store.add_findings(LATER, [finding("a.vn", port=80)])
    assert _statements(store) == 2
    (said,) = finding_rows.statements([finding("a.vn", port=443)])
    others = {(*said[:place], "x", *said[place + 1 :]) for place in range(len(said))}
    assert len({statement_rows.digest(one) for one in [said, *others]}) == 1 + len(said)  # type: ignore[arg-type]


def test_digest_cannot_be_forged_by_moving_text_from_one_part_into_the_next() -> None:
    (said,) = finding_rows.statements([finding("a.vn")])
    first, second = (*said[:6], "ab", "c", *said[8:]), (*said[:6], "a", "bc", *said[8:])
    assert statement_rows.digest(first) != statement_rows.digest(second)


def test_more_statements_than_a_statement_of_sql_takes(store: SqlStore) -> None:
    many = [finding("a.vn", detail=str(number)) for number in range(1_201)]
    store.add_findings(JUDGEMENT, many)
    store.add_findings(LATER, many)
    assert _statements(store) == len(many)
    assert store.findings(LATER, many[0].subject) == tuple(many)


@contextmanager
def _never_collected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _held(look_up: Callable[[], object]) -> int:
    """Return the bytes that remain allocated after many lookups."""
    look_up()
    tracemalloc.start()
    for _ in range(20):
        look_up()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held


def test_looking_up_leaves_no_lists_behind(store: SqlStore) -> None:
    """A lookup leaves no garbage: during a judgement, ten thousand batches are stored between rare collections."""
    findings = [replace(finding("a.vn", port=port), id=FindingId(f"{port}")) for port in range(1, 201)]
    store.add_findings(JUDGEMENT, findings)
    said = finding_rows.statements(findings)
    with store.database.reading() as connection, _never_collected():
        assert _held(lambda: statement_rows.keys(connection, said)) < 100_000
        assert _held(lambda: known_keys(connection, 1, [SubjectId(f"{number}.vn") for number in range(200)])) < 100_000
