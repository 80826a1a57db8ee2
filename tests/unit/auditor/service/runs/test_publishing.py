"""Tests that the report of a stored judgement reads no more than it has to."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Finding
from auditor.service.config.model import Config
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.pipeline.judging.evaluating import evaluate, stored_judgement
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.runs import publishing
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import JudgementId
from inventory.inventory import Inventory
from inventory.model import Kind, Subject, SubjectId
from inventory.sources.adhoc import parse_targets
from probes.framework.evidence import RunId
from reports.document import Report
from tests.support import measured_run

RUN = RunId("20260302T013000Z-000001")


def test_findings_of_a_small_report_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=3, pieces=2)
        known = catalogue.load()
        judged = evaluate(RUN, store, known, now=measured_run.START)
        read, reads = store.findings_of, list[int]()
        read_all, whole_reads = store.findings_by_subject, list[JudgementId]()

        def noted(judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, tuple[Finding, ...]]:
            reads.append(len(subjects))
            return read(judgement, subjects)

        def noted_all(judgement: JudgementId) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
            whole_reads.append(judgement)
            return read_all(judgement)

        monkeypatch.setattr(store, "findings_of", noted)
        monkeypatch.setattr(store, "findings_by_subject", noted_all)
        small, first = StoredReport(judged, store, known), _subjects(StoredReport(judged, store, known))
        whole_reads.clear()
        listed = list(small.stream_findings())
        assert _subjects(small) == _subjects(small) == first
        assert list(small.stream_findings()) == listed
        assert (len(whole_reads), reads) == (1, [])
        monkeypatch.setattr(publishing, "MOST_HELD", 1)
        large = StoredReport(judged, store, known)
        assert _subjects(large) == _subjects(large) == first
        assert sum(reads) == 2 * len(first)


def test_who_was_named_stands_first_and_as_named_then_what_they_led_to(tmp_path: Path) -> None:
    named = ("z.example.vn", "b.example.vn")
    with open_sqlite(tmp_path / "auditor.db") as store:
        known, when = catalogue.load(), measured_run.START
        inventory = Inventory(subjects=parse_targets([(name, None) for name in named]))
        start_run(plan(inventory, Config(), known, profile="quick", name="", now=when, run=RUN), store, when)
        exchanger = SubjectId("mx:a.example.vn")
        derived = Subject(
            id=exchanger, kind=Kind.HOST, kinds=frozenset({Kind.HOST}), derived_from=(SubjectId(named[0]),)
        )
        store.add_subjects(RUN, [derived])
        store.mark_measured(RUN, exchanger, *map(SubjectId, named))
        store.finish_run(RUN, when)
        report = StoredReport(evaluate(RUN, store, known, now=when), store, known)
        assert [subject.subject.id for subject in report.stream_subjects()] == [*named, exchanger]


def test_evidence_of_who_has_no_exchangers_is_read_without_dialogues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=3, pieces=2)
        known = catalogue.load()
        report = StoredReport(evaluate(RUN, store, known, now=measured_run.START), store, known)
        monkeypatch.setattr(Dialogues, "read_ahead", None)
        pieces = [len(subject.evidence) for agency in report.agencies() for subject in agency.subjects]
        assert [count for count in pieces if count] == [3, 3, 3]


def test_further_format_of_a_small_report_reads_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_sqlite(tmp_path / "auditor.db") as store:
        measured_run.add_run(store, RUN, subjects=3, pieces=2)
        known = catalogue.load()
        report = StoredReport(evaluate(RUN, store, known, now=measured_run.START), store, known)
        alone = StoredReport(stored_judgement(store.judgement(report.judgement), store, known), store, known)
        listed = list(alone.stream_findings()), list(alone.stream_untested())
        assert listed[0]
        assert listed[1]
        subjects = list(report.stream_subjects())
        _subjects(report)
        for name in (
            "findings_of",
            "findings_by_subject",
            "outlines_of",
            "untested",
            "scores_of",
            "subjects_of",
            "settled_of",
        ):
            monkeypatch.setattr(store, name, None)
        assert (list(report.stream_findings()), list(report.stream_untested())) == listed
        assert list(report.stream_subjects()) == subjects


def _subjects(report: Report) -> list[object]:
    return [(each.subject.id, each.findings) for agency in report.agencies() for each in agency.subjects]
