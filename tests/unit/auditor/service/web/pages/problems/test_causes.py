"""Tests the shared causes of a run as an account sees them: an agency learns nothing of others from them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Account, Role
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.figures.overview import overview
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

RUN = RunId("r1")
PORTALS = ("www.tinh.vn", "dvc.tinh.vn", "xa.tinh.vn")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    refused = [
        Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
        Brief(
            check="ipv6.web.reach", outcome=Outcome.FAIL, code="REFUSED", address="2001:db8::7", args={"port": "443"}
        ),
    ]
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name=RUN, findings=dict.fromkeys(PORTALS, refused), scored=True))
        keep(judged_run(RUN, made, catalogue.load()), made)
        yield made


def view(store: SqlStore, agency: str | None) -> AccountView:
    summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    judgement = store.latest_judgement(RUN)
    assert judgement is not None
    account = Account(
        key=1,
        name="ai",
        role=Role.VIEWER,
        agency=None if agency is None else AgencyId(agency),
        lang="vi",
        created=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return AccountView(account, summaries.of(judgement), store)


@pytest.mark.parametrize(
    ("agency", "subjects"), [(None, PORTALS), ("P", PORTALS), ("S1", PORTALS[:2]), ("X1", None), ("other", None)]
)
def test_causes_are_those_of_what_the_account_sees(
    store: SqlStore, agency: str | None, subjects: tuple[str, ...] | None
) -> None:
    shown = [cause.subjects for cause in view(store, agency).causes]
    assert shown == ([] if subjects is None else [tuple(sorted(subjects))])


def test_causes_of_an_agency_tell_no_gain_of_the_province(store: SqlStore) -> None:
    (whole,), (own,) = view(store, None).causes, view(store, "S1").causes
    assert whole.finding_count == 3
    assert (own.gains, own.finding_count, own.agencies) == ((), 0, ("S1",))


@pytest.mark.parametrize(("agency", "failing", "fails"), [(None, 2, 3), ("S1", 1, 2), ("other", 0, 0)])
def test_overview_counts_agencies_with_problems(store: SqlStore, agency: str | None, failing: int, fails: int) -> None:
    shown = overview(view(store, agency), None, None, Texts("vi"))
    state = shown["state"]
    assert (state.failing, state.fails, state.grave) == (failing, fails, fails)  # type: ignore[attr-defined]
