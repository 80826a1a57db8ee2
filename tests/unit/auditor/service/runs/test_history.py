"""Tests earlier runs beside a report: changes since the last comparable run, and figures over time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.figures.comparison import ChangeKind, Incomparable
from auditor.figures.scoring import Ladder
from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Severity
from auditor.framework.policy import Policy
from auditor.framework.waivers import WaiverRow
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs import history as module
from auditor.service.runs import sealing
from auditor.service.runs.comparing import compare, judged_run
from auditor.service.runs.history import history
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.chain import LastLine
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import JudgementId, RunRecord
from auditor.service.store.url import open_store
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.codec import dump_frozen, load_frozen
from probes.framework.evidence import RunId
from reports.earlier_runs import EarlierRuns, LatestChanges
from tests.unit.auditor.stored import START, SUBJECTS, Brief, Held, judge, put, row

P, F, W, I = Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE  # noqa: E741
AAAA, REACH, DMARC = "ipv6.web.aaaa", "ipv6.web.reach", "security.mail.dmarc"
BEFORE = Held(
    name="a",
    ladders={"www.tinh.vn": Ladder(level=1, at_least=False)},
    findings={
        "www.tinh.vn": [Brief(check=AAAA, outcome=F), Brief(check=REACH, outcome=P, address="2001:db8::1")],
        "dvc.tinh.vn": [Brief(check=AAAA, outcome=P)],
        "tinh.vn": [Brief(check=DMARC, outcome=F, severity=Severity.LOW)],
        "xa.tinh.vn": [Brief(check=AAAA, outcome=F)],
        "diem-x1": [Brief(check="tslcd.site.reach", outcome=F)],
    },
)
AFTER = Held(
    name="b",
    days=30,
    ladders={"www.tinh.vn": Ladder(level=2, at_least=False)},
    findings={
        "www.tinh.vn": [Brief(check=AAAA, outcome=P), Brief(check=REACH, outcome=F, address="2001:db8::1")],
        "dvc.tinh.vn": [Brief(check=AAAA, outcome=F, severity=Severity.CRITICAL)],
        "tinh.vn": [Brief(check=DMARC, outcome=F, severity=Severity.LOW)],
        "xa.tinh.vn": [Brief(check=AAAA, outcome=I)],
        "moi.tinh.vn": [Brief(check=AAAA, outcome=F)],
    },
    subjects=(*SUBJECTS[:4], row("moi.tinh.vn", Kind.PORTAL, "X1")),
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path / 'a.db'}") as opened:
        published(opened, BEFORE)
        published(opened, AFTER)
        yield opened


def published(store: Store, held: Held) -> RunRecord:
    record = put(store, held)
    keep(judged_run(record.id, store, catalogue.load()), store)
    return record


def told(store: Store, run: str = "b") -> EarlierRuns:
    known = catalogue.load()
    return history(judged_run(RunId(run), store, known), store, known)


def since(store: Store, run: str = "b") -> LatestChanges:
    latest_changes = told(store, run).since
    assert latest_changes is not None
    return latest_changes


def test_it_counts_what_a_comparison_of_the_two_counts(store: Store) -> None:
    known = catalogue.load()
    judged, other = (judged_run(RunId(name), store, known) for name in "ab")
    comparison = compare(judged, other, store).comparison
    latest_changes = since(store)
    assert latest_changes.counts == comparison.counts
    assert latest_changes.counts == {
        ChangeKind.NEW: 2,
        ChangeKind.ADDED: 1,
        ChangeKind.FIXED: 1,
        ChangeKind.STILL_FAILING: 1,
        ChangeKind.GONE: 1,
        ChangeKind.NOT_COMPARABLE: 1,
    }
    assert (
        sum((Counter(agency) for agency in latest_changes.agencies.values()), Counter[ChangeKind]())
        == latest_changes.counts
    )
    assert latest_changes.why == {Incomparable.COVERAGE: 1}
    assert (latest_changes.run, latest_changes.judgement, latest_changes.started, latest_changes.notes) == (
        "a",
        "a.1",
        START,
        (),
    )


def test_changes_stand_with_their_agency_the_gravest_first(store: Store) -> None:
    listed = since(store).listed
    assert [(listed_change.change.kind, listed_change.change.subject) for listed_change in listed[AgencyId("S1")]] == [
        (ChangeKind.NEW, "dvc.tinh.vn"),
        (ChangeKind.NEW, "www.tinh.vn"),
        (ChangeKind.FIXED, "www.tinh.vn"),
    ]
    assert [
        (listed_change.change.kind, listed_change.change.subject, listed_change.change.why)
        for listed_change in listed[AgencyId("X1")]
    ] == [(ChangeKind.ADDED, "moi.tinh.vn", Incomparable.SUBJECT), (ChangeKind.GONE, "diem-x1", Incomparable.SUBJECT)]
    first, gone = listed[AgencyId("S1")][0], listed[AgencyId("X1")][1]
    assert first.before is not None
    assert first.after is not None
    assert (first.before.outcome, first.after.outcome, first.after.severity) == (P, F, Severity.CRITICAL)
    assert gone.before is not None
    assert gone.after is None


def test_of_many_changes_the_gravest_are_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LISTED", 1)
    listed = since(store).listed[AgencyId("S1")]
    assert [(listed_change.change.kind, listed_change.change.subject) for listed_change in listed] == [
        (ChangeKind.NEW, "dvc.tinh.vn"),
        (ChangeKind.FIXED, "www.tinh.vn"),
    ]


def test_a_first_run_and_one_that_re_checks_another_have_nothing_to_compare_with(store: Store) -> None:
    assert told(store, "a").since is None
    published(store, replace(AFTER, name="c", days=31, amends="b"))
    assert told(store, "c").since is None


def test_another_policy_is_noted_and_marked(store: Store) -> None:
    record = store.run(RunId("a"))
    other = replace(record, policy=store.put_blob(store.blob(record.policy).replace(b'"high"', b'"low"', 1)))
    judge(store, other, BEFORE, number=2)
    assert since(store).notes == ("other_policy",)
    keep(judged_run(RunId("a"), store, catalogue.load()), store)
    assert [(point.judgement, point.same_rules) for point in told(store).points] == [("a.2", False), ("b.1", True)]


def test_an_accepted_exception_is_no_other_policy(store: Store) -> None:
    record = store.run(RunId("a"))
    row = WaiverRow(subject=SubjectId("www.tinh.vn"), check="ipv6.web.reach", reason="r", owner="o", until=START.date())
    accepted = replace(load_frozen(Policy, store.blob(record.policy)), waivers=(row,))
    judge(store, replace(record, policy=store.put_blob(dump_frozen(accepted))), BEFORE, number=2)
    assert since(store).notes == ()
    keep(judged_run(RunId("a"), store, catalogue.load()), store)
    assert [(point.judgement, point.same_rules) for point in told(store).points] == [("a.2", True), ("b.1", True)]


def test_a_trend_is_of_published_figures(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    published(store, replace(BEFORE, name="elsewhere", days=10, networks=("tslcd",)))
    put(store, replace(BEFORE, name="unkept", days=11))
    said = {"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=P)]}
    published(store, Held(name="trial", days=12, findings=said, subjects=SUBJECTS[:1]))
    published(store, replace(BEFORE, name="part", days=13, part=True))
    points = told(store).points
    assert [(point.run, point.judgement) for point in points] == [("a", "a.1"), ("b", "b.1")]
    assert [(point.figures["K08"].met, point.figures["K08"].of) for point in points] == [(0, 1), (1, 2)]
    monkeypatch.setattr(module, "MOST_POINTS", 1)
    assert [point.run for point in told(store).points] == ["b"]


def test_a_report_names_its_judgement_and_seal(store: Store) -> None:
    known = catalogue.load()

    def header(run: str) -> tuple[str, object]:
        report_header = StoredReport(judged_run(RunId(run), store, known), store, known).header
        return report_header.judgement, report_header.seal

    assert header("b") == ("b.1", None)
    now = START + timedelta(days=31)
    by = sealing.Sealing(by="lan", at=now, head=LastLine())
    made = sealing.make_seal(RunId("b"), store, known, by)
    store.add_seal(RunId("b"), sealing.dump_seal(made), sealing.sealed_judgement(made, store))
    seal = StoredReport(judged_run(RunId("b"), store, known), store, known).header.seal
    assert seal is not None
    assert (seal.root, seal.sealed_at, seal.covers, seal.key) == (made["root"], now, True, "")
    judge(store, store.run(RunId("b")), AFTER, number=2)
    assert header("b")[0] == "b.1"  # a sealed run shows its sealed judgement
    chosen = stored_judgement(store.judgement(JudgementId("b.2")), store, known)
    later = StoredReport(chosen, store, known).header
    assert later.seal is not None
    assert not later.seal.covers


@pytest.mark.parametrize(("part", "amends", "said"), [(True, "", True), (True, "b", False), (False, "", False)])
def test_a_report_of_a_part_says_that_its_figures_are_not_those_of_the_whole(
    store: Store, part: bool, amends: str, said: bool
) -> None:
    known = catalogue.load()
    put(store, replace(AFTER, name="c", days=31, part=part, amends=amends))
    limits = StoredReport(judged_run(RunId("c"), store, known), store, known).header.limits
    assert ("PART" in {limit.code for limit in limits}) is said
