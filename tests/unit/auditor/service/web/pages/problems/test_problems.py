"""Tests the rows of the list of problems: the text of a page, limited to the problems that the reader may see."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.pages.problems.problems import rows_of, select
from auditor.service.web.problems.filter import ProblemFilter
from auditor.service.web.problems.lists import ProblemLists
from auditor.service.web.problems.work import ProblemWork
from auditor.service.web.rendering.lists import one_page
from inventory.model import AgencyId
from tests.support import judged


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        judged.fill(made)
        yield made


def view(store: SqlStore, agency: str | None) -> AccountView:
    summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    judgement = store.latest_judgement(judged.RUN)
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
    ("agency", "expected"), [(None, [judged.OURS, judged.THEIRS]), (judged.AGENCY, [judged.OURS]), ("X", [])]
)
def test_rows_of_problems_are_what_the_account_sees_with_its_findings(
    store: SqlStore, agency: str | None, expected: list[str]
) -> None:
    seen = view(store, agency)
    problems = select(seen, seen.problems(ProblemLists(store.database)), ProblemFilter(severity="critical"))
    rows = rows_of(seen, one_page(problems, 0, "severity=critical&"), ProblemWork(seen, {}, judged.NOW)).lines
    assert [row.problem.line.id for row in rows] == expected
    assert [row.finding.id for row in rows] == [judged.finding_of(subject) for subject in expected]
