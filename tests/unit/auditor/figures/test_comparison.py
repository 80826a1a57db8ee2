"""Tests comparisons of two judgements: each pair of outcomes, excluded comparisons, and invariants of every one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.comparison import (
    SUSPECT_FROM,
    Change,
    ChangeKind,
    Comparing,
    Credibility,
    Incomparable,
    RunCoverage,
    settle,
    suspects,
)
from auditor.figures.scoring import area_of
from auditor.framework.findings import CheckId, FindingId, Outcome, Outline
from inventory.model import SubjectId
from tests.unit.auditor.figured import CHECKS, said

P, W, F, NA, U, E = (
    Outcome.PASS,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.NOT_APPLICABLE,
    Outcome.INCONCLUSIVE,
    Outcome.ERROR,
)
CHECK = "ipv6.web.aaaa"
WWW = SubjectId("www.tinh.vn")
BOTH = RunCoverage(checks=frozenset(map(CheckId, CHECKS)))
NEW, ADDED, CHANGED, STILL, FIXED, EASED, GONE, NO = ChangeKind


def changes(
    before: list[Outline] | None,
    after: list[Outline] | None,
    *,
    sides: tuple[RunCoverage, RunCoverage] = (BOTH, BOTH),
    rules: frozenset[CheckId] = frozenset(),
) -> list[tuple[ChangeKind, bool, Incomparable | None]]:
    found = Comparing(*sides, rules).subject(WWW, before, after)
    return [(change.kind, change.regression, change.why) for change in found]


@pytest.mark.parametrize(
    ("before", "after", "kind", "regression"),
    [
        (P, P, None, False),
        (W, W, None, False),
        (NA, NA, None, False),
        (U, U, None, False),
        (U, E, None, False),
        (P, F, NEW, True),
        (W, F, NEW, True),
        (NA, F, NEW, True),
        (F, P, FIXED, False),
        (F, W, EASED, False),
        (F, NA, CHANGED, False),
        (F, F, STILL, False),
        (P, W, CHANGED, False),
        (W, P, CHANGED, False),
        (P, NA, None, False),
        (P, U, NO, False),
        (F, U, NO, False),
        (U, F, NO, False),
        (U, P, NO, False),
        (E, F, NO, False),
    ],
)
def test_every_pair_of_outcomes(before: Outcome, after: Outcome, kind: ChangeKind | None, regression: bool) -> None:
    why = Incomparable.COVERAGE if kind is NO else None
    triples = changes([said(CHECK, before, code="X")], [said(CHECK, after, code="X")])
    assert triples == ([] if kind is None else [(kind, regression, why)])


def test_compare_fail_with_another_code_is_changed() -> None:
    assert changes([said(CHECK, F, code="NONE")], [said(CHECK, F, code="BAD")]) == [(CHANGED, False, None)]


def test_an_accepted_defect_and_the_end_of_an_exemption_are_no_regressions() -> None:
    assert changes([said(CHECK, P)], [said(CHECK, F, waived=True)]) == [(NEW, False, None)]
    assert changes([said(CHECK, NA, code="EXEMPT")], [said(CHECK, F)]) == [(NEW, False, None)]


def test_another_version_or_other_thresholds_are_not_compared() -> None:
    newer = replace(said(CHECK, F), check_version=2)
    assert changes([said(CHECK, P)], [newer]) == [(NO, False, Incomparable.CHECK_VERSION)]
    assert changes([said(CHECK, P)], [replace(newer, outcome=P)]) == []
    rules = frozenset({CheckId(CHECK)})
    assert changes([said(CHECK, P)], [said(CHECK, F)], rules=rules) == [(NO, False, Incomparable.THRESHOLDS)]
    assert changes([said(CHECK, F)], [said(CHECK, F)], rules=rules) == [(STILL, False, None)]


def test_what_stands_on_one_side_alone_under_other_thresholds_is_not_compared() -> None:
    outline, other = said(CHECK, P, address="2001:db8::1"), said(CHECK, F, address="2001:db8::2")
    rules = frozenset({CheckId(CHECK)})
    assert changes([outline], [outline, other], rules=rules) == [(NO, False, Incomparable.THRESHOLDS)]
    assert changes([outline, other], [outline], rules=rules) == [(NO, False, Incomparable.THRESHOLDS)]


def test_a_subject_of_only_one_run_is_added_or_gone_and_no_new_problem() -> None:
    assert changes(None, [said(CHECK, F)]) == [(ADDED, False, Incomparable.SUBJECT)]
    assert changes([said(CHECK, F)], None) == [(GONE, False, Incomparable.SUBJECT)]
    assert changes(None, [said(CHECK, P)]) == []


def test_compare_check_of_only_one_run_is_not_compared() -> None:
    without = RunCoverage(checks=frozenset())
    assert changes([], [said(CHECK, F)], sides=(without, BOTH)) == [(NO, False, Incomparable.NOT_RUN)]
    assert changes([said(CHECK, F)], [], sides=(BOTH, without)) == [(NO, False, Incomparable.NOT_RUN)]


def test_a_new_address_that_fails_is_a_regression_where_the_others_were_decided() -> None:
    outline, other = said(CHECK, P, address="2001:db8::1"), said(CHECK, F, address="2001:db8::2")
    assert changes([outline], [outline, other]) == [(NEW, True, None)]
    assert changes([outline, other], [outline]) == [(GONE, False, None)]


def test_the_same_fault_at_another_address_goes_on() -> None:
    here, there = (
        said(CHECK, F, code="CLOSED", address="2001:db8::1"),
        said(CHECK, F, code="CLOSED", address="2001:db8::2"),
    )
    assert changes([here], [there]) == [(STILL, False, None)]
    assert changes([replace(here, outcome=W)], [replace(there, outcome=W)]) == []
    assert changes([here, there], [there]) == [(STILL, False, None), (GONE, False, None)]


def test_another_fault_or_family_at_another_address_is_new() -> None:
    here = said(CHECK, F, code="CLOSED", address="2001:db8::1")
    other = said(CHECK, F, code="SLOW", address="2001:db8::2")
    assert changes([here], [other]) == [(NEW, True, None), (GONE, False, None)]
    v4 = said(CHECK, F, code="CLOSED", address="192.0.2.1")
    assert changes([here], [v4]) == [(NEW, True, None), (GONE, False, None)]


def test_an_eased_subject_that_fails_again_was_not_believed_for_long() -> None:
    moved = between((F,) * 10, (W,) * 10)
    assert {change.kind for change in moved} == {EASED}
    assert suspects(moved, {"ipv6.web": 10}) == ("ipv6.web",)
    assert settled((F,) * 10, (W,) * 10, (F,) * 10) is Credibility.VANTAGE


def test_an_address_that_was_not_decided_compares_with_nothing() -> None:
    outline, other = said(CHECK, P, address="2001:db8::1"), said(CHECK, F, address="2001:db8::2")
    unseen = said(CHECK, U, address="2001:db8::1")
    assert changes([unseen], [outline, other])[-1] == (NO, False, Incomparable.COVERAGE)
    assert changes([other], [unseen]) == [(NO, False, Incomparable.COVERAGE)]


def test_compare_many_changes_at_once_makes_the_run_doubtful() -> None:
    comparing = Comparing(BOTH, BOTH)
    found = [
        change
        for number in range(4)
        for change in comparing.subject(SubjectId(f"w{number}"), [said(CHECK, P)], [said(CHECK, F)])
    ]
    assert suspects(found, {"ipv6.web": 10}) == ("ipv6.web",)
    assert suspects(found, {"ipv6.web": 14}) == ()
    assert suspects(found, {"ipv6.web": 9}) == ()


SUBJECTS_OF_AN_AREA = tuple(SubjectId(f"w{number}") for number in range(SUSPECT_FROM))
Round = tuple[Outcome, ...]
"""The outcomes of one run, one for each of them."""


def between(outcomes: Round, other: Round, check: str = CHECK) -> list[Change]:
    comparing = Comparing(BOTH, BOTH)
    return [
        change
        for subject, was, became in zip(SUBJECTS_OF_AN_AREA, outcomes, other, strict=True)
        for change in comparing.subject(subject, [told(subject, was, check)], [told(subject, became, check)])
    ]


def told(subject: SubjectId, outcome: Outcome, check: str) -> Outline:
    return replace(said(check, outcome), id=FindingId(f"{subject} {check}"))


def settled(base: Round, doubted: Round, repeat: Round) -> Credibility:
    return settle(between(base, doubted), between(base, repeat), between(doubted, repeat), ["ipv6.web"])


ROUNDS = st.tuples(*[st.sampled_from((P, W, F, NA, U))] * SUSPECT_FROM)
MASS = st.tuples(ROUNDS, ROUNDS).filter(lambda two: bool(suspects(between(*two), {"ipv6.web": SUSPECT_FROM})))


@given(rounds=MASS)
def test_settle_repeat_with_the_same_changes_confirms_and_reverted_changes_refute(rounds: tuple[Round, Round]) -> None:
    base, doubted = rounds
    assert settled(base, doubted, doubted) is Credibility.REAL
    assert settled(base, doubted, base) is Credibility.VANTAGE


@given(rounds=MASS, repeat=ROUNDS, undecided=st.sets(st.integers(0, SUSPECT_FROM - 1)))
def test_settle_undecided_findings_of_the_repeat_do_not_count(
    rounds: tuple[Round, Round], repeat: Round, undecided: set[int]
) -> None:
    base, doubted = rounds
    moved = {change.subject for change in between(base, doubted) if change.kind in (NEW, FIXED, EASED)}
    seen = tuple(U if number in undecided else outcome for number, outcome in enumerate(repeat))
    kept = [
        subject for number, subject in enumerate(SUBJECTS_OF_AN_AREA) if subject in moved and number not in undecided
    ]
    if 2 * len(kept) <= len(moved):
        assert settled(base, doubted, seen) is Credibility.UNSETTLED


def test_settle_majority_of_moved_subjects_decides() -> None:
    base, doubted = (P,) * 10, (F,) * 6 + (P,) * 4
    assert settled(base, doubted, (F,) * 4 + (P,) * 6) is Credibility.REAL
    assert settled(base, doubted, (F,) * 3 + (P,) * 7) is Credibility.UNSETTLED
    assert settled(base, doubted, (F,) * 2 + (P,) * 8) is Credibility.VANTAGE
    assert settled(base, doubted, (F,) * 6 + (F,) * 4) is Credibility.REAL, "what moved later is another matter"


def test_settle_one_reverted_area_refutes_the_run() -> None:
    before, after = (P,) * 10, (F,) * 10
    web, mail = between(before, after), between(before, after, "security.mail.dmarc")
    both, back = ("ipv6.web", area_of(mail[0].check)), between(after, before)
    assert settle([*web, *mail], mail, back, both) is Credibility.VANTAGE
    assert settle([*web, *mail], [], back, both) is Credibility.VANTAGE
    assert settle([*web, *mail], mail, [], both) is Credibility.UNSETTLED
    assert settle([*web, *mail], mail, back, both[1:]) is Credibility.REAL


SAID = {check: st.builds(said, st.just(check), st.sampled_from(Outcome)) for check in CHECKS}
OUTLINES = st.lists(st.sampled_from(CHECKS), max_size=5, unique=True).flatmap(
    lambda checks: st.tuples(*(SAID[check] for check in checks)).map(list)
)


@given(before=OUTLINES, after=OUTLINES)
def test_a_regression_was_decided_on_both_sides(before: list[Outline], after: list[Outline]) -> None:
    for change in Comparing(BOTH, BOTH).subject(WWW, before, after):
        if change.regression:
            assert change.after is not None
            assert change.after.outcome is F
            assert change.before is None or change.before.outcome in (P, W, NA)
            assert change.why is None


@given(outlines=OUTLINES)
def test_a_run_against_itself_changes_nothing(outlines: list[Outline]) -> None:
    assert {change.kind for change in Comparing(BOTH, BOTH).subject(WWW, outlines, outlines)} <= {STILL}


@given(before=OUTLINES, after=OUTLINES)
def test_forwards_and_backwards_agree(before: list[Outline], after: list[Outline]) -> None:
    there = {change.id: change.kind for change in Comparing(BOTH, BOTH).subject(WWW, before, after)}
    back = {change.id: change.kind for change in Comparing(BOTH, BOTH).subject(WWW, after, before)}
    assert {finding_id for finding_id, kind in there.items() if kind is NO} == {
        finding_id for finding_id, kind in back.items() if kind is NO
    } or ({outline.id for outline in before} != {outline.id for outline in after})
    for id_ in there.keys() & back.keys():
        if there[id_] is NEW:
            assert back[id_] in (FIXED, EASED, CHANGED, GONE)
