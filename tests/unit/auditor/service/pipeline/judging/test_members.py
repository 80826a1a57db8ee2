"""Tests that a round is judged by each vantage in its own context, and that the fault of a vantage fails no subject."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.facts.exposure.near_accepts import NearAccepts
from auditor.facts.tls.resigned import ResignedTls
from auditor.framework import catalogue
from auditor.framework.check import SilenceMeaning, VantageKind
from auditor.framework.context import Health
from auditor.framework.findings import Finding, Outcome, Reason
from auditor.framework.gathered import TlsInspection
from auditor.judging.seen_from import AnswerState
from auditor.service.pipeline.judging.evaluating import evaluate, stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from inventory.model import SubjectId
from probes.framework.evidence import Failure, FailureKind
from tests.support.stores import DATABASES, new_store
from tests.support.vantages import (
    ADDRESSES,
    INSIDE,
    OTHER,
    PORTAL,
    REFUSED,
    ROUND,
    START,
    TIMEOUT,
    Place,
    add_member,
    add_round,
)

LATER = START + timedelta(days=1)
ALL: Mapping[SubjectId, Failure | None] = {PORTAL: None, OTHER: None}
HANOI = Place(name="ha-noi", got=ALL)
HUE = Place(name="hue", got=ALL)
HUB = Place(name="hub", networks=("tslcd",), got={INSIDE: None, PORTAL: None})


@pytest.fixture(params=["memory", *DATABASES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else new_store(request, tmp_path) as opened:
        yield opened


def judge(store: Store, *places: Place) -> LoadedJudgement:
    add_round(store, *places)
    return evaluate(ROUND, store, catalogue.load(), now=LATER)


def of(judged: LoadedJudgement, store: Store, subject: SubjectId = PORTAL) -> Finding:
    (finding,) = store.findings(judged.id, subject)
    return finding


def seen(judged: LoadedJudgement, store: Store, subject: SubjectId) -> dict[str, AnswerState]:
    kept = store.settled_of(judged.id, [subject])[subject]
    return {one.vantage: one.answered for one in kept.seen_from}


def test_evaluate_run_of_one_vantage_is_judged_as_ever(store: Store) -> None:
    run = add_member(store, HANOI)
    judged = evaluate(run, store, catalogue.load(), now=LATER)
    finding = of(judged, store)
    assert (finding.code, finding.vantages, judged.conditions.others) == ("OPEN", (), ())
    assert seen(judged, store, PORTAL) == {}


def test_evaluate_vantage_behind_tls_inspection_is_known_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    firewall = TlsInspection(name="x", issuers=frozenset("x"), keys=frozenset(), places=frozenset({(4, "t")}), owners=3)
    taken = list[SubjectId]()
    monkeypatch.setattr(ResignedTls, "add", lambda _, evidence: taken.append(evidence.subject))
    monkeypatch.setattr(ResignedTls, "seen", lambda _, declared: firewall)
    with MemoryStore() as store:
        judged = evaluate(add_member(store, HANOI), store, catalogue.load(), now=LATER)
        (conditions,) = judged.conditions.vantages
        assert PORTAL in taken
        assert "INSPECTED" in {finding.code for finding in conditions.selftest}


def test_evaluate_connection_that_was_accepted_near_the_vantage_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = list[SubjectId]()
    monkeypatch.setattr(NearAccepts, "add", lambda _, evidence: taken.append(evidence.subject))
    monkeypatch.setattr(NearAccepts, "seen", lambda _: frozenset({(6, "tcp/*"), (4, "tcp/*")}))
    with MemoryStore() as store:
        judged = evaluate(add_member(store, HANOI), store, catalogue.load(), now=LATER)
        finding = of(judged, store)
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, Reason.EGR)
    assert PORTAL in taken


def test_evaluate_round_has_findings_and_figures_of_its_own(store: Store) -> None:
    judged = judge(store, HANOI, HUE)
    finding = of(judged, store)
    assert (judged.run.id, finding.code, finding.vantage) == (ROUND, "OPEN", "ha-noi")
    assert [(one.name, one.code) for one in finding.vantages] == [("hue", "OPEN")]
    assert store.summary(judged.id) is not None
    assert store.judgements(HANOI.run) == ()


def test_evaluate_defect_that_every_vantage_saw_is_told(store: Store) -> None:
    """A defect that every vantage saw is reported; without this test, the cases below could not fail."""
    dead = {**ALL, PORTAL: TIMEOUT}
    judged = judge(store, replace(HANOI, got=dead), replace(HUE, got=dead))
    assert of(judged, store).outcome is Outcome.FAIL


def test_evaluate_vantage_that_a_site_banned_accuses_nobody(store: Store) -> None:
    judged = judge(store, replace(HANOI, got={**ALL, PORTAL: TIMEOUT}), HUE)
    finding = of(judged, store)
    assert (finding.outcome, finding.vantage) == (Outcome.PASS, "hue")
    assert [(one.name, one.outcome) for one in finding.vantages] == [("ha-noi", Outcome.FAIL)]


def test_evaluate_abroad_blocked_by_country_accuses_nobody(store: Store) -> None:
    """A filter of the site that refuses every connection from abroad makes no failure."""
    abroad = Place(name="singapore", got={PORTAL: REFUSED, OTHER: REFUSED})
    judged = judge(store, abroad, HUE)
    assert [of(judged, store, one).outcome for one in (PORTAL, OTHER)] == [Outcome.PASS] * 2


def test_evaluate_sick_vantage_neither_accuses_nor_excuses(store: Store) -> None:
    sick = Place(name="an", got={PORTAL: TIMEOUT, OTHER: TIMEOUT}, families=frozenset({4}))
    judged = judge(store, sick, replace(HUE, got={**ALL, OTHER: TIMEOUT, INSIDE: None}))
    good, bad = of(judged, store), of(judged, store, OTHER)
    assert (good.outcome, good.vantage) == (Outcome.PASS, "hue")
    assert [(one.name, one.outcome) for one in good.vantages] == [("an", Outcome.INCONCLUSIVE)]
    assert (bad.outcome, bad.vantage) == (Outcome.FAIL, "hue")
    assert [(one.vantage.name, one.vantage.ipv6) for one in judged.conditions.vantages] == [
        ("an", Health.NONE),
        ("hue", Health.OK),
    ]
    assert all(one.selftest for one in judged.conditions.vantages)


def test_evaluate_round_of_sick_vantages_says_that_it_cannot_tell(store: Store) -> None:
    sick = Place(name="an", got={PORTAL: TIMEOUT}, families=frozenset({4}))
    judged = judge(store, sick, replace(sick, name="binh"))
    finding = of(judged, store)
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, Reason.V6)


def test_evaluate_v6_only_vantage_decides_what_is_of_ipv6(store: Store) -> None:
    six = Place(name="v6", got={**ALL, PORTAL: TIMEOUT}, families=frozenset({6}))
    four = Place(name="v4", got={**ALL, PORTAL: TIMEOUT}, families=frozenset({4}))
    judged = judge(store, four, six)
    assert [(of(judged, store, one).outcome, of(judged, store, one).vantage) for one in (PORTAL, OTHER)] == [
        (Outcome.FAIL, "v6"),
        (Outcome.PASS, "v6"),
    ]


def test_evaluate_name_that_leads_elsewhere_from_one_vantage_is_no_fail(store: Store) -> None:
    """A name with another address at one vantage is no fail: a forged answer, or an address that differs by country."""
    elsewhere = replace(HANOI, got={**ALL, PORTAL: TIMEOUT}, addresses={PORTAL: "2001:db8:bad::1"})
    judged = judge(store, elsewhere, HUE)
    said = {one.vantage: (one.outcome, one.reason) for one in store.findings(judged.id, PORTAL)}
    assert said == {"hue": (Outcome.PASS, None), "ha-noi": (Outcome.INCONCLUSIVE, Reason.AMB)}


def test_evaluate_vantage_of_another_network_leaves_the_verdict_to_its_own(store: Store) -> None:
    judged = judge(store, HANOI, replace(HUB, got={INSIDE: None, PORTAL: TIMEOUT}))
    finding = of(judged, store)
    assert (finding.outcome, finding.vantage, finding.vantages) == (Outcome.PASS, "ha-noi", ())


def test_evaluate_round_without_a_vantage_inside_cannot_tell(store: Store) -> None:
    judged = judge(store, replace(HANOI, got={**ALL, INSIDE: TIMEOUT}), HUE)
    finding = of(judged, store, INSIDE)
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, Reason.VP)


def test_evaluate_member_that_was_cut_off_says_nothing_of_what_it_did_not_finish(store: Store) -> None:
    dead = Place(name="an", got={**ALL, PORTAL: TIMEOUT}, unmeasured=frozenset({PORTAL}))
    judged = judge(store, dead, replace(HUE, got={OTHER: None}))
    assert (of(judged, store).outcome, of(judged, store).reason) == (Outcome.INCONCLUSIVE, Reason.CUT)
    assert of(judged, store, OTHER).outcome is Outcome.PASS


def test_evaluate_missing_vantage_leaves_what_only_it_could_judge_undecided_for_want_of_a_place(store: Store) -> None:
    """A cut-off worker decides nothing: defects that it delivered might have been withdrawn by another look."""
    known = catalogue.load()
    every = tuple(known.checks)
    began = {INSIDE: TIMEOUT, PORTAL: TIMEOUT, OTHER: TIMEOUT}
    hub = replace(HUB, got=began, checks=every, unmeasured=frozenset(ADDRESSES))
    judged = judge(store, replace(HANOI, checks=every), hub)
    placed = 0
    for subject in ADDRESSES:
        findings = store.findings(judged.id, subject)
        assert "hub" not in {one.vantage for one in findings}
        assert not [one for one in findings if one.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)]
        for one in findings:
            check = known.checks[one.check]
            inside_only = check.vantage == {VantageKind.TSL} or (
                subject == INSIDE and check.question is SilenceMeaning.SERVICE and VantageKind.TSL in check.vantage
            )
            if inside_only and one.outcome is Outcome.INCONCLUSIVE and one.reason is not Reason.SCOPE:
                placed += 1
                assert one.reason is Reason.VP, one.check
    assert placed >= 10


def test_evaluate_round_of_missing_vantages_only_has_no_place_to_judge_from(store: Store) -> None:
    began = replace(HANOI, got={PORTAL: TIMEOUT}, unmeasured=frozenset(ADDRESSES))
    finding = of(judge(store, began), store)
    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, Reason.VP)


def test_evaluate_says_from_where_a_subject_answers(store: Store) -> None:
    outside = replace(HANOI, got={**ALL, INSIDE: TIMEOUT})
    sick = Place(name="an", got={INSIDE: TIMEOUT, PORTAL: TIMEOUT}, families=frozenset({4}))
    judged = judge(store, outside, sick, replace(HUB, got={INSIDE: REFUSED, PORTAL: TIMEOUT, OTHER: None}))
    assert seen(judged, store, INSIDE) == {"ha-noi": AnswerState.NO, "an": AnswerState.UNKNOWN, "hub": AnswerState.YES}
    assert seen(judged, store, PORTAL) == {"ha-noi": AnswerState.YES, "an": AnswerState.UNKNOWN, "hub": AnswerState.NO}
    assert seen(judged, store, OTHER) == {"ha-noi": AnswerState.YES, "hub": AnswerState.YES}


def test_evaluate_silence_that_no_control_proves_is_no_no(store: Store) -> None:
    blocked = Failure(kind=FailureKind.NO_PERMISSION)
    judged = judge(store, HANOI, replace(HUE, got={PORTAL: blocked}))
    assert seen(judged, store, PORTAL) == {"ha-noi": AnswerState.YES, "hue": AnswerState.UNKNOWN}


def test_stored_judgement_of_a_round_keeps_the_conditions_of_each_vantage(store: Store) -> None:
    judged = judge(store, HANOI, HUB)
    again = stored_judgement(store.judgement(judged.id), store, catalogue.load())
    assert again.conditions == judged.conditions
    assert [one.vantage.name for one in again.conditions.vantages] == ["ha-noi", "hub"]


def test_evaluate_round_again_after_another_vantage_came(store: Store) -> None:
    first = judge(store, replace(HANOI, got={**ALL, PORTAL: TIMEOUT}))
    assert of(first, store).outcome is Outcome.FAIL
    add_member(store, HUE, round=ROUND)
    second = evaluate(ROUND, store, catalogue.load(), now=LATER + timedelta(hours=1))
    assert of(second, store).outcome is Outcome.PASS
    assert of(second, store).id == of(first, store).id
    assert of(first, store).outcome is Outcome.FAIL


def test_evaluate_order_of_the_members_changes_nothing() -> None:
    places = (replace(HANOI, got={**ALL, PORTAL: TIMEOUT}), HUE, HUB)
    results = []
    for order in (places, places[::-1]):
        with MemoryStore() as store:
            judged = judge(store, *order)
            results.append([store.findings(judged.id, one) for one in (PORTAL, OTHER, INSIDE)])
    assert results[0] == results[1]
