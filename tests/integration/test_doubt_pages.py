"""Tests that a doubtful run is marked on its page, the overview and the list, and its repeat is shown on both."""

from datetime import timedelta

import pytest

from auditor.figures.comparison import Credibility
from auditor.framework.findings import CheckId
from auditor.service.accounts.model import Role
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest
from auditor.service.store.records import Doubt
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support.serving import Browser, Served
from tests.unit.auditor.service.scheduler.doubts import AREA, CHECK, MANY, held

pytest_plugins = ("tests.support.pages",)

BEFORE, DOUBTED, REPEAT = RunId("r1"), RunId("r2"), RunId("r3")
PAGES = (
    f"/runs/{DOUBTED}",
    f"/runs/{DOUBTED}/changes",
    f"/runs/{DOUBTED}/agencies/S1",
    f"/runs/{DOUBTED}/subjects/w00.tinh.vn",
)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    held(store, BEFORE, 0, days=0)
    held(store, DOUBTED, MANY, days=1)
    return store


def doubt(store: SqlStore, jobs: JobQueue) -> None:
    began = store.run(DOUBTED).started
    job = jobs.start(AuditRequest(inventory="tinh"), "lan", "::1")
    jobs.take(job.id)
    jobs.tell(job.id, run=DOUBTED)
    jobs.doubt(job.id, Doubt(base=BEFORE, areas=(AREA,), since=began + timedelta(hours=2)))


async def says(browser: Browser, path: str, *texts: str) -> list[str]:
    """Return the texts that the page lacks."""
    status, text, _ = await browser.get(path)
    assert status == 200
    return [other_text for other_text in texts if other_text not in text]


async def test_a_doubtful_run_is_marked_wherever_it_is_shown(served: Served, store: SqlStore) -> None:
    viewer, marked = await served.as_("cả tỉnh", Role.VIEWER), "trước hết phải nghi ngờ điểm đo"
    assert await says(viewer, "/", marked) == [marked]
    doubt(store, served.app[SITE].jobs)
    for path in ("/", *PAGES):
        assert await says(viewer, path, marked, "chưa thông báo cho ai") == []
    assert await says(viewer, "/runs", "chưa đáng tin, chờ chạy lại") == []


async def test_an_operator_sees_why_there_is_another_audit(served: Served, store: SqlStore) -> None:
    doubt(store, served.app[SITE].jobs)
    operator = await served.as_("lan", Role.OPERATOR)
    assert await says(operator, "/audits/2", "do nghi ngờ đợt kiểm tra r2") == []


@pytest.mark.parametrize(
    ("state", "of_doubted", "of_repeat"),
    [
        (Credibility.REAL, "thay đổi là có thật", "thay đổi là có thật"),
        (Credibility.VANTAGE, "Không dùng làm căn cứ", "những thay đổi của đợt kiểm tra đó là do điểm đo"),
        (Credibility.UNSETTLED, "chưa có đợt kiểm tra lại nào kết luận", "chưa kết luận được"),
    ],
)
async def test_what_the_repeat_said_stands_on_both(
    served: Served, store: SqlStore, state: Credibility, of_doubted: str, of_repeat: str
) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    doubt(store, served.app[SITE].jobs)
    held(store, REPEAT, MANY, days=2, repeats=DOUBTED)
    assert await says(viewer, f"/runs/{REPEAT}", "Đang so sánh") == []
    served.app[SITE].jobs.settle_doubt(DOUBTED, state, REPEAT)
    for path in PAGES:
        assert await says(viewer, path, of_doubted, f'href="/runs/{REPEAT}"') == []
    for path in ("/", f"/runs/{REPEAT}"):
        assert await says(viewer, path, of_repeat, f'href="/runs/{DOUBTED}"') == []


async def test_programs_are_told(served: Served, store: SqlStore) -> None:
    doubt(store, served.app[SITE].jobs)
    program = served.program(served.admin())
    _, found, _ = await program.get("/api/v1/runs")
    said = {one["id"]: one["doubt"] for one in found["items"]}
    assert said[BEFORE] is None
    assert (said[DOUBTED]["state"], said[DOUBTED]["base"], said[DOUBTED]["areas"]) == ("waiting", BEFORE, [AREA])
    _, jobs, _ = await program.get("/api/v1/jobs")
    assert [job["repeats"] for job in jobs["active"]] == [None, DOUBTED]


async def test_what_the_vantage_broke_is_in_no_history_of_defects(served: Served, store: SqlStore) -> None:
    viewer, jobs = await served.as_("cả tỉnh", Role.VIEWER), served.app[SITE].jobs
    held(store, REPEAT, 0, days=2, repeats=DOUBTED)
    title = Texts("vi").problem(CheckId(CHECK), "MISSING")
    assert await says(viewer, "/subjects/w00.tinh.vn", title) == []
    doubt(store, jobs)
    jobs.settle_doubt(DOUBTED, Credibility.VANTAGE, REPEAT)
    assert await says(viewer, "/subjects/w00.tinh.vn", title, "thay đổi do điểm đo") == [title]


async def test_no_month_s_state_is_made_of_it(served: Served, store: SqlStore) -> None:
    viewer, jobs = await served.as_("cả tỉnh", Role.VIEWER), served.app[SITE].jobs
    held(store, REPEAT, MANY, days=40, repeats=DOUBTED)
    judgement = store.latest_judgement(REPEAT)
    assert judgement is not None
    (finding,) = store.findings(judgement.id, SubjectId("w00.tinh.vn"))
    path, since = f"/runs/{REPEAT}/findings/{finding.id}/w00.tinh.vn", Texts("vi").day(store.run(DOUBTED).started)

    async def first() -> bool:
        """True if the page gives the doubtful run as the first one with the finding."""
        _, text, _ = await viewer.get(path)
        return f"lần đầu ngày {since}" in text

    assert await first()
    doubt(store, jobs)
    jobs.settle_doubt(DOUBTED, Credibility.VANTAGE, REPEAT)
    assert not await first()
