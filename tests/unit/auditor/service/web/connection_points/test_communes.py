"""Tests the map of communes and the strip of connection points: the worst state of those that the account sees."""

from collections.abc import Iterator, Sequence

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.connection_points.communes import POINTS, REACH, communes, silent_first, strip
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import AgencyId, Kind
from probes.framework.evidence import RunId
from tests.support import judged
from tests.unit.auditor.stored import Brief, Held, put, row

POINT = "diem-x1"
ANSWERS, SILENT, OPEN = (
    Brief(check=REACH, outcome=outcome, code=outcome.name, address=f"2001:db8::{number}")
    for number, outcome in enumerate((Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE), 1)
)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path_factory.mktemp("communes") / "a.db") as made:
        yield made


def view(store: SqlStore, findings: Sequence[Brief], agency: str | None = None) -> AccountView:
    put(store, Held(name=RunId("r1"), findings={POINT: findings}))
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    record = store.latest_judgement(RunId("r1"))
    assert record is not None
    bound = None if agency is None else AgencyId(agency)
    account = Account(key=1, name="x", role=Role.VIEWER, agency=bound, lang="vi", created=judged.NOW)
    return AccountView(account, digests.of(record), store)


@pytest.mark.parametrize(
    ("findings", "state"),
    [((ANSWERS,), "up"), ((ANSWERS, SILENT), "down"), ((ANSWERS, OPEN), "unknown"), ((), "unknown")],
    ids=("answers", "silent over one address", "open over one address", "nothing"),
)
def test_strip_shows_the_worst_of_a_point(store: SqlStore, findings: Sequence[Brief], state: str) -> None:
    shown = strip(view(store, findings))
    assert [(cell.line.id, cell.state) for cell in shown.shown] == [(POINT, state)]
    assert shown.of == {state: 1}


def test_points_that_did_not_answer_stand_first(store: SqlStore) -> None:
    findings = {"diem-x1": (ANSWERS,), "diem-x2": (OPEN,), "diem-x3": (SILENT,)}
    subjects = tuple(row(name, Kind.CONNECTION_POINT, "X1") for name in findings)
    put(store, Held(name=RunId("r1"), findings=findings, subjects=subjects))
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    record = store.latest_judgement(RunId("r1"))
    assert record is not None
    account = Account(key=1, name="x", role=Role.VIEWER, agency=None, lang="vi", created=judged.NOW)
    seen = AccountView(account, digests.of(record), store)
    lines = silent_first(seen, seen.of_kinds(*POINTS))
    assert [line.id for line in lines] == ["diem-x3", "diem-x2", "diem-x1"]


def test_strip_of_another_agency_is_empty(store: SqlStore) -> None:
    assert strip(view(store, (SILENT,), "S1")).shown == []


def test_map_of_a_single_commune_is_not_drawn(store: SqlStore) -> None:
    assert communes(view(store, (SILENT,))) == []
