"""Three reports print the same numbers for the targets of one run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.figures.federation import ProvinceHead, ProvinceSummary, ProvinceTarget
from auditor.figures.period import parse_period
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from auditor.service.pipeline.summaries.summarising import keep, summarise
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.declaring import read_declared, store_declared
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from inventory.model import Kind
from probes.framework.evidence import RunId
from reports import federation
from reports.federation import FederationReport, ProvinceEntry
from reports.period.tables import summary
from reports.public.edition import Edition, document
from reports.public.site import PageWords
from tests.support import published
from tests.unit.auditor.stored import Brief, Held, put, row

YEAR, NOW = parse_period("2026"), datetime(2027, 1, 20, tzinfo=UTC)
DECLARED = f"""framework,requirement,value,as_of,source,signatory
plan-daklak-2023-2025,II.1.a,99,{date(2026, 8, 1)},Báo cáo 123,Nguyễn Văn A
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yield a store with one run: many web sites, one service, one mail domain, and one declared value."""
    path = tmp_path_factory.mktemp("declared") / "declared.csv"
    path.write_text(DECLARED, encoding="utf-8")
    rows = (*published.subjects(), row("tinh.vn", Kind.MAIL, "S1"), row("dvc.tinh.vn", Kind.DVC, "S1"))
    passed = {str(each.id): [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)] for each in rows}
    with MemoryStore() as made:
        held = Held(name="r", findings=passed, subjects=rows, organisation=published.organisation(), scored=True)
        put(made, held)
        keep(judged_run(RunId("r"), made, catalogue.load()), made)
        store_declared(made, made.run(RunId("r")), read_declared([Path(path)], shipped_frameworks()))
        yield made


@dataclass(frozen=True, slots=True)
class Papers:
    period: str
    public: str
    table: str


def _province(judged: LoadedJudgement, store: Store) -> ProvinceSummary:
    run = judged.run
    targets = [
        ProvinceTarget(framework=held.framework.id, requirement=result.requirement.id, compliance=result.compliance)
        for held in summarise(judged, store).frameworks
        for result in held.results
    ]
    head = ProvinceHead(
        province="T",
        name="T",
        round="2026",
        run=run.id,
        judgement=judged.id,
        started=run.started,
        judged_at=judged.record.judged_at,
        issued=NOW,
        catalogue="1",
        policy="p",
        version="1",
        vantages=("v",),
        subjects=1,
    )
    return ProvinceSummary(head=head, targets=tuple(targets))


def _papers(store: Store, lang: str) -> Papers:
    known, texts = catalogue.load(), Texts(lang)
    report = period_report(YEAR, store, known, NOW)
    edition = document(Edition(progress=report.progress, issued=NOW, issuer=""))
    province = ProvinceEntry(summary=_province(judged_run(RunId("r"), store, known), store), signer="")
    provinces = FederationReport(round="2026", entries=(province,), checks=known.checks)
    return Papers(
        period=" ".join(summary(report, texts)),
        public=PageWords(texts, edition).result(),
        table="\n".join(federation.lines(provinces, texts)),
    )


def _numbers(pattern: str, text: str) -> tuple[int, ...]:
    found = re.search(pattern, text)
    assert found is not None, (pattern, text)
    return tuple(map(int, found.groups()))


def test_numbers_of_targets_of_one_run_are_reconciled_by_what_the_papers_print(store: Store) -> None:
    made = _papers(store, "en")
    met, every = _numbers(r"(\d+) of (\d+) requirements with a target (?:is|are) met", made.period)
    missing, table, few, public = _numbers(
        r"leaves out (\d+) targets? without a figure and counts (\d+); .* leaves out (\d+) that .* and counts (\d+)\.",
        made.period,
    )
    assert (every - missing, every - missing - few) == (table, public)
    assert _numbers(r"(\d+)/(\d+)", made.table) == (met, table)
    assert "a value that was declared" in made.table
    assert _numbers(r"of (\d+) targets? (?:is|are) met", made.public) == (public,)
    rest = _numbers(r"(\d+) targets? rests? on fewer .* (\d+) targets? ha.* there are the (\d+) targets", made.public)
    assert rest == (few, missing, every)
    assert min(met, few, missing, public) > 0


def test_papers_in_vietnamese_tell_the_same_numbers_of_targets(store: Store) -> None:
    made = _papers(store, "vi")
    met, every = _numbers(r"đạt (\d+)/(\d+) nội dung", made.period)
    missing, table, few, public = _numbers(
        r"không tính (\d+) nội dung .* còn (\d+) nội dung; .* thêm (\d+) nội dung .* còn (\d+) nội dung", made.period
    )
    assert _numbers(r"(\d+)/(\d+)", made.table) == (met, table)
    assert _numbers(r"đạt \d+/(\d+) chỉ tiêu; .* (\d+) chỉ tiêu tính trên dưới", made.public) == (public, few)
    assert _numbers(r"(\d+) chỉ tiêu chưa có số liệu.*Tổng cộng (\d+) chỉ tiêu", made.public) == (missing, every)
