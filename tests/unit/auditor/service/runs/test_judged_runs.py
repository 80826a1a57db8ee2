"""Tests the judged runs of a store: in their order, by the judgement that is shown, and each read once."""

from pathlib import Path

from auditor.framework import catalogue
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.judged_runs import JudgedRuns
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from probes.framework.evidence import RunId
from tests.support.statements import statements
from tests.unit.auditor.stored import VANTAGE, Held, judge, put, put_round

KNOWN = catalogue.load()


def test_runs_come_in_their_order_by_the_judgement_that_is_shown_and_are_read_once(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        later = put(store, Held(name="later", days=3))
        put_round(store, Held(name="round"), {"inside": RunState.FINISHED})
        again = judge(store, later, Held(name="later", days=3), number=2)
        keep(judged_run(RunId("later"), store, KNOWN), store)
        runs = JudgedRuns(store)
        assert [(run.id, judgement.id) for run, judgement in runs.every] == [("round", "round.1"), ("later", again.id)]
        assert runs.vantages == ("inside", VANTAGE)
        run, judgement = runs.every[1]
        total, point = runs.total(judgement.id), runs.point(run, judgement, KNOWN)
        assert total is not None
        assert (point.run, point.rollup.total.figures) == ("later", total.figures)
        assert statements(lambda: (runs.total(judgement.id), runs.point(run, judgement, KNOWN))) == 0


def test_figures_that_were_not_kept_are_counted(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        put(store, Held(name="r"))
        runs = JudgedRuns(store)
        ((run, judgement),) = runs.every
        assert runs.total(judgement.id) is None
        assert runs.point(run, judgement, KNOWN).rollup.total.subjects > 0
