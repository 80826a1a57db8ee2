"""Tests the counts of findings that lack the owner's authorisation, for all subjects and for one agency's."""

from collections.abc import Iterator

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Reason
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.authorisation import UnauthorisedCounts
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.support import judged
from tests.unit.auditor.stored import Brief, Held, put

RUN = RunId("r1")
SCOPE, OTHER = (
    Brief(check=check, outcome=Outcome.INCONCLUSIVE, code="x", reason=reason)
    for check, reason in (("ipv6.web.aaaa", Reason.SCOPE), ("ipv6.web.reach", Reason.V6))
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path_factory.mktemp("scope") / "a.db") as made:
        put(
            made,
            Held(
                name=RUN, findings={"www.tinh.vn": [SCOPE, OTHER], "dvc.tinh.vn": [SCOPE], "xa.tinh.vn": [SCOPE, OTHER]}
            ),
        )
        yield made


@pytest.mark.parametrize(("agency", "findings"), [(None, 3), ("S1", 2), ("X1", 1)])
def test_authorisation_is_counted_of_what_the_account_sees(store: SqlStore, agency: str | None, findings: int) -> None:
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    record = store.latest_judgement(RUN)
    assert record is not None
    bound = None if agency is None else AgencyId(agency)
    account = Account(key=1, name="x", role=Role.VIEWER, agency=bound, lang="vi", created=judged.NOW)
    counts, view = UnauthorisedCounts(store.database), AccountView(account, digests.of(record), store)
    count = counts.of(view)
    assert count is not None
    assert (count.findings, count.subjects, list(count.checks)) == (findings, findings, [("ipv6.web.aaaa", findings)])
    assert counts.of(view) is count
    assert (counts.of_all(record.id) is count) is (agency is None)
