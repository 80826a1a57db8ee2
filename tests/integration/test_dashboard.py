"""Tests the overview: changes since the run before and needed actions, of the province or of the viewer's agency."""

import asyncio
import html
import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Never

import pytest

from auditor.figures.comparison import Comparison
from auditor.framework import catalogue
from auditor.service.accounts.model import Role
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import JudgementId, JudgementRecord
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.background.comparing import Comparisons
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries, JudgementSummary
from auditor.service.web.rendering.lists import PAGE
from auditor.service.web.site import SITE
from tests.support import judged, past
from tests.support.serving import Served, serving

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    return store


def tiles(text: str) -> dict[str, int]:
    found = re.findall(r'changes\?kind=(\w+)"><b>(\d+)</b>', text)
    return {kind: int(number) for kind, number in found if number != "0"}


def acting(text: str) -> list[str]:
    table = re.search(r"Cơ quan, đơn vị cần xử lý</h2>(.*?)<h2>", text, re.S)
    assert table is not None
    return re.findall(r'<th scope="row"><a href="[^"]*/agencies/([^"]+)"', table[1])


async def test_what_changed_and_who_must_act(served: Served, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.web.pages.results.results._PATIENCE", None)
    past.fill(store)
    everything = (await (await served.as_("cả tỉnh", Role.VIEWER)).get("/"))[1]
    assert tiles(everything) == {"new": 2, "fixed": 2}
    own = (await (await served.as_("y tế", Role.VIEWER, judged.AGENCY)).get("/"))[1]
    assert tiles(own) == {"new": 1, "fixed": 1}
    assert "<h1>Sở Y tế: " in own
    assert judged.OTHER_NAME not in own
    assert set(acting(own)) <= {judged.AGENCY}


async def test_agencies_with_failed_required_checks_stand_first(served: Served) -> None:
    text = (await (await served.as_("cả tỉnh", Role.VIEWER)).get("/"))[1]
    assert sorted(acting(text)) == sorted((judged.AGENCY, judged.OTHER))
    assert "kind=new" not in text


async def test_a_comparison_that_takes_long_is_told_and_keeps_nobody_waiting(
    served: Served, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.fill(store)

    async def not_yet(*_: object) -> bool:
        return False

    monkeypatch.setattr("auditor.service.web.background.comparing.Comparisons.ready", not_yet)
    status, text, _ = await (await served.as_("cả tỉnh", Role.VIEWER)).get("/")
    assert (status, "đang được so sánh" in text, tiles(text)) == (200, True, {})


async def test_nobody_but_the_first_waits_for_a_comparison_that_takes_long(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.fill(store)
    free, stock = threading.Event(), Inventories(store.database)
    digests = JudgementSummaries(store, catalogue.load(), store.database, stock)
    compared = digests.compared

    def slowly(before: JudgementSummary, after: JudgementSummary) -> Comparison:
        assert free.wait(600)
        return compared(before, after)

    monkeypatch.setattr(digests, "compared", slowly)
    comparisons, clock = Comparisons(digests), [0.0]
    monkeypatch.setattr("auditor.service.web.background.comparing.time", SimpleNamespace(monotonic=lambda: clock[0]))
    before, after = store.latest_judgement(past.RUN), store.latest_judgement(judged.RUN)
    assert before is not None
    assert after is not None
    assert not await comparisons.ready(before, digests.of(after), 0.0)
    clock[0] = 3_600.0
    async with asyncio.timeout(300):  # less than the hour that this call may wait
        assert not await comparisons.ready(before, digests.of(after), 3_600.0)
    free.set()
    assert await comparisons.ready(before, digests.of(after))


async def test_lists_and_figures_are_shown_without_reading_the_evidence_of_a_run(
    served: Served, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(stored_judgement(store.judgement(JudgementId("second")), store, catalogue.load()), store)

    def unread(*_: object) -> Never:
        raise AssertionError("all evidence was read")

    monkeypatch.setattr(SqlStore, "weighed_evidence", unread)
    everyone = await served.as_("cả tỉnh", Role.VIEWER)
    for path in ("/", f"/runs/{judged.RUN}/agencies/{judged.AGENCY}", "/tslcd", "/waivers"):
        assert (await everyone.get(path))[0] == 200, path


async def test_nobody_is_named_for_what_units_under_it_have_to_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = "UB-T,Ủy ban nhân dân tỉnh,,province,cong.tinh.example.vn,portal\n"
    head, *others = judged.ROWS.splitlines(keepends=True)
    under = [re.sub(r"^([^,]+,[^,]+),,", r"\1,UB-T,", text) for text in others]
    monkeypatch.setattr(judged, "ROWS", "".join((head, above, *under)))
    with open_sqlite(tmp_path / "b.db") as store:
        judged.fill(store)
        async with serving(store) as served:
            text = (await (await served.as_("cả tỉnh", Role.VIEWER)).get("/"))[1]
    assert "Ủy ban nhân dân tỉnh" in text
    assert sorted(acting(text)) == sorted((judged.AGENCY, judged.OTHER))


async def test_an_audit_that_failed_or_was_missed_is_told_operators_until_another_comes_after(served: Served) -> None:
    operator, viewer = await served.as_("lan", Role.OPERATOR), await served.as_("cả tỉnh", Role.VIEWER)
    jobs = served.app[SITE].jobs

    async def told() -> list[list[str]]:
        pages = [(await browser.get("/"))[1] for browser in (operator, viewer)]
        return [re.findall(r'class="problem"><a href="/audits/(\d+)"', text) for text in pages]

    def ended(state: JobState, subjects: tuple[str, ...] = ()) -> str:
        made = jobs.start(AuditRequest(inventory="Toàn tỉnh", subjects=subjects), "lan", "::1")
        jobs.take(made.id)
        jobs.end(made.id, state)
        return str(made.id)

    ended(JobState.FINISHED)
    assert await told() == [[], []]
    failed = ended(JobState.FAILED)
    assert await told() == [[failed], []]
    ended(JobState.FINISHED, subjects=("một",))  # an audit of one host is not one of the whole inventory
    jobs.start(AuditRequest(inventory="Toàn tỉnh"), "lan", "::1")
    assert await told() == [[failed], []]
    jobs.settle(
        "đêm", judged.NOW, judged.NOW, AuditRequest(inventory="Khác", schedule="đêm"), why={"vi": "lỡ", "en": "late"}
    )
    assert [len(one) for one in await told()] == [2, 0]
    (open_one,) = jobs.open_jobs()
    jobs.end(open_one.id, JobState.FINISHED)
    assert [len(one) for one in await told()] == [1, 0]


async def test_many_agencies_and_many_subjects_go_over_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = "".join(f"XA-{n:02},Xã {n:02},,commune,xa{n:02}.example.vn,portal\n" for n in range(PAGE))
    portals = "".join(f"{judged.AGENCY},,,,{n:02}.yte.example.vn,portal\n" for n in range(2 * PAGE))
    monkeypatch.setattr(judged, "ROWS", judged.ROWS + units + portals)
    with open_sqlite(tmp_path / "b.db") as store:
        judged.fill(store)
        async with serving(store) as served:
            everyone = await served.as_("cả tỉnh", Role.VIEWER)
            assert "Toàn bộ 52 cơ quan, đơn vị" in (await everyone.get("/"))[1]
            over = [(await everyone.get(f"/runs/{judged.RUN}/agencies?page={n}"))[1] for n in range(2)]
            found = re.findall(r"/agencies/([^\"]+)\"", "".join(over))
            assert (len(found), len(set(found))) == (52, 52)
            only = (await everyone.get(f"/runs/{judged.RUN}/agencies?q=xa%2017"))[1]
            assert re.findall(r"/agencies/([^\"]+)\"", only) == ["XA-17"]
            own = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
            for browser in (everyone, own):
                pages = [
                    (await browser.get(f"/runs/{judged.RUN}/agencies/{judged.AGENCY}?page={n}"))[1]
                    for n in (0, 1, 2, 9)
                ]
                subjects = [re.findall(r"/subjects/([^\"]+)\"", text) for text in pages]
                assert [len(subject) for subject in subjects] == [PAGE, PAGE, 1, 1]  # two full pages and one more
                assert len(set(subjects[0]) | set(subjects[1]) | set(subjects[2])) == 2 * PAGE + 1
            assert not re.findall(r"/agencies/XA", (await own.get(f"/runs/{judged.RUN}/agencies?q=xa"))[1])
            assert "XA-" not in (await own.get("/"))[1]


def test_who_asks_for_a_judgement_that_is_known_does_not_wait_for_another(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, free, made = threading.Event(), threading.Event(), JudgementSummaries._made

    def slowly(self: JudgementSummaries, record: JudgementRecord) -> JudgementSummary:
        if record.id == "second":
            begun.set()
            assert free.wait(600)
        return made(self, record)

    monkeypatch.setattr(JudgementSummaries, "_made", slowly)
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    first, second = (store.judgement(judgement.id) for judgement in store.judgements(judged.RUN))
    assert second.id == JudgementId("second")
    known = digests.of(first)
    other = threading.Thread(target=digests.of, args=(second,))
    asking = threading.Thread(target=digests.of, args=(first,), daemon=True)
    other.start()
    try:
        assert begun.wait(300)
        asking.start()
        asking.join(300)
        assert not asking.is_alive()
    finally:
        free.set()
        other.join()
    assert digests.of(first) is known


async def test_page_of_an_agency_begins_with_what_it_has_to_fix(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    body = (await viewer.get(f"/runs/{judged.RUN}/agencies/{judged.AGENCY}"))[1]
    said = re.search(r'<p class="state">Có (\d+) vấn đề cần khắc phục \(', body)
    assert said is not None
    linked = re.findall(r'<a href="([^"]*severity=\w+&amp;outcome=fail[^"]*)"><b>(\d+)</b>', body)
    assert sum(int(number) for _, number in linked) == int(said[1])
    assert body.index('class="state"') < body.index("<table")
    for link, number in linked:
        listed = (await viewer.get(html.unescape(link)))[1]
        assert re.search(rf"\b{number} vấn đề", listed), link
