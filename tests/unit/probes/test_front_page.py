"""Tests which front pages are fetched, and where redirects are followed."""

from dataclasses import replace

import pytest

from probes.framework.tasks import WebTarget
from probes.front_page import REDIRECTS, SCHEMES, front_page
from probes.net.api import HttpRequest
from probes.observations.pages import FrontPage
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.page_tasks import endpoint, recorder


async def fronts(net: FakeNet, host: str | None = "www.vn") -> list[FrontPage]:
    rec = recorder()
    await front_page(endpoint(host=host, port=None), net, rec)
    return [step for step in rec.steps if isinstance(step, FrontPage)]


async def test_six_front_doors_are_knocked_at_once() -> None:
    found = await fronts(FakeNet())
    assert {one.port for one in found} == set(SCHEMES)
    assert {one.url for one in found} >= {"http://www.vn/", "https://www.vn/", "https://www.vn:10443/"}
    assert len(found) == len(SCHEMES)
    assert "https://[2001:db8::80]:8443/" in {one.url for one in await fronts(FakeNet(), host=None)}


async def test_a_page_that_is_asked_for_anyway_is_not_asked_for_again() -> None:
    rec = recorder()
    task = replace(endpoint(port=None), web=WebTarget(ports=frozenset({80, 443, 8080, 8443})))
    await front_page(task, FakeNet(), rec)
    assert {step.port for step in rec.steps if isinstance(step, FrontPage)} == {4443, 10443}


async def test_front_page_is_asked_for_where_the_page_to_test_is_another() -> None:
    rec = recorder()
    web = WebTarget(page_url="https://www.vn/app/", ports=frozenset({80, 443}))
    await front_page(replace(endpoint(port=None), web=web), FakeNet(), rec)
    assert {step.port for step in rec.steps if isinstance(step, FrontPage)} == {443, 4443, 8080, 8443, 10443}


@pytest.mark.parametrize(
    ("location", "asked"),
    [("{origin}/login", 2), ("https://other.vn/login", 1), ("https://www.vn:1/", 1), ("//[", 1), ("{origin}/", 1)],
)
async def test_redirects_are_followed_on_the_same_port_only(location: str, asked: int) -> None:
    def pages(request: HttpRequest) -> tuple[int, str | None]:
        origin = request.url.rstrip("/")
        return (302, location.format(origin=origin)) if request.hop == 0 else (200, None)

    found = await fronts(FakeNet(pages=pages))
    assert {sum(one.port == port for one in found) for port in SCHEMES} == {asked}


async def test_redirects_end() -> None:
    found = await fronts(FakeNet(pages=lambda request: (302, f"{request.url}x")))
    assert len(found) == len(SCHEMES) * (REDIRECTS + 1)


async def test_redirect_on_the_same_port_is_asked_whatever_the_port() -> None:
    found = await fronts(
        FakeNet(pages=lambda request: (302, f"{request.url}login") if request.hop == 0 else (200, None))
    )
    assert {one.port for one in found if one.hop == 1 and one.failure is None} == set(SCHEMES)
