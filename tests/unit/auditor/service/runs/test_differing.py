"""Tests that a comparison of only the differing parts of two judgements equals a comparison of everything."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.figures.comparison import ChangeKind, Comparison
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Outcome, Outline
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import compare_outlines
from auditor.service.runs.differing import compare_differing
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.judgements import finding_rows
from auditor.service.store.sql.store import SqlStore
from inventory.model import Kind, Subject
from tests.unit.auditor.stored import Brief, Held, put, row

CHECKS = ("ipv6.web.aaaa", "ipv6.web.reach", "security.tls.versions")
ADDRESSES = (None, "2001:db8::1", "2001:db8::2", "192.0.2.1")
BEFORE, AFTER = Held(name="before"), Held(name="after", days=30)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "auditor.db") as store:
        yield store


def judged(store: SqlStore, held: Held) -> LoadedJudgement:
    return stored_judgement(store.judgement(JudgementId(f"{held.name}.1")), store, catalogue.load())


def differing(store: SqlStore, before: LoadedJudgement, after: LoadedJudgement) -> Comparison:
    old, new = (frozenset(each.id for each in store.subjects(side.run.id)) for side in (before, after))
    return compare_differing(before, after, store.database, (old, new), {})


def agree(store: SqlStore, before: LoadedJudgement, after: LoadedJudgement) -> Comparison:
    """Return the comparison after asserting that both ways of comparing agree."""
    everything = compare_outlines(before, after, store)
    found = differing(store, before, after)
    assert found == replace(everything, figures={})
    return found


def drawn(dice: random.Random, subjects: tuple[Subject, ...], *, versions: bool) -> Mapping[str, list[Brief]]:
    outcomes = dice.choice([tuple(Outcome), (Outcome.PASS, Outcome.FAIL), (Outcome.PASS, Outcome.NOT_APPLICABLE)])
    return {
        str(subject.id): [
            Brief(
                check=check,
                outcome=dice.choice(outcomes),
                code=dice.choice(("A", "B")),
                address=address,
                version=dice.choice((1, 2)) if versions else 1,
            )
            for check in CHECKS
            for address in ADDRESSES
            if dice.random() < 0.4
        ]
        for subject in subjects
    }


@pytest.mark.parametrize("versions", [False, True])
@pytest.mark.parametrize("thresholds", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_compare_differing_states_what_a_comparison_of_everything_does(
    store: SqlStore, seed: int, *, thresholds: bool, versions: bool
) -> None:
    dice = random.Random(seed)
    every = tuple(row(f"p{number}.tinh.vn", Kind.PORTAL, "S1") for number in range(30))
    for held, subjects in ((BEFORE, every[:28]), (AFTER, every[2:])):
        put(store, replace(held, subjects=subjects, findings=drawn(dice, subjects, versions=versions)))
    before, after = judged(store, BEFORE), judged(store, AFTER)
    if versions:
        before = replace(before, record=replace(before.record, catalogue="another"))
    if thresholds:
        before = replace(before, policy=replace(before.policy, thresholds={CheckId("ipv6.web.reach"): {"most": 9}}))
    assert agree(store, before, after).changes


def test_compare_differing_doubts_an_area_as_a_comparison_of_everything_does(store: SqlStore) -> None:
    subjects = tuple(row(f"p{number}.tinh.vn", Kind.PORTAL, "S1") for number in range(12))
    for held, outcome in ((BEFORE, Outcome.PASS), (AFTER, Outcome.FAIL)):
        said = [Brief(check="ipv6.web.reach", outcome=outcome), Brief(check="ipv6.dns.ns-aaaa", outcome=Outcome.PASS)]
        put(store, replace(held, subjects=subjects, findings={str(each.id): said for each in subjects}))
    assert agree(store, judged(store, BEFORE), judged(store, AFTER)).suspect == ("ipv6.web",)


@pytest.mark.parametrize("healthy", [10, 60])
def test_compare_differing_reads_findings_of_what_changed_only(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, healthy: int
) -> None:
    subjects = tuple(row(f"p{number}.tinh.vn", Kind.PORTAL, "S1") for number in range(healthy + 2))
    for held, outcome in ((BEFORE, Outcome.PASS), (AFTER, Outcome.FAIL)):
        findings = {str(each.id): [Brief(check=check, outcome=Outcome.PASS) for check in CHECKS] for each in subjects}
        findings[str(subjects[0].id)] = [Brief(check="ipv6.web.aaaa", outcome=outcome)]
        findings[str(subjects[1].id)] = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL)]
        put(store, replace(held, subjects=subjects, findings=findings))
    decoded: list[Outline] = []
    decode = finding_rows.outline_of

    def counted(row: Sequence[object], args: str = "{}") -> Outline:
        decoded.append(decode(row, args))
        return decoded[-1]

    monkeypatch.setattr(finding_rows, "outline_of", counted)
    found = differing(store, judged(store, BEFORE), judged(store, AFTER))
    assert [change.kind for change in found.changes] == [ChangeKind.NEW, ChangeKind.STILL_FAILING]
    assert len(decoded) == 3
