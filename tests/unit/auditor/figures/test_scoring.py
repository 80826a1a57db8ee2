"""Tests scores and ladders against CHECKS §4.2, with numbers worked out by hand."""

from fractions import Fraction
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.scoring import (
    AREAS,
    DEVICE_RUNGS,
    SERVICE_RUNGS,
    CheckOutcome,
    Ladder,
    Score,
    by_check,
    ladder,
    scores,
    shown_by_use,
)
from auditor.framework.findings import CheckId, Finding, FindingId, Level, LevelBasis, Outcome, Severity
from inventory.model import SubjectId

PASS, WARN, FAIL, NA, UNKNOWN, ERROR = (
    Outcome.PASS,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.NOT_APPLICABLE,
    Outcome.INCONCLUSIVE,
    Outcome.ERROR,
)
CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity
REQUIRED, RECOMMENDED, OPTIONAL = Level
WEIGHTS = {CRITICAL: 8, HIGH: 5, MEDIUM: 3, LOW: 1, INFO: 0}
HALVES = {REQUIRED: 2, RECOMMENDED: 1, OPTIONAL: 0}


def one(outcome: Outcome, severity: Severity = MEDIUM, level: Level = REQUIRED) -> CheckOutcome:
    return CheckOutcome(outcome=outcome, severity=severity, level=level)


def web(*outcomes: CheckOutcome) -> Score:
    return scores({CheckId(f"ipv6.web.{number}"): outcome for number, outcome in enumerate(outcomes)})["ipv6.web"]


@pytest.mark.parametrize(
    ("outcomes", "score", "coverage"),
    [
        ([], None, None),
        ([one(NA)], None, None),
        ([one(PASS)], 100, 1.0),
        ([one(FAIL)], 0, 1.0),
        ([one(WARN)], 50, 1.0),
        ([one(PASS), one(PASS), one(FAIL)], 66, 1.0),  # 66.67, never rounded up
        ([one(PASS), one(FAIL, LOW), one(NA, CRITICAL)], 75, 1.0),
        ([one(PASS, CRITICAL), one(FAIL, MEDIUM, RECOMMENDED)], 84, 1.0),  # 8 / 9.5
        ([one(PASS), one(FAIL, CRITICAL, OPTIONAL), one(FAIL, INFO)], 100, 1.0),
        ([one(FAIL, CRITICAL, OPTIONAL)], None, None),
        ([one(UNKNOWN)], None, 0.0),
        ([one(ERROR)], None, 0.0),
        ([one(UNKNOWN, CRITICAL, OPTIONAL)], None, None),
    ],
)
def test_score_equals_one_computed_by_hand(
    outcomes: list[CheckOutcome], score: int | None, coverage: float | None
) -> None:
    found = web(*outcomes)
    assert (found.score, found.coverage) == (score, coverage)


@pytest.mark.parametrize(
    ("known", "unknown", "score", "coverage"),
    [
        ([one(PASS, CRITICAL), one(PASS, HIGH), one(PASS, LOW)], [one(UNKNOWN), one(UNKNOWN)], 100, 0.7),  # 14 of 20
        ([one(PASS, CRITICAL), one(PASS, HIGH)], [one(UNKNOWN), one(UNKNOWN)], None, 0.6842),  # 13 of 19
        ([one(PASS, HIGH, RECOMMENDED), one(PASS, LOW)], [one(ERROR, LOW), one(UNKNOWN, LOW, RECOMMENDED)], 100, 0.7),
        ([one(PASS, MEDIUM)] * 2, [one(UNKNOWN, MEDIUM)], None, 0.6666),
    ],
)
def test_seventy_percent_of_the_weight_must_be_assessed(
    known: list[CheckOutcome], unknown: list[CheckOutcome], score: int | None, coverage: float
) -> None:
    found = web(*known, *unknown)
    assert (found.score, found.coverage) == (score, coverage)


