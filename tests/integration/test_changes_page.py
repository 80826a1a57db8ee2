"""Tests the changes between two runs: grouped by agency and kind, and for an agency's viewer only its own."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from auditor.framework.policy import Policy, default
from auditor.framework.waivers import WaiverRow
from auditor.service.accounts.model import Role
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from probes.framework.codec import dump_frozen
from tests.support import judged, past
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)

PAGE = f"/runs/{judged.RUN}/changes"


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    return store


def told(text: str) -> list[tuple[str, str]]:
    """Return kind and subject of every change on the page."""
    found = re.findall(r'<article class="finding change-(\w+)">(.*?)</article>', text, re.S)
    return sorted((kind, re.findall(r"/subjects/([^\"]+)", one)[0]) for kind, one in found)


async def test_by_default_the_latest_run_and_the_one_before(served: Served, store: SqlStore) -> None:
    past.fill(store)
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    assert (await viewer.get("/changes"))[2]["Location"] == PAGE
    _, text, _ = await viewer.get(PAGE)
    every = [(kind, subject) for kind in ("fixed", "new") for subject in sorted((judged.OURS, judged.THEIRS))]
    assert told(text) == every
    assert judged.HOSTILE not in text
    assert told((await viewer.get(f"{PAGE}?kind=new"))[1]) == every[2:]
    assert told((await viewer.get(f"{PAGE}?agency={judged.AGENCY}"))[1]) == [
        ("fixed", judged.OURS),
        ("new", judged.OURS),
    ]
    assert told((await viewer.get(f"{PAGE}?kind=gone"))[1]) == []
    assert told((await viewer.get(f"{PAGE}?against={past.RUN}"))[1]) == every


async def test_an_agency_s_viewer_is_told_of_its_own(served: Served, store: SqlStore) -> None:
    past.fill(store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    for query in ("", f"?agency={judged.OTHER}", "?kind=new", "?kind=still_failing"):
        _, text, _ = await viewer.get(PAGE + query)
        assert judged.THEIRS not in text
        assert judged.OTHER_NAME not in text
    assert told((await viewer.get(PAGE))[1]) == [("fixed", judged.OURS), ("new", judged.OURS)]


async def test_what_was_another_s_before_is_newly_listed_and_says_nothing_of_then(
    served: Served, store: SqlStore
) -> None:
    judged.fill_earlier(store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    _, text, _ = await viewer.get(PAGE)
    assert told(text) == [("added", judged.OURS)]
    assert "Trước:" not in text


async def test_without_an_earlier_run_that_is_said(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await viewer.get(PAGE)
    assert (status, "Chưa có đợt kiểm tra" in text) == (200, True)
    assert (await viewer.get(f"{PAGE}?against=none"))[0] == 404


def _accepted(policy: Policy) -> Policy:
    row = WaiverRow(
        subject=SubjectId(judged.OURS), check="ipv6.web.aaaa", reason="đang thay", owner="lan", until=date(2099, 1, 1)
    )
    return replace(policy, waivers=(row,))


def _stricter(policy: Policy) -> Policy:
    return replace(policy, thresholds={**policy.thresholds, "a.check": {"warn_days": 1.0}})


@pytest.mark.parametrize(("changed", "told"), [(_accepted, False), (_stricter, True)])
async def test_only_a_changed_rule_is_called_another_policy(
    served: Served, store: SqlStore, changed: Callable[[Policy], Policy], told: bool
) -> None:
    past.fill(store)
    latest = store.latest_judgement(judged.RUN)
    assert latest is not None
    blob = store.put_blob(dump_frozen(changed(default())))
    again = replace(latest, id=JudgementId("third"), policy=blob, judged_at=latest.judged_at + timedelta(hours=1))
    store.add_judgement(again)
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    assert ("Chính sách đã khác" in (await viewer.get(PAGE))[1]) is told
