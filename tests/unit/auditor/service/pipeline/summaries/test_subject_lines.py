"""Tests lines of subjects: kept with the figures, read back the same, and counting problems as their list does."""

import json
from collections import Counter
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.summaries import summarising
from auditor.service.pipeline.summaries.subject_lines import Rung, WrittenLines, read
from auditor.service.pipeline.summaries.summarising import keep, kept_summary, lines_in, lines_of
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.history import trend_points
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import Digest, JudgementId
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.problems.lists import ProblemLists
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

RUN = RunId("r1")


def _filled(path: Path) -> SqlStore:
    store = open_sqlite(path)
    findings = {
        "www.tinh.vn": [
            Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
            Brief(check="ipv6.web.reach", outcome=Outcome.FAIL, address="2001:db8::7"),
            Brief(check="ipv6.web.reach", outcome=Outcome.WARN, address="2001:db8::8"),
            Brief(check="security.tls.versions", outcome=Outcome.WARN, address="2001:db8::8"),
        ],
        "xa.tinh.vn": [
            Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL),
            Brief(check="ipv6.web.reach", outcome=Outcome.INCONCLUSIVE),
        ],
    }
    put(store, Held(name=RUN, findings=findings, scored=True))
    keep(judged_run(RUN, store, catalogue.load()), store)
    return store


def test_lines_are_kept_as_they_are_made_from_findings(tmp_path: Path) -> None:
    with _filled(tmp_path / "a.db") as store:
        judged = judged_run(RUN, store, catalogue.load())
        made = tuple(lines_of(judged, store))
        kept = kept_summary(judged.id, store)
        assert kept is not None
        lines = WrittenLines()
        for line in made:
            lines.add(line)
        assert lines_in(kept, store) == made == read(lines.written())
        assert {line.id: dict(line.ladders) for line in made if line.outcomes} == {
            "www.tinh.vn": {"service": Rung(1, at_least=False)},
            "xa.tinh.vn": {"service": Rung(0, at_least=False)},
        }
        assert all(line.ladders["service"].at_least for line in made if line.id == "dvc.tinh.vn")
        assert {line.id: line.outcomes[Outcome.FAIL] for line in made if line.outcomes} == {
            "www.tinh.vn": 1,
            "xa.tinh.vn": 1,
        }


def test_lines_of_the_form_without_doubt_state_no_lowest_step() -> None:
    row = ["www.tinh.vn", "portal", "X3", {"fail": 1}, {"service": 0, "device": 2}, "Cổng", "www.tinh.vn", [], [], {}]
    lines = read(json.dumps({"form": 1, "lines": [row]}).encode())
    assert lines is not None
    assert [dict(line.ladders) for line in lines] == [{"device": Rung(2, at_least=False)}]


def test_lines_of_another_form_are_not_read() -> None:
    assert read(b'{"form":0,"lines":[]}') is None


def test_open_fails_are_those_of_the_list_of_problems(tmp_path: Path) -> None:
    with _filled(tmp_path / "a.db") as store:
        summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
        judgement = store.latest_judgement(RUN)
        assert judgement is not None
        summary = summaries.of(judgement)
        listed = Counter(
            (problem.line.id, problem.severity)
            for problem in ProblemLists(store.database).of(summary)
            if problem.worst.outcome is Outcome.FAIL and not problem.waived
        )
        counted = {(line.id, severity): n for line in summary.lines for severity, n in line.open_fails.items()}
        assert counted == dict(listed)
        assert sum(counted.values()) == 2


def test_summary_of_a_judgement_with_kept_lines_reads_no_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _filled(tmp_path / "a.db") as store:
        judgement = store.latest_judgement(RUN)
        assert judgement is not None
        for method in ("outlines_of", "findings_of", "findings_by_subject", "scores_of", "settled_of"):
            monkeypatch.setattr(store, method, _refuse)
        summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
        assert {line.id for line in summaries.of(judgement).lines if line.open_fails} == {"www.tinh.vn", "xa.tinh.vn"}


def test_summary_reads_what_was_kept_with_the_figures_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _filled(tmp_path / "a.db") as store:
        judgement = store.latest_judgement(RUN)
        assert judgement is not None
        asked: list[JudgementId] = []
        read_summary = store.summary

        def counted(judgement: JudgementId) -> Digest | None:
            asked.append(judgement)
            return read_summary(judgement)

        monkeypatch.setattr(store, "summary", counted)
        JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database)).of(judgement)
        assert asked == [judgement.id]


def test_trend_of_the_whole_does_not_read_all_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _filled(tmp_path / "a.db") as store:
        judged = judged_run(RUN, store, catalogue.load())
        kept = kept_summary(judged.id, store)
        assert kept is not None
        monkeypatch.setattr(summarising, "kept_summary", _refuse)
        monkeypatch.setattr(summarising, "KeptSummary", None)
        assert [point.figures for point in trend_points(judged, store)] == [kept.rollup.total.figures]


def _refuse(*args: object, **kwargs: object) -> None:
    raise AssertionError("findings were read")
