"""The lines of the self-test are named in words, and what passed is marked as passed."""

import pytest

from auditor.framework.findings import Outcome, Reason
from auditor.service.cli.commands.doctor import _selftest_line
from auditor.texts.translate import Texts
from tests.unit.reports.sample import Says

CLOCK = "meta.selftest.clock"


@pytest.mark.parametrize(
    ("says", "good", "begins"),
    [
        (Says(CLOCK, "RIGHT", Outcome.PASS), True, "Auditor clock is correct: "),
        (Says(CLOCK, "WRONG", Outcome.FAIL, {"offset": 9, "servers": 4}), None, "Vantage's clock is wrong: The van"),
        (Says(CLOCK, "U_DNS", Outcome.INCONCLUSIVE, reason=Reason.DNS), None, "Auditor clock is correct: Inconclus"),
    ],
    ids=["pass", "fail", "undecided"],
)
def test_selftest_line_has_a_name_and_marks_a_pass(says: Says, good: bool | None, begins: str) -> None:
    line = _selftest_line(says.of("vantage"), Texts("en"))
    assert line.good is good
    assert line.text.startswith(begins)
    assert "meta." not in line.text
