"""Tests that schedules are added, changed and deleted in the pages; those of the configuration stay unchanged."""

from collections.abc import AsyncIterator

import pytest

from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support.serving import Browser, Served, serving

pytest_plugins = ("tests.support.pages",)
FORM = {
    "name": "Toàn tỉnh",
    "inventory": "tinh.csv",
    "profile": "quick",
    "often": "monthly",
    "day": "5",
    "weekday": "mon",
    "time": "02:30",
    "cron": "",
}
CONFIG = Config.model_validate({"schedule": {"fixed": {"cron": "0 1 1 * *", "inventory": "tinh.csv"}}})


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    async with serving(store, CONFIG) as made:
        yield made


async def sent(browser: Browser, path: str = "/schedules", **fields: str) -> tuple[int, str]:
    status, html, _ = await browser.post(path, {**FORM, "csrf": await browser.csrf(), **fields})
    return status, html


def expressions(served: Served) -> dict[str, str]:
    return {schedule.name: schedule.table.cron.expression for schedule in served.app[SITE].schedules}


async def test_schedule_is_made_changed_and_deleted(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    assert (await sent(browser))[0] == 303
    assert expressions(served) == {"Toàn tỉnh": "30 2 5 * *", "fixed": "0 1 1 * *"}
    html = (await browser.get("/schedules"))[1]
    assert html.count("giờ Việt Nam (UTC+7)") == 3  # for both schedules, and beside the form's field
    assert "Asia/Ho_Chi_Minh" not in html
    assert "hằng tháng, ngày 5, lúc 02:30" in html
    form = (await browser.get("/schedules?edit=To%C3%A0n%20t%E1%BB%89nh"))[1]
    assert 'name="name" value="Toàn tỉnh"' in form
    assert '<option value="monthly" selected>' in form
    await sent(browser, often="weekly", weekday="fri")
    assert expressions(served)["Toàn tỉnh"] == "30 2 * * fri"
    assert (await sent(browser, "/schedules/To%C3%A0n%20t%E1%BB%89nh/delete"))[0] == 303
    assert expressions(served) == {"fixed": "0 1 1 * *"}
    deeds = [deed.what for deed in served.app[SITE].accounts.deeds()]
    assert (deeds.count("schedule_kept"), deeds.count("schedule_deleted")) == (2, 1)


async def test_schedule_of_experts_is_a_cron_expression(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    await sent(browser, cron="0 3 * * mon-fri")
    assert expressions(served)["Toàn tỉnh"] == "0 3 * * mon-fri"
    assert "<code>0 3 * * mon-fri</code>" in (await browser.get("/schedules"))[1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "fixed"}, "tệp cấu hình"),
        ({"name": "../x"}, "chữ cái"),
        ({"inventory": "khác"}, "danh mục"),
        ({"profile": "x"}, 'class="problem"'),
        ({"time": "x"}, "giờ bắt đầu"),
        ({"day": "31"}, "1 đến 28"),
        ({"cron": "x"}, "cron"),
    ],
)
async def test_schedule_that_cannot_be_kept_says_why(served: Served, fields: dict[str, str], words: str) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    status, html = await sent(browser, **fields)
    assert (status, words in html) == (422, True)
    assert expressions(served) == {"fixed": "0 1 1 * *"}


async def test_schedule_of_an_inventory_that_does_not_exist_starts_no_audit(store: SqlStore, cheap: None) -> None:
    config = Config.model_validate({"schedule": {"fixed": {"cron": "0 1 1 * *", "inventory": "không-có.csv"}}})
    async with serving(store, config) as served:
        browser = await served.as_("vận hành", Role.OPERATOR)
        status, html = await sent(browser, "/schedules/fixed/start")
        assert (status, "danh mục" in html) == (422, True)
        assert not served.app[SITE].jobs.latest(1)


async def test_schedule_of_configuration_is_not_deleted(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    assert (await sent(browser, "/schedules/fixed/delete"))[0] == 403


async def test_viewers_make_no_schedules(served: Served) -> None:
    browser = await served.as_("xem", Role.VIEWER)
    assert (await sent(browser))[0] == 403
