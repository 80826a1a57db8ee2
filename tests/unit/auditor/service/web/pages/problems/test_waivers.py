"""Tests waivers that cover nothing: their subject was given up, or their agency has become part of another."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.framework.waivers import WaiverRow
from auditor.service.accounts.model import Account, Role
from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.web.app import make_app
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.pages.problems.waivers import WaiverLine, _lines, is_idle, marked
from auditor.service.web.site import SITE
from inventory.model import AgencyId, SubjectId
from tests.unit.auditor.stored import SUBJECTS, Held, put


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


def _digest(*subjects: str, part: bool = False) -> Any:
    return SimpleNamespace(run=SimpleNamespace(is_part=part), ids=set(map(SubjectId, subjects)), lines=())


@pytest.mark.parametrize(
    ("digests", "idle"),
    [
        ([_digest("a.vn")], True),
        ([_digest("a.vn", part=True)], False),
        ([_digest("a.vn"), _digest("b.vn")], False),
        ([_digest("a.vn"), _digest("b.vn", part=True)], True),
    ],
    ids=["whole", "part", "another-inventory", "part-of-another"],
)
def test_a_waiver_is_idle_where_no_whole_run_has_a_subject_of_it(digests: list[Any], idle: bool) -> None:
    lines = [WaiverLine(row=_row("b.vn", None), state="in_force", kept=None)]
    assert [line.idle for line in marked(lines, digests)] == [idle]


def test_a_trial_of_another_inventory_tells_nothing_of_waivers(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        put(store, Held(name="province", title="tinh"))
        put(store, Held(name="trial", title="thu", days=1, subjects=SUBJECTS[:1]))
        site = make_app(Config(), store, secure=False)[SITE]
        for subject in SUBJECTS[1:3]:
            row = replace(_row(subject.id, None), until=date(2999, 1, 1))
            site.waivers.add(row, who="hoa", now=datetime.now(UTC))
        shown = latest(site)
        assert shown is not None
        assert shown.run.id == "trial"
        who = Account(key=1, name="hoa", role=Role.OPERATOR, agency=None, lang="vi", created=datetime.now(UTC))
        assert [line.idle for line in _lines(site, AccountView(who, shown, store))] == [False, False]
