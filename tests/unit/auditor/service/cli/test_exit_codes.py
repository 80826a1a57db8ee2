"""Tests the exit code of a judgement: every row of the table that scripts rely on."""

import itertools
from dataclasses import replace
from datetime import date

import pytest

from auditor.framework.findings import Finding, FindingId, Level, Outcome, Reason, Severity, Waiver
from auditor.service.cli.exit_codes import exit_code
from auditor.service.store.memory.store import MemoryStore
from tests.unit.auditor.service.store.examples import JUDGEMENT, RUN, finding, judgement, run, subject

TRANSIENT = ("U-V6", "U-V4", "U-DNS", "U-EGR", "U-RATE", "U-CRED", "U-CUT", "U-AMB")
UNSET = ("U-VP", "U-INV", "U-SCOPE", "U-SMPL", "U-PRIV", "U-REF", "U-OBJ")
RANKS = ("critical", "high", "medium", "low")


def _code(*findings: Finding, fail_on: str = "high", ipv6_only: bool = False) -> int:
    with MemoryStore() as store:
        store.create_run(run())
        store.add_subjects(RUN, [subject()])
        store.add_judgement(judgement())
        store.add_findings(JUDGEMENT, [replace(one, id=FindingId(str(n))) for n, one in enumerate(findings)])
        return exit_code(JUDGEMENT, store, fail_on, ipv6_only=ipv6_only)


def _finding(outcome: Outcome, **changes: object) -> Finding:
    plain = replace(finding(), outcome=outcome, severity=Severity.HIGH, level=Level.REQUIRED, reason=None, waived=None)
    return replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace itself


def _undecided(reason: str, level: Level = Level.REQUIRED) -> Finding:
    return _finding(Outcome.INCONCLUSIVE, reason=Reason(reason), level=level)


def test_exit_code_every_reason_has_one_class() -> None:
    assert sorted((*TRANSIENT, *UNSET)) == sorted(reason.value for reason in Reason)


def test_exit_code_no_findings_is_zero() -> None:
    assert _code() == 0
    assert _code(_finding(Outcome.PASS), _finding(Outcome.WARN), _finding(Outcome.NOT_APPLICABLE)) == 0


@pytest.mark.parametrize(("severity", "fail_on"), [*itertools.product(RANKS, RANKS)])
def test_a_fail_counts_at_or_above_the_threshold(severity: str, fail_on: str) -> None:
    wanted = 3 if RANKS.index(severity) <= RANKS.index(fail_on) else 0
    assert _code(_finding(Outcome.FAIL, severity=Severity(severity)), fail_on=fail_on) == wanted


def test_a_fail_never_counts_where_asked() -> None:
    assert _code(_finding(Outcome.FAIL, severity=Severity.CRITICAL), fail_on="never") == 0


def test_a_fail_that_is_only_information_never_counts() -> None:
    assert _code(_finding(Outcome.FAIL, severity=Severity.INFO), fail_on="low") == 0


def test_a_recommended_check_that_fails_counts_too() -> None:
    assert _code(_finding(Outcome.FAIL, level=Level.RECOMMENDED)) == 3


def test_a_waived_fail_does_not_count() -> None:
    waiver = Waiver(reason="Chờ thiết bị", owner="Sở", until=date(2026, 12, 31))
    assert _code(_finding(Outcome.FAIL, waived=waiver)) == 0


@pytest.mark.parametrize("reason", TRANSIENT)
def test_exit_code_required_undecided_is_incomplete(reason: str) -> None:
    assert _code(_undecided(reason)) == 4
    assert _code(_undecided(reason, Level.RECOMMENDED)) == 0
    assert _code(_undecided(reason, Level.OPTIONAL)) == 0


@pytest.mark.parametrize("reason", UNSET)
def test_exit_code_ignores_what_was_never_set_up(reason: str) -> None:
    assert _code(_undecided(reason)) == 0


@pytest.mark.parametrize("order", list(itertools.permutations((1, 3, 4))))
def test_exit_code_error_precedes_fail_precedes_incomplete(order: tuple[int, ...]) -> None:
    made = {1: _finding(Outcome.ERROR), 3: _finding(Outcome.FAIL), 4: _undecided("U-CUT")}
    assert _code(*(made[code] for code in order)) == 1
    assert _code(*(made[code] for code in order if code != 1)) == 3
    assert _code(*(made[code] for code in order if code != 1), fail_on="never") == 4


def test_exit_code_of_a_vantage_without_ipv4_on_purpose_counts_no_ipv4() -> None:
    assert _code(_undecided("U-V4")) == 4
    assert _code(_undecided("U-V4"), ipv6_only=True) == 0
    assert _code(_undecided("U-V4"), _undecided("U-V6"), ipv6_only=True) == 4
