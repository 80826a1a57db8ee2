"""Tests that URLs in pages are fetched only at web ports or at ports that the inventory names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest

from inventory.model import Endpoint, IPAddress
from inventory.scope import Reach
from probes.framework.evidence import FailureKind, O
from probes.framework.look import LOOK, Look
from probes.framework.reach import within
from probes.framework.recorder import Recorder
from probes.net.api import Fetched, HttpRequest
from probes.net.http.page_reader import PageReader
from probes.net.http.requests import Pages
from probes.observations.pages import Copy, PageParts

V6 = ip_address("2001:db8::80")


async def _step(rec: Recorder, address: IPAddress, blank: O, run: Callable[[], Awaitable[O]], *, packets: int = 1) -> O:
    return rec.record(await run(), t0=0.0)


def _pages(asked: list[str]) -> Pages:
    async def fetch(request: HttpRequest) -> Fetched:
        asked.append(request.url)
        return Fetched(status=200)

    return Pages(_step, fetch, PageReader())


def _request(port: int, because: str | None) -> HttpRequest:
    url = f"http://www.vn:{port}/reboot?now=1"
    return HttpRequest(endpoint=Endpoint(address=V6, port=port), url=url, hop=1 if because else 0, because=because)


@pytest.mark.parametrize(
    ("port", "because", "ports", "sent"),
    [
        (8080, "redirect from http://www.vn/", (), True),
        (9200, "redirect from http://www.vn/", (), False),
        (25, "redirect from http://www.vn/", (443,), False),
        (9200, "redirect from http://www.vn/", (9200,), True),
        (9200, None, (), True),  # what the inventory or the command line asks for
    ],
)
async def test_a_redirect_to_an_odd_port_is_out_of_scope_and_not_asked(
    port: int, because: str | None, ports: tuple[int, ...], sent: bool
) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(port, because), Recorder(lambda: 0.0)
    with within(Reach(ports=frozenset(ports))):
        for got in (
            await pages.http(rec, request),
            await pages.front_page(rec, request),
            (await pages.security_txt(rec, request, legacy=False))[0],
            (await pages.page_parts(rec, request))[0],
        ):
            refused = got.failure is not None and got.failure.kind is FailureKind.OUT_OF_SCOPE
            assert refused is not sent
            assert got in rec.steps
    assert len(asked) == (4 if sent else 0)


@pytest.fixture
def look() -> Iterator[Look]:
    token = LOOK.set(look := Look())
    yield look
    LOOK.reset(token)


async def test_a_page_of_one_look_is_read_once(look: Look) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    await pages.http(rec, request)
    first, *_ = await pages.page_parts(rec, request)
    second, _ = await pages.landing_page(rec, request, Copy.PLAIN, None)
    assert len(asked) == 1
    assert [(one.status, one.reused) for one in (first, second)] == [(200, True), (200, True)]


async def test_a_page_wanted_by_several_at_once_is_read_once(look: Look) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(pages.page_parts(rec, request))
    assert len(asked) == 1
    assert [step.reused for step in rec.steps if isinstance(step, PageParts)] == [False, True, True]


async def test_each_visit_asks_for_itself(look: Look) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    await pages.http(rec, request)
    await pages.http(rec, request)
    assert len(asked) == 2


async def test_a_later_look_reads_anew(look: Look) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    await pages.page_parts(rec, request)
    LOOK.set(Look())
    got, *_ = await pages.page_parts(rec, request)
    assert (len(asked), got.reused) == (2, False)


@pytest.mark.parametrize("extra", [{"token": "crawler"}, {"extra": (("Cookie", "a=b"),)}, {"limit": 9}])
async def test_what_is_asked_otherwise_is_another_page(look: Look, extra: dict[str, Any]) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    await pages.page_parts(rec, request)
    await pages.page_parts(rec, replace(request, **extra))
    assert len(asked) == 2


async def test_without_a_look_every_probe_reads_for_itself() -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(80, None), Recorder(lambda: 0.0)
    await pages.page_parts(rec, request)
    await pages.page_parts(rec, request)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("status", "page", "place"),
    [
        (200, "location.protocol = 'https:'", "https://www.vn/x"),
        (200, "location = '/vi'", "http://www.vn/vi"),
        (403, "location.protocol = 'https:'", "https://www.vn/x"),
        (403, "location = '/vi'", None),
        (403, "location = 'https://sso.vn/'", None),
        (404, "location.protocol = 'https:'", None),
    ],
)
async def test_a_page_that_says_no_to_plain_http_leads_to_https_alone(
    status: int, page: str, place: str | None
) -> None:
    async def fetch(request: HttpRequest) -> Fetched:
        return Fetched(status=status, body=f"<script>{page}</script>".encode())

    request = HttpRequest(endpoint=Endpoint(address=V6, port=80), url="http://www.vn/x")
    got = await Pages(_step, fetch, PageReader()).http(Recorder(lambda: 0.0), request)
    assert got.leads_to == place
