"""Tests that pages count untested subjects apart from measured but undecided ones."""

from collections import Counter
from collections.abc import Iterator

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Reason
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.judged_runs.untested import UntestedCounts
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

RUN = RunId("r1")
LEFT_OUT, UNDECIDED = (
    Brief(check=check, outcome=Outcome.INCONCLUSIVE, code="x", reason=reason, measured=measured)
    for check, reason, measured in (("ipv6.web.aaaa", Reason.SCOPE, False), ("ipv6.web.reach", Reason.AMB, True))
)
PASSED = Brief(check="ipv6.web.http-ok", outcome=Outcome.PASS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path_factory.mktemp("untested") / "a.db") as made:
        put(made, Held(name=RUN, findings={"www.tinh.vn": [LEFT_OUT, UNDECIDED, PASSED], "dvc.tinh.vn": [LEFT_OUT]}))
        yield made


def test_what_rests_on_no_evidence_is_not_tested(store: SqlStore) -> None:
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    record = store.latest_judgement(RUN)
    assert record is not None
    counts, lines = UntestedCounts(store.database), digests.of(record).lines
    assert counts.of(record.id) == {SubjectId("www.tinh.vn"): 1, SubjectId("dvc.tinh.vn"): 1}
    assert counts.of(record.id) is counts.of(record.id)
    outcomes = sum((Counter(line.outcomes) for line in lines), Counter[Outcome]())
    shown = {name: n for name, n in counts.results(record.id, lines, outcomes).items() if n}
    assert shown == {"inconclusive": 1, "not_tested": 2, "pass": 1}
