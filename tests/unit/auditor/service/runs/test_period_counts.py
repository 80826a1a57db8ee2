"""Tests the counts of a period: the runs that count, the values declared for it, and the unpublishable parts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from auditor.figures.comparison import Credibility
from auditor.figures.compliance import Compliance
from auditor.figures.period import PassedOver, parse_period, rests_on_the_past
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.declaring import read_declared, store_declared
from auditor.service.runs.period_counts import counted_periods, last_count, leaks, period_progress
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Doubt, RunState, StoreError
from auditor.service.store.sql.runs import doubt_rows
from probes.framework.evidence import RunId
from tests.support import published
from tests.unit.auditor.stored import Brief, Held, judge, put, put_round

YEAR = parse_period("2026")
KNOWN = catalogue.load()


def test_period_progress_spans_the_first_and_last_count() -> None:
    with MemoryStore() as store:
        published.fill(store)
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    assert made.start is not None
    assert (made.start.run, made.end.run, made.counts) == ("r0", "r2", 3)
    assert made.start.rollup.total.figures["K08"].met < made.end.rollup.total.figures["K08"].met


def test_period_progress_passes_over_rechecks_and_other_networks() -> None:
    with MemoryStore() as store:
        published.fill(store, days=(-30, -20))
        rows, units = published.subjects(), published.organisation()
        put(store, Held(name="inside", days=-25, subjects=rows, organisation=units, networks=("tslcd",)))
        put(store, Held(name="again", days=-10, subjects=rows[:1], organisation=units, amends="r1"))
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    assert (made.end.run, made.counts) == ("r1", 2)


def _kept(store: MemoryStore, run: str) -> None:
    judgement = store.latest_judgement(RunId(run))
    assert judgement is not None
    keep(stored_judgement(judgement, store, KNOWN), store)


def _trial(name: str, days: float, **more: Any) -> Held:
    rows = published.subjects()[:2]
    findings = {str(row.id): [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)] for row in rows}
    return Held(name=name, days=days, subjects=rows, findings=findings, organisation=published.organisation(), **more)


@pytest.mark.parametrize("networks", [("internet",), ("tslcd",)])
def test_a_trial_on_the_last_day_does_not_stand_for_the_year(networks: tuple[str, ...]) -> None:
    with MemoryStore() as store:
        published.fill(store)
        put(store, _trial("trial", 121, networks=networks))
        for run in ("r0", "r1", "r2", "trial"):
            _kept(store, run)
        made, december = (
            period_progress(parse_period(name), store, KNOWN, published.AFTER) for name in ("2026", "2026-12")
        )
        last = last_count(YEAR, store, published.AFTER)
    assert (made.end.run, made.counts, made.fuller) == ("r2", 3, None)
    assert [(each.run, each.day) for each in made.passed_over] == [("trial", date(2026, 12, 31))]
    assert last is not None
    assert last[0].id == "r2"
    assert (december.end.run, december.passed_over) == ("trial", ())
    assert (december.fuller and december.fuller.run) == ("r2" if networks == ("internet",) else None)


@pytest.mark.parametrize("part", [True, False])
def test_a_trial_of_the_year_before_stands_for_the_beginning_and_is_told(*, part: bool) -> None:
    with MemoryStore() as store:
        published.fill(store)
        put(store, _trial("trial", -300, part=part))
        for run in ("r0", "r1", "r2", "trial"):
            _kept(store, run)
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
        report = period_report(YEAR, store, KNOWN, published.AFTER)
        autumn = period_progress(parse_period("2026-Q4"), store, KNOWN, published.AFTER)
    assert (made.start and made.start.run, made.end.run, made.slight_start) == ("trial", "r2", True)
    assert report.before is not None
    assert report.before.slight
    assert (autumn.start and autumn.start.run, autumn.slight_start) == ("r1", False)


def test_a_run_that_was_asked_for_a_part_stands_only_where_there_is_no_other() -> None:
    with MemoryStore() as store:
        published.fill(store)
        rows, units = published.subjects(), published.organisation()
        put(store, Held(name="part", days=110, subjects=rows, organisation=units, part=True))
        made, december = (
            period_progress(parse_period(name), store, KNOWN, published.AFTER) for name in ("2026", "2026-12")
        )
    assert (made.end.run, [each.run for each in made.passed_over]) == ("r2", ["part"])
    assert (december.end.run, december.start and december.start.run) == ("part", "r2")


def test_a_later_run_that_was_cut_off_is_named() -> None:
    with MemoryStore() as store:
        published.fill(store)
        late = put(store, Held(name="late", days=110, subjects=published.subjects()))
        store.finish_run(late.id, late.started, RunState.INTERRUPTED)
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    assert [(each.run, each.why) for each in made.passed_over] == [("late", PassedOver.CUT_OFF)]
    assert made.end.run == "r2"


def test_a_later_round_that_lacks_a_vantage_names_it() -> None:
    with MemoryStore() as store:
        published.fill(store)
        late = Held(name="round", days=110, subjects=published.subjects())
        put_round(store, late, {"hub": RunState.FINISHED, "hue": RunState.INTERRUPTED})
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
        with pytest.raises(StoreError) as raised:
            period_progress(parse_period("2026-12"), store, KNOWN, published.AFTER)
    assert [(each.run, each.why, each.vantages) for each in made.passed_over] == [
        ("round", PassedOver.MISSING, ("hue",))
    ]
    assert str(raised.value) == "no run of 2026-12 counts: in round not everything was measured from hue"


def test_a_count_that_a_later_judgement_changed_is_told() -> None:
    with MemoryStore() as store:
        published.fill(store)
        for run in ("r0", "r2"):
            _kept(store, run)
        before = period_progress(YEAR, store, KNOWN, published.AFTER)
        rows = published.subjects()
        fails = [
            Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL),
            Brief(check="ipv6.web.reach", outcome=Outcome.FAIL),
        ]
        held = Held(name="r2", findings={str(row.id): fails for row in rows}, subjects=rows)
        judge(store, store.run(RunId("r2")), held, 500)
        _kept(store, "r2")
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    assert before.judged_again == ()
    assert [(each.run, "K08" in each.figures) for each in made.judged_again] == [("r2", True)]


def test_period_progress_without_a_count_is_an_error() -> None:
    with MemoryStore() as store:
        published.fill(store, days=(-400,))
        with pytest.raises(StoreError, match="2026"):
            period_progress(YEAR, store, KNOWN, published.AFTER)


def test_closing_figures_that_arrive_in_january_count_for_the_year(tmp_path: object) -> None:
    table = tmp_path / "closing.csv"  # type: ignore[operator]
    table.write_text(
        "framework,requirement,value,as_of,source,signatory\n"
        "plan-daklak-2023-2025,II.1.a,90,2026-12-31,Báo cáo 9,Nguyễn Văn A\n",
        "utf-8",
    )
    with MemoryStore() as store:
        published.fill(store, days=(60, 140))  # the second in January 2027
        store_declared(store, store.run(RunId("r1")), read_declared([table], shipped_frameworks()))
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    (target,) = (one for one in made.targets if one.end.requirement.id == "II.1.a")
    assert made.end.run == "r0"
    assert target.end.compliance is Compliance.DECLARED_MET
    assert [value.as_of for value in target.end.declared] == [date(2026, 12, 31)]


def test_what_was_declared_for_a_day_before_the_period_is_told(tmp_path: Path) -> None:
    table = tmp_path / "old.csv"
    table.write_text(
        "framework,requirement,value,as_of,source,signatory\n"
        "plan-daklak-2023-2025,II.1.a,90,2025-12-31,Báo cáo 9,Nguyễn Văn A\n",
        "utf-8",
    )
    with MemoryStore() as store:
        published.fill(store)
        store_declared(store, store.run(RunId("r0")), read_declared([table], shipped_frameworks()))
        made = period_progress(YEAR, store, KNOWN, published.AFTER)
    (target,) = (one for one in made.targets if one.end.requirement.id == "II.1.a")
    assert target.end.compliance is Compliance.DECLARED_MET
    assert rests_on_the_past(made) == 1


@pytest.mark.parametrize(("state", "doubtful"), [(Credibility.WAITING, True), (Credibility.REAL, False)])
def test_a_last_count_that_no_repeat_decided_is_in_doubt(tmp_path: Path, state: Credibility, doubtful: bool) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        run = store.run(RunId("r2"))
        doubt = Doubt(base=RunId("r1"), areas=("ipv6.web",), since=run.started, state=state)
        with store.database.writing() as connection:
            doubt_rows.add(connection, run.id, doubt)
        assert period_progress(YEAR, store, KNOWN, published.AFTER).doubtful is doubtful


def test_leaks_names_files_with_hosts_and_addresses_in_any_spelling() -> None:
    row = replace(published.subjects()[0], addresses=(ip_address("2001:db8::1"),))
    files = {"a.csv": b"fine", "b.csv": b"SO1.tinh.vn", "c.csv": b"2001:0db8:0000:0000:0000:0000:0000:0001"}
    assert sorted(name for name, _ in leaks(files, [row])) == ["b.csv", "c.csv"]


def test_a_run_that_is_dated_ahead_does_not_stand_for_the_year_and_is_told() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    with MemoryStore() as store:
        published.fill(store)
        put(store, _trial("ahead", 121))
        for run in ("r0", "r1", "r2", "ahead"):
            _kept(store, run)
        made, last = period_progress(YEAR, store, KNOWN, now), last_count(YEAR, store, now)
        told = counted_periods(store, now)
    assert (made.end.run, last and last[0].id, "2026-12" in told) == ("r2", "r2", False)
    assert [(each.run, each.why) for each in made.passed_over] == [("ahead", PassedOver.AHEAD)]


def test_what_is_dated_ahead_counts_where_nothing_else_does() -> None:
    with MemoryStore() as store:
        put(store, _trial("ahead", 121))
        _kept(store, "ahead")
        assert last_count(YEAR, store, datetime(2020, 1, 1, tzinfo=UTC)) is not None
