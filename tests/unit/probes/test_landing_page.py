"""Tests that three kinds of visitors get the landing page."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from probes.framework.tasks import WebTarget
from probes.landing_page import HEADERS, TOKENS, landing_page
from probes.net.api import HttpRequest
from probes.observations.dns import NameLookup
from probes.observations.pages import Copy, LandingPage, PageParts
from probes.page_parts import page_parts
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.page_tasks import FOUR, NAMES, SIX, group, recorder


@pytest.mark.parametrize("probe", [page_parts, landing_page])
async def test_page_probes_start_at_the_page_that_the_inventory_names(probe: Callable[..., Awaitable[None]]) -> None:
    rec = recorder()
    await probe(replace(group(SIX), web=WebTarget(page_url="https://www.vn/app/?x=1")), FakeNet(names=NAMES), rec)
    pages = [step for step in rec.steps if isinstance(step, PageParts | LandingPage)]
    assert {step.url for step in pages} == {"https://www.vn/app/?x=1"}


async def test_a_landing_page_is_got_as_three_kinds_of_visitors_and_told_apart() -> None:
    html = '<title>A</title><p>Tin</p><a href="https://b.net/">B</a><script src="https://js.gone.vn/a.js"></script>'
    crawled = html + '<a href="https://bet.net/">nha cai</a>'
    asked: list[HttpRequest] = []

    def pages(request: HttpRequest) -> tuple[int, str | None]:
        asked.append(request)
        return (200, None)

    rec, net = recorder(), FakeNet(names=NAMES, pages=pages, html=html, copies={Copy.CRAWLER: crawled})
    await landing_page(group(FOUR, SIX), net, rec)
    plain, crawler, referred = [step for step in rec.steps if isinstance(step, LandingPage)]
    assert {str(step.address) for step in (plain, crawler, referred)} == {"192.0.2.80"}
    assert [link.host for link in plain.links] == ["b.net"]
    assert [link.host for link in crawler.links] == ["bet.net"]
    assert (referred.links, referred.text, referred.taken) == ((), "", ())
    assert [request.token for request in asked] == ["", TOKENS[Copy.CRAWLER], ""]
    assert asked[2].extra == HEADERS[Copy.REFERRED]
    assert (plain.worth_confirming, crawler.worth_confirming) == (False, True)
    looked = {step.name for step in rec.steps if isinstance(step, NameLookup)}
    assert looked >= {"js.gone.vn"}


async def test_a_landing_page_over_http_that_leads_to_https_is_left_to_that() -> None:
    net = FakeNet(names=NAMES, pages=lambda request: (301, "https://www.vn/"))
    rec = recorder()
    await landing_page(group(FOUR, name="http"), net, rec)
    assert len(rec.steps) == 1


async def test_a_landing_page_that_only_sends_browsers_on_is_followed_by_each_visitor() -> None:
    rec, net = recorder(), FakeNet(names=NAMES, html="<title>A</title>", jumps={"https://www.vn/": "/vi"})
    await landing_page(group(FOUR), net, rec)
    seen = [(step.copy, step.url, step.leads_to, step.title) for step in rec.steps if isinstance(step, LandingPage)]
    assert seen == [
        (copy, *page)
        for copy in (Copy.PLAIN, Copy.CRAWLER, Copy.REFERRED)
        for page in (("https://www.vn/", "https://www.vn/vi", ""), ("https://www.vn/vi", None, "A"))
    ]


async def test_a_landing_page_over_http_whose_page_leads_to_https_is_left_to_that() -> None:
    rec = recorder()
    await landing_page(group(FOUR, name="http"), FakeNet(names=NAMES, jumps={"http://www.vn/": "https://www.vn/"}), rec)
    assert len(rec.steps) == 1