@pytest.mark.parametrize(
    ("failed", "score", "grade"),
    [
        ([], 100, "met"),
        ([one(FAIL, CRITICAL)], 49, "not_met"),
        ([one(FAIL, HIGH)], 79, "partly"),
        ([one(FAIL, HIGH), one(FAIL, CRITICAL)], 49, "not_met"),
        ([one(FAIL, MEDIUM)], 98, "partly"),  # no cap, and yet not met: something required fails
        ([one(FAIL, CRITICAL, RECOMMENDED)], 97, "met"),
        ([one(WARN, CRITICAL)], 97, "met"),
    ],
)
def test_caps_of_required_fails(failed: list[CheckOutcome], score: int, grade: str) -> None:
    found = web(*[one(PASS, CRITICAL)] * 20, *failed)
    assert (found.score, found.grade) == (score, grade)


@pytest.mark.parametrize(
    ("score", "fails", "grade"),
    [
        (90, False, "met"),
        (89, False, "partly"),
        (95, True, "partly"),
        (60, False, "partly"),
        (59, False, "not_met"),
        (None, False, "not_enough_evidence"),
        (None, True, "not_enough_evidence"),
    ],
)
def test_score_grade_follows_its_thresholds(score: int | None, fails: bool, grade: str) -> None:
    assert Score(score=score, coverage=1.0, required_fail=fails).grade == grade


OUTCOMES = st.builds(
    CheckOutcome, outcome=st.sampled_from(Outcome), severity=st.sampled_from(Severity), level=st.sampled_from(Level)
)


@given(outcomes=st.lists(OUTCOMES, max_size=40))
def test_the_arithmetic_is_exact(outcomes: list[CheckOutcome]) -> None:
    """The score equals the same rules in fractions: no float error may lift a score or pass the floor."""
    values = {PASS: Fraction(1), WARN: Fraction(1, 2), FAIL: Fraction(0)}
    assessed = [(WEIGHTS[o.severity] * HALVES[o.level], values[o.outcome]) for o in outcomes if o.outcome in values]
    total = sum(weight for weight, _ in assessed)
    unknown = sum(WEIGHTS[o.severity] * HALVES[o.level] for o in outcomes if o.outcome in (UNKNOWN, ERROR))
    score = web(*outcomes)
    if total + unknown == 0:
        assert score == Score(score=None, coverage=None)
        return
    coverage = Fraction(total, total + unknown)
    assert score.coverage == int(coverage * 10_000) / 10_000
    if total == 0 or coverage < Fraction(7, 10):
        assert score.score is None
        return
    failed = {o.severity for o in outcomes if o.outcome is FAIL and o.level is REQUIRED}
    cap = 49 if CRITICAL in failed else 79 if HIGH in failed else 100
    assert score.score == min(cap, int(100 * sum(weight * value for weight, value in assessed) / total))
    assert (score.score == 100) is all(value == 1 for weight, value in assessed if weight)
    assert score.required_fail is bool(failed)


def test_all_seven_areas_each_with_its_own_checks() -> None:
    found = scores(
        {
            CheckId("ipv6.web.aaaa"): one(PASS),
            CheckId("ipv6.webmail.x"): one(FAIL),
            CheckId("security.tls.versions"): one(WARN),
            CheckId("tslcd.site.reach"): one(FAIL),
            CheckId("meta.selftest.ipv6"): one(FAIL),
        }
    )
    assert tuple(found) == AREAS
    assert {area: score.score for area, score in found.items() if score.coverage is not None} == {
        "ipv6.web": 100,
        "security": 50,
        "tslcd": 0,
    }


def _finding(check: str, outcome: Outcome, number: int = 0) -> Finding:
    return Finding(
        id=FindingId(f"{check}{number}"),
        check=CheckId(check),
        check_version=1,
        code="X",
        outcome=outcome,
        severity=HIGH,
        level=REQUIRED,
        level_basis=LevelBasis.VERIFIED,
        subject=SubjectId("s"),
        address=ip_address(number),
        detail=None,
        vantage="here",
        reason=None,
        args={},
        evidence=(),
    )


