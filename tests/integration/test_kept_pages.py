"""Tests that pages which are kept until anything is written show each reader their own, and no old state."""

import re
from datetime import UTC, datetime

import pytest

from auditor.service.accounts.model import Role
from auditor.service.scheduler.model import AuditRequest, Phase
from auditor.service.store.records import JudgementRecord, Sample, Series
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.background.comparing import Comparisons
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.site import SITE
from inventory.model import SubjectId
from tests.support import judged, past
from tests.support.serving import OTHER, Served
from tests.unit.auditor.service.store import examples

pytest_plugins = ("tests.support.pages",)
PATHS = ("/", "/problems", f"/runs/{judged.RUN}/agencies/{judged.AGENCY}", f"/runs/{judged.RUN}/changes", "/tslcd")


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    past.fill(store)
    return store


def secrets_in(text: str) -> set[str]:
    return set(re.findall(r'name="csrf" value="([^"]+)"', text))


@pytest.mark.parametrize("path", PATHS)
async def test_page_is_the_same_again_and_of_another_session_but_for_its_secret(served: Served, path: str) -> None:
    first, other = await served.as_("ba", Role.OPERATOR), served.browser()
    assert await other.log_in("ba", OTHER) == 303
    texts = [(await browser.get(path))[1] for browser in (first, first, other, other)]
    (own,), (again,), (others,), (others_again,) = map(secrets_in, texts)
    assert own == again != others == others_again
    assert len({text.replace(own, "").replace(others, "") for text in texts}) == 1
    assert len(served.app[SITE].frames._answered)


@pytest.mark.parametrize("path", PATHS)
async def test_page_of_another_account_is_never_shown(served: Served, path: str) -> None:
    await (await served.as_("ba", Role.OPERATOR)).get(path)
    bound = await served.as_("chỉ xem", Role.VIEWER, judged.AGENCY)
    text = (await bound.get(path))[1]
    assert "chỉ xem" in text
    assert judged.OTHER_NAME not in text
    assert text == (await bound.get(path))[1]


async def test_page_in_another_language_is_another(served: Served) -> None:
    browser = await served.as_("ba", Role.VIEWER)
    assert '<html lang="vi">' in (await browser.get("/problems"))[1]
    await browser.get("/language/en?to=/problems")
    assert '<html lang="en">' in (await browser.get("/problems"))[1]


async def test_page_shows_what_was_written_since(served: Served, store: SqlStore) -> None:
    browser = await served.as_("ba", Role.OPERATOR)
    before = (await browser.get("/problems"))[1]
    await browser.post("/problems/filters", {"name": "của tôi", "query": "severity=high", "csrf": await browser.csrf()})
    after = (await browser.get("/problems"))[1]
    assert "của tôi" not in before
    assert "của tôi" in after


@pytest.mark.parametrize("path", PATHS)
async def test_page_is_kept_while_an_audit_measures(
    served: Served, store: SqlStore, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "auditor.service.web.rendering.render._SLOT", 10**10
    )  # otherwise the next slot may begin between the two requests
    browser = await served.as_("ba", Role.VIEWER)
    before = (await browser.get(path))[1]
    store.add_evidence([examples.evidence(of=judged.RUN)])
    with monkeypatch.context() as nothing_else:
        nothing_else.setattr("auditor.service.web.caches.frames.FrameCache.page", None)
        assert (await browser.get(path))[1] == before


async def test_page_of_samples_shows_those_that_came_since(served: Served, store: SqlStore) -> None:
    browser, asked = await served.as_("ba", Role.VIEWER), served.app[SITE].digests.last_sampled
    await browser.get("/tslcd")
    assert not asked()
    series, when = Series(subject=SubjectId("x"), metric="reach", vantage="local", family=6), datetime.now(UTC)
    store.add_round([(series, Sample(time=when, value=1.0))])
    assert asked() == {"local": when}


async def test_overview_shows_operators_how_far_an_audit_is(served: Served) -> None:
    operator, jobs = await served.as_("ba", Role.OPERATOR), served.app[SITE].jobs
    await operator.get("/")
    job = jobs.start(AuditRequest(inventory="Toàn tỉnh"), "lan", "::1")
    jobs.take(job.id)
    for measured in (3, 5):
        jobs.tell(job.id, phase=Phase.MEASURING.value, planned=8, measured=measured)
        assert f"{measured}/8" in (await operator.get("/"))[1]


async def test_page_whose_comparison_is_not_ready_is_not_kept(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_yet(*_: object) -> bool:
        return False

    ready = Comparisons.ready

    async def in_the_end(
        comparisons: Comparisons, before: JudgementRecord, after: JudgementSummary, _: float = 0.0
    ) -> bool:
        return await ready(comparisons, before, after)  # without a limit: the machine of the test may be busy

    browser = await served.as_("ba", Role.VIEWER)
    monkeypatch.setattr(Comparisons, "ready", not_yet)
    assert "đang được so sánh" in (await browser.get("/"))[1]
    monkeypatch.setattr(Comparisons, "ready", in_the_end)
    assert "đang được so sánh" not in (await browser.get("/"))[1]
