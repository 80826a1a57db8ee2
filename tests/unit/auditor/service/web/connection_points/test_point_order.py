"""Tests that connection points are sorted by name and by result, with unknown results last."""

from collections.abc import Iterator

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.web.connection_points.communes import POINTS
from auditor.service.web.connection_points.point_order import CHECKS, in_order
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import Kind
from probes.framework.evidence import RunId
from tests.support import judged
from tests.unit.auditor.stored import Brief, Held, put, row

REACH, AVAILABILITY = CHECKS[0], CHECKS[1]


def said(check: str, outcome: Outcome) -> Brief:
    return Brief(check=check, outcome=outcome, code=outcome.name, address="2001:db8::1")


@pytest.fixture
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountView]:
    findings = {
        "b": (said(REACH, Outcome.PASS), said(AVAILABILITY, Outcome.FAIL)),
        "a": (said(REACH, Outcome.FAIL),),
        "c": (said(REACH, Outcome.INCONCLUSIVE), said(AVAILABILITY, Outcome.PASS)),
    }
    subjects = tuple(row(name, Kind.CONNECTION_POINT, "X1") for name in findings)
    with open_sqlite(tmp_path_factory.mktemp("points") / "a.db") as store:
        put(store, Held(name=RunId("r1"), findings=findings, subjects=subjects))
        digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
        record = store.latest_judgement(RunId("r1"))
        assert record is not None
        account = Account(key=1, name="x", role=Role.VIEWER, agency=None, lang="vi", created=judged.NOW)
        yield AccountView(account, digests.of(record), store)


@pytest.mark.parametrize(
    ("column", "order"), [("", "acb"), ("point", "abc"), (REACH, "acb"), (AVAILABILITY, "bca"), ("loss", "acb")]
)
def test_points_by_name_and_by_verdict(view: AccountView, column: str, order: str) -> None:
    assert [line.id for line in in_order(view, view.of_kinds(*POINTS), column)] == list(order)
