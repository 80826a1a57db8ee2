"""Tests that the options of a run are stored as one text that seals cover, and read back typed and whole."""

from datetime import date

import pytest

from auditor.framework.findings import CheckId
from auditor.service.store.run_options import RunOptions, read_run_options
from inventory.model import Clearance

WRITTEN = (
    '{"checks": ["ipv6.web.aaaa"], "clearance": "intrusive", "profile": "audit", "subject_seconds": 180.0,'
    ' "vantage": "trung-tam-tinh", "reconciled": "2026-03-01", "amends": "a", "repeats": "b", "part": true}'
)
OPTIONS = RunOptions(
    checks=(CheckId("ipv6.web.aaaa"),),
    clearance=Clearance.INTRUSIVE,
    profile="audit",
    subject_seconds=180.0,
    vantage="trung-tam-tinh",
    reconciled=date(2026, 3, 1),
    amends="a",
    repeats="b",
    part=True,
)


def test_run_options_are_written_as_seals_of_before_cover_them() -> None:
    assert OPTIONS.to_json() == WRITTEN
    assert read_run_options(WRITTEN) == OPTIONS


def test_run_options_that_are_not_set_are_left_out() -> None:
    assert RunOptions().to_json() == '{"clearance": "normal", "profile": "", "subject_seconds": 0.0, "vantage": ""}'
    assert read_run_options(RunOptions().to_json()) == read_run_options("{}") == RunOptions()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"checks": "all"}', '{"clearance": "any"}', '{"unknown": 1}', "\ud800"]
)
def test_run_options_that_were_not_written_here_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_run_options(text)
