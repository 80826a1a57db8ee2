"""Tests that each figure is found by accounts that may see it, and that its list has as many subjects as it counts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.figures.kpis import KPIS, Standing
from auditor.framework import catalogue
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.figures.requirements import figure_lines
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.pages.results.figures import figure_of
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports.figures import figures
from tests.support import published

COMMUNE = AgencyId("X3")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        published.fill(made)
        yield made


def view(store: SqlStore, agency: AgencyId | None) -> tuple[AccountView, JudgementSummaries]:
    summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    judgement = store.latest_judgement(RunId("r2"))
    assert judgement is not None
    made = datetime(2027, 1, 1, tzinfo=UTC)
    account = Account(key=1, name="ai", role=Role.VIEWER, agency=agency, lang="vi", created=made)
    return AccountView(account, summaries.of(judgement), store), summaries


def test_figure_of_an_agency_is_found_by_whoever_sees_it(store: SqlStore) -> None:
    (everything, _), (own, _) = view(store, None), view(store, COMMUNE)
    whole = figure_of(everything, None, "K10")
    commune = figure_of(everything, COMMUNE, "K10")
    assert whole is not None
    assert commune is not None
    assert whole.of > commune.of
    assert figure_of(own, None, "K10") == figure_of(own, COMMUNE, "K10") == commune
    assert figure_of(own, AgencyId("X4"), "K10") is None
    assert figure_of(everything, AgencyId("x"), "K10") is figure_of(everything, None, "x") is None


def test_list_behind_a_figure_has_as_many_subjects_as_it_counts(store: SqlStore) -> None:
    seen, summaries = view(store, None)
    whole = seen.total()
    assert whole is not None
    for agency, unit in ((None, whole), *((unit.agency, unit) for unit in seen.units())):
        for name, figure in figures(unit):
            lines = figure_lines(seen, summaries, store, KPIS[name], agency)
            met, unknown, exempt = (
                sum(line.standing is standing for line in lines)
                for standing in (Standing.MET, Standing.UNKNOWN, Standing.EXEMPT)
            )
            assert (met, unknown, exempt, len(lines) - exempt) == (figure.met, figure.unknown, figure.exempt, figure.of)
