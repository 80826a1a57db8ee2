"""What the findings about a web site make of a sample of it."""

from dataclasses import replace

import pytest

from auditor.findings import CheckId, Finding, FindingId, Level, LevelBasis, Outcome, Severity
from auditor.sampling.pages import HTTP_OK, REACH, _sample
from auditor.store.records import Quality
from inventory.model import SubjectId
from tests.unit.auditor.sampling.world import START

BLANK = Finding(
    id=FindingId("0" * 16),
    check=REACH,
    check_version=1,
    code="X",
    outcome=Outcome.PASS,
    severity=Severity.HIGH,
    level=Level.REQUIRED,
    level_basis=LevelBasis.VERIFIED,
    subject=SubjectId("www.example"),
    vantage="here",
    address=None,
    detail=None,
    reason=None,
    args={},
    evidence=(),
)
PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
NOT, UNSURE, BUG = Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE, Outcome.ERROR


@pytest.mark.parametrize(
    ("reach", "served", "value", "quality"),
    [
        ([PASS], [PASS], 1.0, Quality.OK),
        ([PASS, WARN], [PASS, NOT], 1.0, Quality.OK),  # one of two addresses connects, and serves
        ([FAIL], [NOT], 0.0, Quality.OK),
        ([PASS], [FAIL], 0.0, Quality.OK),
        ([PASS], [WARN], 0.0, Quality.OK),  # no page over IPv4 either: it is not up
        ([UNSURE], [UNSURE], None, Quality.VANTAGE),
        ([FAIL, UNSURE], [NOT], None, Quality.VANTAGE),
        ([PASS], [BUG], None, Quality.VANTAGE),
    ],
)
def test_samples(reach: list[Outcome], served: list[Outcome], value: float | None, quality: Quality) -> None:
    found = _sample([*findings(REACH, reach), *findings(HTTP_OK, served)], START)
    assert found is not None
    assert (found.value, found.quality, found.time) == (value, quality, START)


def test_without_ipv6_there_is_nothing_to_sample() -> None:
    assert _sample([*findings(REACH, [NOT]), *findings(HTTP_OK, [NOT])], START) is None
    assert _sample([], START) is None
    assert _sample(findings(CheckId("ipv6.web.aaaa"), [FAIL]), START) is None


def findings(check: CheckId, outcomes: list[Outcome]) -> list[Finding]:
    return [replace(BLANK, check=check, outcome=outcome) for outcome in outcomes]