@given(order=st.permutations([FAIL, ERROR, UNKNOWN, WARN, PASS, NA]), kept=st.integers(1, 6))
def test_the_worst_address_is_the_verdict_of_the_check(order: list[Outcome], kept: int) -> None:
    rank = [FAIL, ERROR, UNKNOWN, WARN, PASS, NA]
    outcomes_by_check_id = by_check(_finding("a.b", outcome, number) for number, outcome in enumerate(order[:kept]))
    assert outcomes_by_check_id == {CheckId("a.b"): one(min(order[:kept], key=rank.index), HIGH)}


def test_checks_are_folded_apart_and_come_in_order() -> None:
    assert list(by_check([_finding("b", PASS), _finding("a", FAIL)])) == ["a", "b"]


def _climb(**changed: Outcome) -> Ladder:
    """Return the ladder of a service on which every check passes except those named (with _ for . and -)."""
    everything = {check: one(PASS) for rung in SERVICE_RUNGS for check in rung}
    for name, outcome in changed.items():
        everything[next(c for c in everything if c.replace("-", "_").endswith(f".{name}"))] = one(outcome)
    return ladder(SERVICE_RUNGS, {CheckId(check): outcome for check, outcome in everything.items()})


@pytest.mark.parametrize(
    ("check", "level"),
    [("aaaa", 0), ("reach", 1), ("addr_sane", 1), ("http_ok", 1), ("tls_parity", 2), ("ns_reach", 2), ("resources", 3)],
)
def test_a_rung_stands_on_all_its_checks(check: str, level: int) -> None:
    failed = _climb(**{check: FAIL})
    assert (failed.level, failed.at_least) == (level, False)
    assert [c.rpartition(".")[2].replace("-", "_") for c in failed.blocked_by] == [check]
    for outcome in (UNKNOWN, ERROR):
        unknown = _climb(**{check: outcome})
        assert (unknown.level, unknown.at_least) == (level, True)
    for outcome in (WARN, NA):
        assert _climb(**{check: outcome}) == Ladder(level=4, at_least=False)


def test_a_fail_on_the_rung_outweighs_what_is_unknown_there() -> None:
    assert _climb(reach=FAIL, http_ok=UNKNOWN) == Ladder(
        level=1, at_least=False, blocked_by=(CheckId("ipv6.web.reach"),)
    )


def test_an_unknown_below_hides_the_fail_above() -> None:
    found = _climb(reach=UNKNOWN, resources=FAIL)
    assert (found.level, found.at_least, found.blocked_by) == (1, True, ("ipv6.web.reach",))


def test_checks_that_were_not_run_are_unknown() -> None:
    assert ladder(SERVICE_RUNGS, {}) == Ladder(level=0, at_least=True, blocked_by=(CheckId("ipv6.web.aaaa"),))
    only = {CheckId("ipv6.web.aaaa"): one(PASS)}
    assert ladder(SERVICE_RUNGS, only).level == 1


def _rungs(**outcomes: Outcome) -> dict[CheckId, CheckOutcome]:
    level = {"severity": Severity.HIGH, "level": Level.REQUIRED}
    names = {
        "enabled": "if-enabled",
        "address": "global-address",
        "route": "default-route",
        "forwarding": "forwarding",
        "igp": "igp-v6",
        "bgp": "bgp-v6",
        "capable": "capability",
    }
    return {CheckId(f"ipv6.device.{names[one]}"): CheckOutcome(outcome=o, **level) for one, o in outcomes.items()}  # type: ignore[arg-type]


def test_a_device_with_addresses_is_capable_and_climbs_to_routing() -> None:
    P, NA = Outcome.PASS, Outcome.NOT_APPLICABLE
    routed = _rungs(enabled=P, address=P, route=P, forwarding=P, igp=NA, bgp=NA)
    found = ladder(DEVICE_RUNGS, shown_by_use(routed))
    assert (found.level, found.at_least) == (3, True)
    assert found.blocked_by == (CheckId("ipv6.device.traffic"),)
    assert ladder(DEVICE_RUNGS, shown_by_use(_rungs(enabled=P, address=Outcome.FAIL))).level == 0
    assert ladder(DEVICE_RUNGS, shown_by_use(_rungs(capable=Outcome.FAIL, enabled=P, address=P))) == Ladder(
        level=0, at_least=False, blocked_by=(CheckId("ipv6.device.capability"),)
    )
