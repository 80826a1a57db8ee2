"""Tests that defects are read by their index, with their subjects, and nothing else of the judgement."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from auditor.framework.findings import Finding, Outcome, outline
from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.schema import DEFECT, UNDECIDED
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.judgements import defect_rows
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.service.store import examples


def findings() -> list[Finding]:
    """Return one finding of each outcome for each of two subjects."""
    return [
        replace(examples.finding(name, f"ipv6.web.{outcome.value}"), outcome=outcome)
        for name in ("a.vn", "b.vn")
        for outcome in Outcome
    ]


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        made.create_run(examples.run())
        made.add_subjects(examples.RUN, [examples.subject("a.vn"), examples.subject("b.vn")])
        for name in ("other", examples.JUDGEMENT):
            made.add_judgement(examples.judgement(name))
            made.add_findings(examples.judgement(name).id, findings())
        yield made


@pytest.mark.parametrize(
    ("read", "outcomes"),
    [
        (defect_rows.defects, {Outcome.FAIL, Outcome.WARN, Outcome.ERROR}),
        (defect_rows.undecided, {Outcome.INCONCLUSIVE}),
    ],
)
def test_defect_rows_of_a_judgement_are_those_of_their_outcomes(
    store: DatabaseStore, read: object, outcomes: set[Outcome]
) -> None:
    assert callable(read)
    with store.database.reading() as connection:
        rows = [(row.subject, row.outline()) for row in read(connection, examples.JUDGEMENT)]
    assert rows == [(finding.subject, outline(finding)) for finding in findings() if finding.outcome in outcomes]


@pytest.mark.parametrize(("only", "index"), [(DEFECT, "ix_finding_defect"), (UNDECIDED, "ix_finding_undecided")])
def test_defect_rows_are_found_by_their_index(tmp_path: Path, only: str, index: str) -> None:
    with open_sqlite(tmp_path / "a.db") as store, store.database.reading() as connection:
        query = f"EXPLAIN QUERY PLAN SELECT id FROM finding WHERE judgement = 1 AND finding.{only} ORDER BY key"
        plan = " ".join(str(row) for row in connection.execute(text(query)))
    assert index in plan
