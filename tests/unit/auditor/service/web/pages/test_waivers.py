"""Waivers that cover nothing: their subject was given up, or their agency has become part of another."""

from datetime import date

import pytest

from auditor.framework.waivers import WaiverRow
from auditor.service.web.pages.waivers import is_idle
from inventory.model import AgencyId, SubjectId


@pytest.mark.parametrize(
    ("subject", "agency", "idle"),
    [("a.vn", None, False), ("b.vn", None, True), (None, "XM", False), (None, "XC", True)],
)
def test_a_waiver_is_idle_where_nothing_of_it_is_left(subject: str | None, agency: str | None, idle: bool) -> None:
    row = WaiverRow(
        subject=None if subject is None else SubjectId(subject),
        agency=None if agency is None else AgencyId(agency),
        check="ipv6.web",
        reason="chờ thay thiết bị",
        owner="bà Hoa",
        until=date(2027, 1, 1),
    )
    assert is_idle(row, {SubjectId("a.vn")}, {AgencyId("XM"), None}) is idle
