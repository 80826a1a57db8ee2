"""Tests the report of a made-up year, every figure counted again by code that shares nothing with the program."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.figures.period import parse_period
from auditor.figures.period_report import PeriodReport
from auditor.framework import catalogue
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import VIETNAM
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.declaring import read_declared, store_declared
from auditor.service.runs.period_reporting import bounds, period_report
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.records import Sample, Series, StoreError
from auditor.service.store.url import open_store
from inventory.model import Kind, SubjectId
from probes.observations.series import REACH
from reports.period.data import document
from tests.support import rehearsal_year as year
from tests.support.recounting_period import SampleRow, differences
from tests.support.statements import statements
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.stored import VANTAGE, Held, put, row
from tests.unit.reports import reading

NOW = datetime(2027, 1, 20, tzinfo=UTC)
KNOWN = catalogue.load()
PLAN = "plan-daklak-2023-2025"
DECLARED = f"""framework,requirement,value,as_of,source,signatory
{PLAN},II.1.a,{{value}},{{day}},Báo cáo 123,Nguyễn Văn A
"""
IN_OPERATION = {
    str(point.id): datetime.combine(point.declared.activated, time(), VIETNAM) + timedelta(days=1)
    for point in year.points()
    if point.declared.activated is not None
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('year') / 'auditor.db'}") as made:
        with made.batch():
            year.fill_runs(made)
        year.fill_samples(made)
        yield made


@pytest.fixture(scope="module")
def report(store: Store) -> PeriodReport:
    return period_report(parse_period("2026"), store, KNOWN, NOW)


@pytest.fixture(scope="module")
def results(store: Store) -> list[dict[str, Any]]:
    """Return the result document of every run, as it is written for programs."""
    runs = sorted(store.runs(), key=lambda run: run.started)
    reports = (StoredReport(judged_run(run.id, store, KNOWN), store, KNOWN) for run in runs)
    return [json.loads(reading.only(each, "json")) for each in reports]


@pytest.fixture(scope="module")
def rows(store: Store) -> list[SampleRow]:
    sampled = [*(point.id for point in year.points()), year.LOOKED_AT]
    every = ((subject, series) for subject in sampled for series in store.series(subject, VANTAGE))
    return [
        SampleRow(
            subject=subject,
            metric=series.metric,
            family=series.family,
            interface=series.interface,
            time=sample.time,
            value=sample.value,
            quality=sample.quality.value,
        )
        for subject, series in every
        for sample in store.samples(series, NOW - timedelta(days=800), NOW)
    ]


@pytest.mark.parametrize("name", ["2026", "2026-Q3", "2026-11"])
def test_every_figure_of_a_period_is_what_an_independent_count_finds(
    store: Store, results: list[dict[str, Any]], rows: list[SampleRow], name: str
) -> None:
    made = json.loads(json.dumps(document(period_report(parse_period(name), store, KNOWN, NOW))))
    assert differences(made, results, rows, [], IN_OPERATION) == []


def test_independent_count_sees_a_wrong_figure(
    results: list[dict[str, Any]], rows: list[SampleRow], report: PeriodReport
) -> None:
    made = json.loads(json.dumps(document(report)))
    made["figures"][0]["end"]["met"] += 1
    made["sampled"]["points"][0]["reach"]["counted"] += 1
    made["sampled"]["sites"][0]["answered"]["mean"] += 0.001
    made["figures"][0]["agencies"][0]["subjects"].pop()
    assert len(differences(made, results, rows, [], IN_OPERATION)) >= 4


def test_period_report_of_a_point_that_was_never_sampled_says_so(report: PeriodReport) -> None:
    (point,) = (point for point in report.sampled.points if point.subject == year.NEVER_SAMPLED)
    assert (point.vantage, point.reach.mean, point.reach.counted) == ("", None, 0)
    assert point.reach.not_measured == point.reach.slots == 365 * 288


def test_period_report_counts_the_looks_at_a_web_site_by_the_hour(report: PeriodReport) -> None:
    (site,) = report.sampled.sites
    assert (site.subject, site.family, site.answered.slots) == (year.LOOKED_AT, 6, 365 * 24)
    assert site.answered.counted + site.answered.vantage + site.answered.maintenance == 365 * 12
    assert 0.9 < (site.answered.mean or 0.0) < 1.0


def test_period_report_of_a_new_point_begins_with_its_operation(report: PeriodReport) -> None:
    (point,) = (point for point in report.sampled.points if point.subject == year.NEW_IN_JULY)
    assert point.reach.slots == 183 * 288


def test_period_report_names_what_left_and_what_joined(report: PeriodReport) -> None:
    (move,) = (move for move in report.moves if move.figure == "K08")
    changed = {each.subject: (each.before, each.after) for agency in move.agencies for each in agency.subjects}
    assert changed[SubjectId("so4.tinh.vn")][1] is None
    assert changed[SubjectId("so5.tinh.vn")][0] is None


def test_period_report_without_a_count_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="2025"):
        period_report(parse_period("2025"), store, KNOWN, NOW)


def test_bounds_end_now_while_a_period_lasts() -> None:
    now = datetime(2026, 11, 5, 6, tzinfo=UTC)
    assert bounds(parse_period("2026-11"), now) == (datetime(2026, 11, 1, tzinfo=VIETNAM), now)
    assert bounds(parse_period("2026-10"), now)[1] == datetime(2026, 11, 1, tzinfo=VIETNAM)


def _asked_of(store: DatabaseStore, runs: int, folder: Path) -> int:
    """Count the database statements of a report over ``runs`` runs, each with a declared value."""
    for number in range(-3, runs):
        held = Held(name=f"r{number:+03}", days=number if number >= 0 else 100 * number)
        record = put(store, held)
        keep(judged_run(record.id, store, KNOWN), store)
        path = folder / "declared.csv"
        path.write_text(DECLARED.format(day=civil_day(record.started), value=70 + number), encoding="utf-8")
        store_declared(store, record, read_declared([path], shipped_frameworks()))
    made: list[PeriodReport] = []
    asked = statements(lambda: made.append(period_report(parse_period("2026"), store, KNOWN, NOW)))
    assert (made[0].progress.counts, made[0].before is not None) == (runs + 2, True)
    declared = [value.value for target in made[0].progress.targets for value in target.end.declared]
    assert declared[0] == 70 + runs - 1
    return asked


@pytest.mark.parametrize("kind", DATABASES)
def test_period_report_asks_no_more_of_the_database_for_a_run_than_for_the_one_before(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    sizes, asked = (2, 6, 10), []
    for runs in sizes:
        folder = tmp_path / str(runs)
        folder.mkdir()
        with new_store(request, folder, kind) as store:
            asked.append(_asked_of(store, runs, folder))
    assert asked[2] - asked[1] == asked[1] - asked[0] <= 4 * 10


def test_a_point_that_came_and_went_between_the_counts_is_reported(tmp_path: Path) -> None:
    (point, *_) = year.points()
    others = tuple(subject for subject in year.subjects(1) if subject.id != point.id)
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        trial = row("diem-thu", Kind.CONNECTION_POINT, "X1")
        for number, rows in enumerate((others, (*others, point, trial), others)):
            held = Held(name=f"r{number}", days=-200 + 100 * number, subjects=rows, organisation=year.ORGANISATION)
            keep(judged_run(put(store, held).id, store, KNOWN), store)
        began = datetime(2026, 5, 1, tzinfo=UTC)
        series = Series(subject=point.id, metric=REACH, vantage=VANTAGE)
        store.add_samples(series, (Sample(time=began + n * timedelta(hours=3), value=0.0) for n in range(100)))
        made = period_report(parse_period("2026"), store, KNOWN, NOW)
    (found,) = (each for each in made.sampled.points if each.subject == point.id)
    assert (found.reach.counted, found.reach.mean) == (100, 0.0)
    assert {each.subject for each in made.sampled.points} == {each.id for each in year.points()}
