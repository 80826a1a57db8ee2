"""Waivers that cover nothing: their subject was given up, or their agency has become part of another."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from auditor.framework.waivers import WaiverRow
from auditor.service.web.pages.waivers import WaiverLine, is_idle, marked
from inventory.model import AgencyId, SubjectId


def _row(subject: str | None, agency: str | None) -> WaiverRow:
    return WaiverRow(
        subject=None if subject is None else SubjectId(subject),
        agency=None if agency is None else AgencyId(agency),
        check="ipv6.web",
        reason="chờ thay thiết bị",
        owner="bà Hoa",
        until=date(2027, 1, 1),
    )


@pytest.mark.parametrize(
    ("subject", "agency", "idle"),
    [("a.vn", None, False), ("b.vn", None, True), (None, "XM", False), (None, "XC", True)],
)
def test_a_waiver_is_idle_where_nothing_of_it_is_left(subject: str | None, agency: str | None, idle: bool) -> None:
    row = _row(subject, agency)
    assert is_idle(row, {SubjectId("a.vn")}, {AgencyId("XM"), None}) is idle


@pytest.mark.parametrize("part", [False, True])
def test_a_run_of_a_part_does_not_tell_that_a_waiver_is_idle(part: bool) -> None:
    digest = SimpleNamespace(run=SimpleNamespace(is_part=part), ids={SubjectId("a.vn")}, lines=())
    lines = [WaiverLine(row=_row("b.vn", None), state="in_force", kept=None)]
    assert [line.idle for line in marked(lines, cast(Any, digest))] == [not part]
