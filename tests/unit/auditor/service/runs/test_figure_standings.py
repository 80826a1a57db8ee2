"""Tests that the subjects behind a figure are those that it counts."""

from collections import Counter
from pathlib import Path

from auditor.figures.kpis import KPIS, Standing
from auditor.framework import catalogue
from auditor.service.pipeline.summaries.summarising import keep, summarise
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.figure_standings import requirement_standings, standings_of
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support import published

PLAN = "plan-daklak-2023-2025"


def test_standings_add_up_to_the_figures_of_the_run(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        judged = judged_run(RunId("r1"), store, catalogue.load())
        standings = standings_of(judged, store, KPIS.values())
        figures = summarise(judged, store).rollup.total.figures
    counted = {name: Counter(kept.standing for kept in by_subject.values()) for name, by_subject in standings.items()}
    assert counted["K10"][Standing.MET] > 0
    for name, counts in counted.items():
        assert (counts[Standing.MET], counts[Standing.UNKNOWN]) == (figures[name].met, figures[name].unknown)


def test_report_has_the_standings_that_were_kept_with_its_figures(tmp_path: Path) -> None:
    known = catalogue.load()
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        judged = judged_run(RunId("r1"), store, known)
        assert StoredReport(judged, store, known).standings == {}
        counted = standings_of(judged, store, KPIS.values())
        keep(judged, store)
        assert StoredReport(judged, store, known).standings == counted


def test_requirement_standings_are_of_its_figure_and_empty_where_it_is_declared(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        judged = judged_run(RunId("r0"), store, catalogue.load())
        (plan,) = (held.framework for held in summarise(judged, store).frameworks if held.framework.id == PLAN)
        communes, declared = plan.requirement("III.1.a-communes"), plan.requirement("II.1.a")
        assert communes is not None
        assert declared is not None
        standings = requirement_standings(judged, store, plan, communes)
        assert requirement_standings(judged, store, plan, declared) == {}
    assert set(standings) == {SubjectId(f"xa{number}.tinh.vn") for number in range(published.COMMUNES)}
