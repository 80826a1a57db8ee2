"""Tests that each page of a service without a run names the next step, to accounts that can take it."""

import re

import pytest

from auditor.service.accounts.model import Role
from auditor.service.web.site import SITE
from tests.support import judged, kept
from tests.support.serving import Served

pytest_plugins = ("tests.support.pages",)

EMPTY = ("/", "/runs", "/changes", "/tslcd", "/frameworks")
LATEST = "/runs/latest"
"""The permanent address of the overview, which exists before the first run."""


@pytest.mark.parametrize("path", [*EMPTY, LATEST])
async def test_who_can_begin_is_told_how(served: Served, path: str) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    viewer = await served.as_("người xem", Role.VIEWER)
    first = 'href="/"' if path == "/runs" else 'action="/inventories/preview"'
    for browser, steps in ((operator, 1), (viewer, 0)):
        status, text, _ = await browser.get(path)
        content = text[text.index("<main") :]
        assert (status, "Chưa có đợt kiểm tra nào được đánh giá" in content) == (200, True)
        assert content.count(first) == steps
        links = set(re.findall(r'(?:action|href)="([^"]*)"', content)) - {"/guide"}  # the guide is linked for everybody
        assert bool(links) is bool(steps)


async def test_with_an_inventory_the_next_step_is_an_audit_and_then_its_progress(served: Served) -> None:
    kept.keep(served.app[SITE].store)
    operator = await served.as_("vận hành", Role.OPERATOR)
    text = (await operator.get("/"))[1]
    assert 'action="/inventories/preview"' not in text
    (form,) = re.findall(r'<form[^>]* action="/audits">(.*?)</form>', text, re.DOTALL)
    assert f'<option value="{kept.INVENTORY}">' in form
    wanted = {"inventory": kept.INVENTORY, "profile": "quick", "clearance": "normal"}
    assert (await operator.post("/audits", {"csrf": await operator.csrf(), **wanted}))[0] == 303
    text = (await operator.get("/"))[1]
    assert 'href="/audits/1"' in text
    assert 'action="/audits"' not in text, "it is started already"


async def test_each_has_its_own_heading(served: Served) -> None:
    viewer = await served.as_("người xem", Role.VIEWER)
    headings = [re.findall(r"<h1>(.*?)</h1>", (await viewer.get(path))[1]) for path in EMPTY]
    assert len({one for (one,) in headings}) == len(EMPTY)


async def test_where_an_audit_or_a_schedule_is_missing_it_says_what_makes_one(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert '<a href="/inventories">Nhập danh mục</a>' in (await operator.get("/audits"))[1]
    text = (await operator.get("/schedules"))[1]
    assert "Chưa có lịch kiểm tra nào" in text
    assert 'href="/inventories">' in text.partition('id="edit"')[2]


@pytest.mark.parametrize(
    ("path", "current"), [("/", "/"), ("/checks", "/checks"), ("/checks/ipv6.web.aaaa", "/checks")]
)
async def test_the_menu_says_where_one_is(served: Served, path: str, current: str) -> None:
    text = (await (await served.as_("người xem", Role.VIEWER)).get(path))[1]
    assert re.findall(r'<a href="([^"]+)" aria-current', text) == [current]


async def test_an_agency_s_viewer_is_told_of_the_agency_and_of_nothing_to_add(served: Served) -> None:
    judged.fill(served.app[SITE].store)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert "Có 1 vấn đề cần khắc phục" in (await viewer.get("/"))[1]
    assert "1/1" not in (await viewer.get("/"))[1].partition('class="state"')[2].partition("</p>")[0]
    points = (await viewer.get("/tslcd"))[1].partition("<main")[2]
    assert "của bạn không có điểm kết nối TSLCD nào" in points
    assert "Hãy thêm" not in points
