"""Tests an account's view of frameworks: the whole with standings, or only its own agency's figures."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.figures.compliance import Compliance
from auditor.framework import catalogue
from auditor.service.accounts.model import Account, Role
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.summaries.summarising import Summary, summarise
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.declared_values import DeclaredValues
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import DeclaredEntry
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.figures.requirements import RequirementLine, framework_lines, held_frameworks, standing_lines
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.support import published
from tests.unit.auditor.service.store import examples

PLAN = "plan-daklak-2023-2025"
NOW = datetime(2026, 9, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        published.fill(made)
        entry = DeclaredEntry(
            framework=PLAN,
            requirement="II.1.a",
            period="2026",
            value=80.0,
            as_of=date(2026, 9, 1),
            source="Báo cáo",
            signatory="Giám đốc",
        )
        DeclaredValues(made.database).add([entry], who="an", now=NOW)
        yield made


def view(store: SqlStore, agency: str | None) -> tuple[AccountView, JudgementSummaries]:
    summaries = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    judgement = store.latest_judgement(RunId("r2"))
    assert judgement is not None
    bound = None if agency is None else AgencyId(agency)
    account = Account(key=1, name="ai", role=Role.VIEWER, agency=bound, lang="vi", created=NOW)
    return AccountView(account, summaries.of(judgement), store), summaries


def lines(store: SqlStore, agency: str | None) -> dict[str, RequirementLine]:
    seen, summaries = view(store, agency)
    (plan,) = (held for held in held_frameworks(seen, summaries, store) if held.framework.id == PLAN)
    return {line.requirement.id: line for line in framework_lines(plan, whole=seen.whole).lines}


def test_figures_are_read_again_once_evidence_was_added(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are read again after new evidence: values declared after a run may be evidence of it."""
    seen, summaries = view(store, None)
    read = list[str]()

    def counting(judged: LoadedJudgement, store: SqlStore) -> Summary:
        read.append(judged.id)
        return summarise(judged, store)

    monkeypatch.setattr("auditor.service.web.figures.requirements.summarise", counting)
    first, _ = held_frameworks(seen, summaries, store), held_frameworks(seen, summaries, store)
    assert len(read) == 1
    store.add_evidence([examples.evidence(of=seen.digest.run.id, name=seen.subjects[0].id)])
    assert held_frameworks(seen, summaries, store) == first
    assert len(read) == 2


def test_lines_of_the_whole_have_source_target_and_standing(store: SqlStore) -> None:
    found = lines(store, None)
    declared, measured, missing = found["II.1.a"], found["III.1.a-communes"], found["II.1.b"]
    assert [line.source for line in (declared, measured, missing)] == ["declared", "measured", "missing"]
    assert declared.standing is Compliance.DECLARED_NOT_MET
    assert declared.target is not None
    assert (declared.target.value, declared.target.reached) == (85.0, False)
    assert measured.figure is not None
    assert (measured.figure.met, measured.figure.of) == (12, 12)


def test_lines_of_an_agency_are_its_own_figures_without_standing_or_declared_value(store: SqlStore) -> None:
    found = lines(store, "X3")
    figure = found["III.1.a-communes"].figure
    assert figure is not None
    assert (figure.met, figure.of) == (1, 1)
    assert {line.standing for line in found.values()} == {None}
    assert {line.declared for line in found.values()} == {None}
    assert {line.target.reached for line in found.values() if line.target} == {None}


def test_standing_lines_of_an_agency_are_of_its_own_subjects(store: SqlStore) -> None:
    whole, summaries = view(store, None)
    (plan,) = (held.framework for held in held_frameworks(whole, summaries, store) if held.framework.id == PLAN)
    requirement = plan.requirement("III.1.a-communes")
    assert requirement is not None
    for agency, count in ((None, 12), ("X3", 1), ("other", 0)):
        seen, _ = view(store, agency)
        assert len(standing_lines(seen, summaries, store, plan, requirement)) == count
