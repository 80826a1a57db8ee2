"""Tests that the lines of the self-test are named in words, and that passed ones are marked as passed."""

import json
from ipaddress import ip_address

import pytest

from auditor.framework.context import Health
from auditor.framework.findings import Outcome, Reason
from auditor.service.cli.commands.diagnosis.configuration_diagnosis import DoctorLine
from auditor.service.cli.commands.diagnosis.doctor import _family_line, _selftest_line, show
from auditor.texts.translate import Texts
from tests.unit.reports.sample import Says

CLOCK = "meta.selftest.clock"


@pytest.mark.parametrize(
    ("says", "good", "begins"),
    [
        (Says(CLOCK, "RIGHT", Outcome.PASS), True, "Vantage's clock is correct: "),
        (Says(CLOCK, "WRONG", Outcome.FAIL, {"offset": 9, "servers": 4}), None, "Vantage's clock is wrong: The van"),
        (Says(CLOCK, "U_DNS", Outcome.INCONCLUSIVE, reason=Reason.DNS), None, "Vantage's clock is correct: Inconclus"),
    ],
    ids=["pass", "fail", "undecided"],
)
def test_selftest_line_has_a_name_and_marks_a_pass(says: Says, good: bool | None, begins: str) -> None:
    line = _selftest_line(says.of("vantage"), Texts("en"))
    assert line.good is good
    assert line.text.startswith(begins)
    assert "meta." not in line.text


@pytest.mark.parametrize(
    ("family", "state", "line"),
    [
        ("IPv4", Health.OK, DoctorLine(good=True, text="IPv4 192.0.2.1")),
        ("IPv6", Health.NONE, DoctorLine(good=False, text="IPv6 none")),
        ("IPv4", Health.IMPAIRED, DoctorLine(good=False, text="IPv4 impaired, 192.0.2.1")),
    ],
)
def test_family_line_says_what_is_lacking(family: str, state: Health, line: DoctorLine) -> None:
    assert _family_line(family, state, (ip_address("192.0.2.1"),), Texts("en")) == line


def test_show_as_json_is_one_document_with_ok_true_false_and_null(capfd: pytest.CaptureFixture[str]) -> None:
    lines = [DoctorLine(good=good, text=text) for good, text in ((True, "a"), (False, "b\x1b"), (None, "c"))]
    show(lines, as_json=True)
    expected = [{"ok": True, "text": "a"}, {"ok": False, "text": "b\x1b"}, {"ok": None, "text": "c"}]
    assert json.loads(capfd.readouterr().out) == expected


def test_show_as_text_marks_each_line(capfd: pytest.CaptureFixture[str]) -> None:
    show([DoctorLine(good=good, text="a") for good in (True, False, None)], as_json=False)
    assert capfd.readouterr().out == "✔ a\n✘ a\n– a\n"
