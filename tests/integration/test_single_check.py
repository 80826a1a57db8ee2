"""Tests the check of one host from the pages: only of an inventory, added to the latest run, by operators."""

import asyncio
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.framework import catalogue
from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs import rechecks
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.pages.audits import single_check
from auditor.service.web.site import SITE, Site
from inventory.loader import load_sent
from probes.framework.evidence import RunId
from tests.support import judged, kept
from tests.support.serving import Browser, Served

pytest_plugins = ("tests.support.pages",)

AGAIN = RunId("20260303T013000Z-cccccc")


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    kept.keep(store)
    return store


async def ask(browser: Browser, target: str, **more: str) -> int:
    return (await browser.post("/check", {"csrf": await browser.csrf(), "target": target, **more}))[0]


@pytest.mark.parametrize(
    "target", [judged.OURS, judged.OURS.upper(), f"https://{judged.OURS}:443/a?b", f"{judged.OURS}."]
)
async def test_what_stands_in_an_inventory_is_checked_beside_the_latest_run(served: Served, target: str) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert await ask(operator, target) == 303
    (job,) = served.app[SITE].jobs.latest(5)
    assert (job.wanted.inventory, job.wanted.subjects, job.wanted.amends, job.wanted.profile, job.who) == (
        kept.INVENTORY,
        (judged.OURS,),
        judged.RUN,
        "quick",
        "vận hành",
    )


@pytest.mark.parametrize(
    "target", ["evil.example", "127.0.0.1", "::1", "http://[::1", "https://", "", " ", f"x.{judged.OURS}", "*"]
)
async def test_nothing_else_is(served: Served, target: str) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert await ask(operator, target) == 422
    assert served.app[SITE].jobs.latest(5) == []


async def test_twice_is_once_and_viewers_may_not(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert [await ask(operator, judged.OURS), await ask(operator, judged.OURS)] == [303, 422]
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert [(await viewer.get("/check"))[0], await ask(viewer, judged.OURS)] == [403, 403]


async def test_a_recheck_is_told_and_changes_nothing(served: Served, store: SqlStore) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    page = f"/runs/{judged.RUN}/subjects/{judged.OURS}"
    before = (await viewer.get(page))[1]
    known, now = catalogue.load(), judged.NOW + timedelta(days=1)
    loaded = load_sent([("a.csv", judged.ROWS.encode())])
    made = plan(loaded.inventory, Config(), known, profile="quick", name="", now=now, run=AGAIN)
    start_run(replace(made, amends=judged.RUN), store, now)
    store.finish_run(AGAIN, now)
    evaluate(AGAIN, store, known, now=now)
    after = (await viewer.get(page))[1]
    assert f"/runs/{AGAIN}/subjects/{judged.OURS}" in after
    assert re.sub(rf"<p>[^\n]*?{AGAIN}.*?</p>", "", after) == before
    assert judged.RUN in (await viewer.get(f"/runs/{AGAIN}"))[1]
    assert judged.RUN in (await viewer.get("/"))[1]


async def again(browser: Browser, target: str) -> int:
    return (await browser.post("/recheck", {"csrf": await browser.csrf(), "target": target}))[0]


async def test_an_agency_s_viewer_has_its_own_subjects_checked_again_within_the_quota(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    page = f"/runs/{judged.RUN}/subjects/{judged.OURS}"
    assert 'action="/recheck"' in (await viewer.get(page))[1]
    assert [await again(viewer, target) for target in (judged.THEIRS, "none.vn", judged.OURS)] == [403, 403, 303]
    (job,) = served.app[SITE].jobs.latest(5)
    assert (job.wanted.subjects, job.wanted.amends, job.who) == ((judged.OURS,), judged.RUN, "y tế")
    text = (await viewer.get(page))[1]
    assert ("Đã yêu cầu kiểm tra lại" in text, 'action="/recheck"' in text) == (True, False)
    object.__setattr__(served.app[SITE].config.serve, "rechecks_per_day", 1)  # an operator may set this limit
    assert await again(viewer, judged.OURS) == 422


async def test_rechecks_asked_for_at_once_are_no_more_than_there_are_left(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``_recheck`` does not check the agency: its caller checks before that the subject belongs to the viewer."""
    viewer = served.add("y tế", Role.VIEWER, judged.AGENCY)
    site, count = served.app[SITE], rechecks.rechecks_left
    digest = latest(site)
    assert digest is not None
    view = AccountView(viewer, digest, site.store)
    object.__setattr__(site.config.serve, "rechecks_per_day", 1)

    def slowly(site: Site, who: str) -> int:
        left = count(site, who)
        time.sleep(0.3)
        return left

    monkeypatch.setattr(single_check, "rechecks_left", slowly)
    asked = [
        asyncio.to_thread(single_check._recheck, site, view, target, viewer.name, "::1")
        for target in (judged.OURS, judged.THEIRS)
    ]
    ends = await asyncio.gather(*asked, return_exceptions=True)
    assert [getattr(end, "code", None) for end in ends if end is not None] == ["NO_RECHECKS_LEFT"]
    assert len(site.jobs.latest(5)) == 1


async def test_viewers_of_the_whole_ask_for_no_checks(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    assert await again(viewer, judged.OURS) == 403
    assert 'action="/recheck"' not in (await viewer.get(f"/runs/{judged.RUN}/subjects/{judged.OURS}"))[1]
