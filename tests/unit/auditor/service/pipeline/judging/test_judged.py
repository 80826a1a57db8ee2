"""Tests that a stored judgement is read with its original conditions, for any later evidence or program."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from auditor.framework import catalogue
from auditor.service.pipeline.judging import members
from auditor.service.pipeline.judging.evaluating import evaluate, stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import compare
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.runs import evidence_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId
from reports.document import Options
from reports.registry import renderer
from tests.support import measured_run

BEFORE, RUN = RunId("20260202T013000Z-000001"), RunId("20260302T013000Z-000002")
SUBJECTS, PIECES = 12, 3
WITHOUT_EVIDENCE = ("json", "csv", "jsonl", "junit", "ocsf", "oscal", "xlsx")
"""The formats that show no observation."""


class _Sink:
    many = False

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        file = io.BytesIO()
        yield file
        self.files[name] = file.getvalue()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a store with two judged runs."""
    path = tmp_path_factory.mktemp("stored") / "auditor.db"
    with open_sqlite(path) as store:
        for run, when in ((BEFORE, measured_run.START - timedelta(days=28)), (RUN, measured_run.START)):
            measured_run.add_run(store, run, subjects=SUBJECTS, pieces=PIECES, when=when)
            evaluate(run, store, catalogue.load(), now=when)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with open_sqlite(path) as store:
        yield store


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Return a function that counts the pieces of evidence read from the database so far."""
    count, unpack = 0, evidence_rows.read

    def counted(*args: object) -> object:
        nonlocal count
        count += 1
        return unpack(*args)  # type: ignore[arg-type]  # handed on as it is

    monkeypatch.setattr(evidence_rows, "read", counted)
    return lambda: count


def _stored(store: SqlStore, run: RunId) -> LoadedJudgement:
    judgement = store.latest_judgement(run)
    assert judgement is not None
    return stored_judgement(judgement, store, catalogue.load())


def _written(judged: LoadedJudgement, store: SqlStore, format: str) -> dict[str, bytes]:
    sink = _Sink()
    renderer(format, Options(lang="en"))(StoredReport(judged, store, catalogue.load()), sink)
    return sink.files


def _document(judged: LoadedJudgement, store: SqlStore) -> object:
    (body,) = _written(judged, store, "json").values()
    return json.loads(body)


@pytest.mark.parametrize("format", WITHOUT_EVIDENCE)
def test_stored_report_without_observations_reads_no_evidence(
    store: SqlStore, reads: Callable[[], int], format: str
) -> None:
    assert _written(_stored(store, RUN), store, format)
    assert reads() == 0


def test_stored_text_report_reads_each_piece_of_evidence_at_most_once(
    store: SqlStore, reads: Callable[[], int]
) -> None:
    _written(_stored(store, RUN), store, "text")
    assert reads() <= SUBJECTS * (PIECES + 1)


def test_comparison_of_stored_runs_reads_no_evidence(store: SqlStore, reads: Callable[[], int]) -> None:
    found = compare(_stored(store, BEFORE), _stored(store, RUN), store)
    assert found.comparison.figures
    assert reads() == 0


def test_pages_of_stored_run_read_no_evidence(store: SqlStore, reads: Callable[[], int]) -> None:
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    records = [store.latest_judgement(run) for run in (BEFORE, RUN)]
    before, after = (digests.of(one) for one in records if one is not None)
    assert digests.report(after).header.vantages
    digests.compared(before, after)
    assert {one.id: one.agency for one in after.lines}[measured_run.ZONE] == "TINH"
    assert reads() == 0


def test_stored_report_equals_report_of_fresh_judgement(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=SUBJECTS, pieces=PIECES)
        fresh = evaluate(RUN, store, catalogue.load(), now=measured_run.START)
        stored = _stored(store, RUN)
        assert stored == fresh
        assert _document(stored, store) == _document(fresh, store)
        assert _written(stored, store, "csv") == _written(fresh, store, "csv")


def test_stored_judgement_keeps_self_test_that_program_would_judge_otherwise(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = StoredReport(_stored(store, RUN), store, catalogue.load()).header
    assert before.vantages[0].selftest
    assert before.inventory is not None
    assert before.inventory.findings
    monkeypatch.setattr(members, "judge_vantage", lambda *args, **rest: ())
    monkeypatch.setattr(members, "judge_beside", lambda *args, **rest: ())
    assert StoredReport(_stored(store, RUN), store, catalogue.load()).header == before


def test_derived_subject_and_addresses_are_reported_as_judged(store: SqlStore) -> None:
    report = StoredReport(_stored(store, RUN), store, catalogue.load())
    found = {one.subject.id: one for one in report.stream_subjects()}
    assert found[measured_run.ZONE].subject.agency == AgencyId("TINH")
    assert found[measured_run.ZONE].derived
    site = found[SubjectId(measured_run.host(3))]
    assert (site.subject.agency, site.addresses) == (AgencyId("A0"), (measured_run.address(3),))


def test_judgement_made_before_conditions_were_kept_is_read_from_evidence(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=SUBJECTS, pieces=PIECES)
        evaluate(RUN, store, catalogue.load(), now=measured_run.START)
        kept = _stored(store, RUN)
        document, table = _document(kept, store), _written(kept, store, "csv")
        with store.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM conditions")
            connection.exec_driver_sql("DELETE FROM settled")
        again = _stored(store, RUN)
        assert again == kept
        assert (_document(again, store), _written(again, store, "csv")) == (document, table)
