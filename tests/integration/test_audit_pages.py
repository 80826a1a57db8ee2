"""Tests that browsers request, watch and cancel audits, and list, start and pause schedules. Nothing is measured."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, JobState, Phase
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from inventory.model import SubjectId
from tests.architecture.tree import ROOT
from tests.support.serving import Browser, Served, serving
from tests.unit.auditor.service.store.examples import RUN, run

pytest_plugins = ("tests.support.pages",)

INVENTORY = str(ROOT / "docs/examples/danh-muc.xlsx")
"""An existing file: an audit of a missing file is refused."""
CONFIG = Config.model_validate({"schedule": {"đêm": {"cron": "0 1 * * *", "inventory": INVENTORY}}})
FORM = {"inventory": INVENTORY, "profile": "quick", "clearance": "passive", "name": "<b>thử</b>"}
POSTS = ("/audits", "/audits/1/cancel", "/schedules/đêm/start", "/schedules/đêm/pause")


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    async with serving(store, CONFIG) as made:
        yield made


@pytest.fixture
def jobs(served: Served) -> JobQueue:
    return served.app[SITE].jobs


async def send(browser: Browser, path: str, **fields: str) -> tuple[int, str]:
    status, text, headers = await browser.post(path, {**fields, "csrf": await browser.csrf()})
    return status, headers.get("Location", "") or text


async def test_an_operator_starts_an_audit(served: Served, jobs: JobQueue) -> None:
    operator = await served.as_("lan", Role.OPERATOR)
    assert await send(operator, "/audits", **FORM) == (303, "/audits/1")
    (job,) = jobs.open_jobs()
    assert (job.who, job.wanted.inventory, job.wanted.profile) == ("lan", INVENTORY, "quick")
    _, text, _ = await operator.get("/audits/1")
    assert "&lt;b&gt;thử&lt;/b&gt;" in text
    assert "đang chờ đến lượt" in text
    status, said = await send(operator, "/audits", **FORM)
    assert (status, "hàng chờ" in said) == (422, True)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"inventory": "/etc/passwd"}, 422), ({"profile": "x"}, 422), ({"clearance": "x"}, 400), ({"inventory": ""}, 422)],
)
async def test_what_is_not_offered_is_not_taken(
    served: Served, jobs: JobQueue, changed: dict[str, str], status: int
) -> None:
    operator = await served.as_("lan", Role.OPERATOR)
    assert (await send(operator, "/audits", **{**FORM, **changed}))[0] == status
    assert jobs.latest() == []


SEVERAL = {
    "vantage": {"name": "trung-tam", "networks": ["internet"]},
    "vantages": {"<i>hub": {"networks": ["tslcd"]}, "đảo": {"networks": ["internet"]}},
    "schedule": {
        "đêm": {"cron": "0 1 * * *", "inventory": INVENTORY, "vantages": ["trung-tam", "<i>hub"], "deadline_hours": 6}
    },
}


@pytest.fixture
async def several(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    async with serving(store, Config.model_validate(SEVERAL)) as made:
        yield made


async def chosen(browser: Browser, *vantages: str, hours: str = "6") -> tuple[int, str]:
    fields = [*FORM.items(), ("hours", hours), *(("vantage", name) for name in vantages)]
    status, text, headers = await browser.post("/audits", [*fields, ("csrf", await browser.csrf())])
    return status, headers.get("Location", "") or text


async def test_audits_form_offers_the_vantages_and_orders_a_round(several: Served) -> None:
    operator, jobs = await several.as_("lan", Role.OPERATOR), several.app[SITE].jobs
    _, text, _ = await operator.get("/audits")
    assert "&lt;i&gt;hub: máy đo từ xa (tslcd), chưa từng liên lạc" in text
    assert text.count('name="vantage"') == 3
    assert await chosen(operator, "<i>hub", "trung-tam") == (303, "/audits/1")
    (job,) = jobs.open_jobs()
    assert (job.wanted.vantages, job.wanted.hours) == (("trung-tam", "<i>hub"), 6.0)
    _, text, _ = await operator.get("/audits/1")
    assert "trung-tam, &lt;i&gt;hub" in text
    assert "6 giờ" in text


async def test_audits_form_says_when_a_worker_was_last_in_contact(several: Served, store: SqlStore) -> None:
    operator, leases = await several.as_("lan", Role.OPERATOR), several.app[SITE].leases
    store.create_run(run())
    leases.defer(RUN, "đảo", [SubjectId("a")])
    assert leases.lease("đảo", "w") is not None
    _, text, _ = await operator.get("/audits")
    assert "đảo: máy đo từ xa (internet), liên lạc gần nhất" in text


async def test_audits_form_with_our_own_vantage_only_makes_no_round(several: Served) -> None:
    operator = await several.as_("lan", Role.OPERATOR)
    assert (await chosen(operator, "trung-tam"))[0] == 303
    (job,) = several.app[SITE].jobs.open_jobs()
    assert (job.wanted.vantages, job.wanted.hours) == ((), 24.0)


@pytest.mark.parametrize(
    ("vantages", "hours", "status", "text"),
    [
        ((), "6", 422, "Chọn ít nhất một điểm đo."),
        (("đảo",), "0", 422, "từ 1 đến 720"),
        (("đảo",), "721", 422, "từ 1 đến 720"),
        (("đảo",), "x", 422, "từ 1 đến 720"),
        (("đảo", "elsewhere"), "6", 400, ""),
    ],
)
async def test_audits_form_refuses_vantages_and_hours_that_are_not_offered(
    several: Served, vantages: tuple[str, ...], hours: str, status: int, text: str
) -> None:
    operator = await several.as_("lan", Role.OPERATOR)
    answered, page = await chosen(operator, *vantages, hours=hours)
    assert answered == status
    assert text in page
    assert several.app[SITE].jobs.latest() == []


async def test_audits_form_without_other_vantages_offers_none(served: Served) -> None:
    operator = await served.as_("lan", Role.OPERATOR)
    _, text, _ = await operator.get("/audits")
    assert 'name="vantage"' not in text
    assert 'name="hours"' not in text


async def test_centre_without_a_vantage_of_its_own_orders_from_its_workers_only(store: SqlStore, cheap: None) -> None:
    schedule = {"đêm": {"cron": "0 1 * * *", "inventory": INVENTORY}}
    config = Config.model_validate({"vantages": SEVERAL["vantages"], "schedule": schedule})
    async with serving(store, config) as served:
        operator, jobs = await served.as_("lan", Role.OPERATOR), served.app[SITE].jobs
        _, text, _ = await operator.get("/audits")
        assert text.count('name="vantage"') == 2
        assert (await chosen(operator, "local"))[0] == 400
        assert (await send(operator, "/schedules/đêm/start"))[0] == 303
        (job,) = jobs.latest(schedule="đêm")
        assert job.wanted.vantages == ("<i>hub", "đảo")


async def test_schedules_page_names_vantages_and_waiting_time(several: Served) -> None:
    operator = await several.as_("lan", Role.OPERATOR)
    _, text, _ = await operator.get("/schedules")
    assert "trung-tam, &lt;i&gt;hub" in text
    assert "6 giờ" in text
    assert await send(operator, "/schedules/đêm/start") == (303, "/audits/1")
    (job,) = several.app[SITE].jobs.latest(schedule="đêm")
    assert job.wanted.vantages == ("trung-tam", "<i>hub")


@pytest.mark.parametrize("agency", [None, "SYT"])
async def test_a_viewer_neither_sees_nor_sends_any_of_it(served: Served, jobs: JobQueue, agency: str | None) -> None:
    jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    viewer = await served.as_("y tế", Role.VIEWER, agency)
    for path in ("/audits", "/audits/1", "/audits/1/events", "/schedules"):
        assert (await viewer.get(path))[0] == 403, path
    for path in POSTS:
        assert (await send(viewer, path, **FORM))[0] == 403, path
    (job,) = jobs.latest()
    assert job.cancelled_by == ""
    assert "/audits" not in (await viewer.get("/checks"))[1]


@pytest.mark.parametrize("path", POSTS)
async def test_no_form_is_taken_without_its_secret(served: Served, jobs: JobQueue, path: str) -> None:
    jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    operator = await served.as_("minh", Role.OPERATOR)
    assert (await operator.post(path, FORM))[0] == 400
    assert len(jobs.latest()) == 1
    assert jobs.standings() == {}


async def test_cancelling_says_who(served: Served, jobs: JobQueue) -> None:
    job = jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    jobs.take(job.id)
    operator = await served.as_("minh", Role.OPERATOR)
    for _ in range(2):
        assert await send(operator, "/audits/1/cancel") == (303, "/audits/1")
    assert jobs.job(job.id).cancelled_by == "minh"
    _, text, _ = await operator.get("/audits/1")
    assert "đang hủy" in text
    assert 'action="/audits/1/cancel"' not in text
    deeds = [deed.what for deed in served.app[SITE].accounts.deeds()]
    assert deeds.count("run_cancelled") == 1


async def test_progress_is_told_as_it_goes_and_ends(served: Served, jobs: JobQueue) -> None:
    job = jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    jobs.take(job.id)
    operator = await served.as_("minh", Role.OPERATOR)
    seen: list[str] = []
    async with operator.session.get(f"{served.base}/audits/1/events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        async for line in answer.content:
            seen.append(line.decode())
            if "đang lập kế hoạch" in seen[-1]:
                await asyncio.to_thread(lambda: jobs.tell(job.id, phase=Phase.MEASURING.value, planned=8, measured=3))
            if "3/8" in seen[-1]:
                await asyncio.to_thread(jobs.end, job.id, JobState.FAILED, {"vi": "<i>hỏng</i>", "en": "broken"})
    text = "".join(seen)
    assert text.index("đang đo") < text.index("không thực hiện được")
    assert "&lt;i&gt;hỏng&lt;/i&gt;" in text
    assert text.endswith("event: done\ndata: \n\n")
    assert all(line.startswith(("event: ", "data: ", ":")) or line == "\n" for line in seen)


async def test_a_page_without_script_loads_itself_again_until_the_end(served: Served, jobs: JobQueue) -> None:
    job = jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    operator = await served.as_("minh", Role.OPERATOR)
    assert '<noscript><meta http-equiv="refresh"' in (await operator.get("/audits/1"))[1]
    jobs.cancel(job.id, "minh", "::1")
    _, text, _ = await operator.get("/audits/1")
    assert "refresh" not in text
    assert "<script" not in text


async def test_the_end_of_the_service_ends_what_is_watched(served: Served, jobs: JobQueue) -> None:
    jobs.start(AuditRequest(inventory=INVENTORY), "lan", "::1")
    operator = await served.as_("minh", Role.OPERATOR)
    async with operator.session.get(f"{served.base}/audits/1/events") as answer:
        assert await answer.content.readline() == b"event: progress\n"
        served.app[SITE].ending.set()
        async with asyncio.timeout(300):
            await answer.read()


@pytest.mark.parametrize("ends", ["disabled", "logout", "role"])
async def test_the_end_of_the_session_ends_what_is_watched(served: Served, jobs: JobQueue, ends: str) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    await send(operator, "/audits", **FORM)
    access, csrf = served.app[SITE].accounts, await operator.csrf()
    async with operator.session.get(f"{served.base}/audits/1/events") as answer:
        await answer.content.readuntil(b"\n\n")
        if ends == "logout":
            await operator.post("/logout", {"csrf": csrf})
        elif ends == "disabled":
            access.change(served.admin(), "::1", "vận hành", disabled=True)
        else:
            access.change(served.admin(), "::1", "vận hành", role=Role.VIEWER)
        async with asyncio.timeout(300):
            assert b"event: " not in await answer.content.read()


@pytest.mark.parametrize("path", ["/audits/0", "/audits/x", "/audits/99999999999999999999", "/audits/-1", "/audits/²"])
async def test_a_number_that_is_none_is_not_found(served: Served, path: str) -> None:
    operator = await served.as_("lan", Role.OPERATOR)
    assert (await operator.get(path))[0] == 404
    assert (await operator.get(f"{path}/events"))[0] == 404


async def test_schedules_are_seen_begun_and_paused(served: Served, jobs: JobQueue) -> None:
    operator = await served.as_("lan", Role.OPERATOR)
    _, text, _ = await operator.get("/schedules")
    assert "hằng ngày, lúc 01:00" in text
    assert "Các lần tới" in text
    assert await send(operator, "/schedules/đêm/start") == (303, "/audits/1")
    (job,) = jobs.latest(schedule="đêm")
    assert job.who == "lan"
    assert await send(operator, "/schedules/đêm/pause", paused="1") == (303, "/schedules")
    _, text, _ = await operator.get("/schedules")
    assert "lan đã tạm dừng" in text
    assert "Các lần tới" not in text
    assert await send(operator, "/schedules/đêm/pause", paused="0") == (303, "/schedules")
    assert not jobs.standings()["đêm"].paused
    assert (await send(operator, "/schedules/none/start"))[0] == 404
    deeds = [deed.what for deed in served.app[SITE].accounts.deeds()]
    assert {"schedule_paused", "schedule_resumed", "run_started"} <= set(deeds)
