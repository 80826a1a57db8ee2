"""What the probes of other places of a site ask: well-known paths alone, one family at a time, and never too much."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, Service
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, GroupTask, WebTarget
from probes.front_page import REDIRECTS, SCHEMES, front_page
from probes.landing_page import HEADERS, TOKENS, landing_page
from probes.net.api import HttpRequest, Net
from probes.observations.dns import NameLookup
from probes.observations.pages import Copy, FrontPage, LandingPage, PageParts, PairedConnects, SecurityTxt
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from probes.page_parts import HOSTS, page_parts
from probes.paired_connects import PAIRS, paired_connects
from probes.security_txt import security_txt
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet

SIX, SIX2, FOUR = ip_address("2001:db8::80"), ip_address("2001:db8::81"), ip_address("192.0.2.80")
HTTPS = Service(name="https", port=443)
NAMES = FakeNames(
    records={
        ("tinh.vn", "AAAA"): ("2001:db8::90",),
        ("tinh.vn", "A"): ("192.0.2.90",),
        ("cdn.net", "AAAA"): ("2001:db8:c::1", "2001:db8:c::2", "2001:db8:c::3"),
        ("old.net", "A"): ("192.0.2.99",),
    }
)


def endpoint(*, host: str | None = "www.vn", port: int | None = 443) -> EndpointTask:
    return EndpointTask(endpoint=Endpoint(address=SIX, port=port, name=host), host=host, service=HTTPS)


def group(*addresses: object, name: str = "https") -> GroupTask:
    port = {"https": 443, "http": 80}[name]
    ends = tuple(Endpoint(address=one, port=port, name="www.vn") for one in addresses)  # type: ignore[arg-type]
    return GroupTask(endpoints=ends, host="www.vn", service=Service(name=name, port=port))


def recorder() -> Recorder:
    return Recorder(lambda: 0.0)


async def files(net: FakeNet) -> list[SecurityTxt]:
    rec, seam = recorder(), net
    checked: Net = seam
    await security_txt(endpoint(), checked, rec)
    assert not any(isinstance(step, HttpExchange) for step in rec.steps)  # none of these is a visit of the site
    return [step for step in rec.steps if isinstance(step, SecurityTxt)]


async def test_the_legacy_place_only_where_the_other_is_empty() -> None:
    there = await files(FakeNet())
    assert [(one.url, one.legacy) for one in there] == [("https://www.vn/.well-known/security.txt", False)]
    both = await files(FakeNet(pages=lambda request: (404, None)))
    assert [one.url for one in both] == ["https://www.vn/.well-known/security.txt", "https://www.vn/security.txt"]
    assert [one.legacy for one in both] == [False, True]
    assert len(await files(FakeNet(pages=lambda request: (500, None)))) == 1
    assert len(await files(FakeNet(pages=lambda request: None))) == 1


async def test_a_redirect_to_the_province_is_followed_in_the_family() -> None:
    def pages(request: HttpRequest) -> tuple[int, str | None]:
        return (301, "https://tinh.vn/security.txt") if request.hop == 0 else (200, None)

    _, second = await files(FakeNet(names=NAMES, pages=pages))
    assert (second.url, str(second.address), second.hop) == ("https://tinh.vn/security.txt", "2001:db8::90", 1)
    loop = await files(FakeNet(names=NAMES, pages=lambda request: (301, f"https://www.vn/{request.hop}")))
    assert len(loop) == 9


WALL = (("Set-Cookie", "wall=1; Path=/"),)


def walled(request: HttpRequest) -> tuple[int, str | None]:
    """A front end that lets nobody through without the cookie of its first answer."""
    return (200, None) if ("Cookie", "wall=1") in request.extra else (302, request.url)


async def test_security_txt_behind_a_cookie_wall_is_read() -> None:
    first, second = await files(FakeNet(pages=walled, headers=WALL))
    assert [(one.status, one.url) for one in (first, second)] == [(302, first.url), (200, first.url)]


async def test_page_parts_behind_a_cookie_wall_are_read() -> None:
    net = FakeNet(names=NAMES, html='<script src="//cdn.net/a.js"></script>', pages=walled, headers=WALL)
    rec = await parts("", SIX, net=net)
    assert [one.status for one in rec.steps if isinstance(one, PageParts)] == [302, 200]
    assert "cdn.net" in {one.name for one in rec.steps if isinstance(one, NameLookup)}


async def parts(html: str, *addresses: object, net: FakeNet | None = None, name: str = "https") -> Recorder:
    rec = recorder()
    await page_parts(group(*addresses, name=name), net or FakeNet(names=NAMES, html=html), rec)
    return rec


async def test_hosts_of_parts_are_looked_up_and_dialled_over_ipv6_alone() -> None:
    html = (
        '<script src="https://cdn.net/a.js"></script><img src="/x.png"><img src="//old.net:8080/y.png">'
        '<img src="http://192.0.2.5/z.png"><a href="https://never.vn/">x</a>'
    )
    rec = await parts(html, FOUR, SIX, SIX2)
    pages = [step for step in rec.steps if isinstance(step, PageParts)]
    assert [str(one.address) for one in pages] == ["2001:db8::80"]
    assert {(one.kind.value, one.host, one.port) for one in pages[0].parts} == {
        ("script", "cdn.net", 443),
        ("image", "www.vn", 443),
        ("image", "old.net", 8080),
        ("image", "192.0.2.5", 80),
    }
    looked = [(step.name, step.rtype) for step in rec.steps if isinstance(step, NameLookup)]
    assert looked == [("cdn.net", "A"), ("cdn.net", "AAAA"), ("old.net", "A"), ("old.net", "AAAA")]
    dialled = [str(step.address) for step in rec.steps if isinstance(step, TcpConnect)]
    assert dialled == ["2001:db8:c::1", "2001:db8:c::2"]


class _Silent(FakeNet):
    """Nobody answers a connect."""

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        failure = Failure(kind=FailureKind.TIMEOUT)
        return rec.record(TcpConnect(address=endpoint.address, port=endpoint.port or 0, failure=failure), t0=rec.now())


async def test_a_silent_host_of_parts_is_dialled_once_more() -> None:
    html = '<script src="https://cdn.net/a.js"></script>'
    rec = await parts(html, SIX, net=_Silent(names=NAMES, html=html))
    dialled = [str(step.address) for step in rec.steps if isinstance(step, TcpConnect)]
    assert dialled == ["2001:db8:c::1"] * 2 + ["2001:db8:c::2"] * 2


async def test_style_sheets_of_the_page_are_read_others_are_not() -> None:
    html = '<link rel="stylesheet" href="/a.css"><link rel="stylesheet" href="https://cdn.net/b.css">'
    rec = await parts(html, SIX)
    urls = [step.url for step in rec.steps if isinstance(step, PageParts)]
    assert urls == ["https://www.vn/", "https://www.vn/a.css"]


async def test_a_crowd_of_hosts_is_bounded() -> None:
    html = "".join(f'<img src="//h{number}.net/">' for number in range(400))
    rec = await parts(html, SIX)
    assert len([step for step in rec.steps if isinstance(step, NameLookup)]) == 2 * HOSTS


async def test_without_ipv6_there_is_no_question() -> None:
    assert (await parts("", FOUR)).steps == ()


async def test_plain_http_that_leads_to_https_is_left_to_it() -> None:
    net = FakeNet(names=NAMES, pages=lambda request: (301, "https://www.vn/"))
    rec = await parts("", SIX, net=net, name="http")
    assert len(rec.steps) == 1


async def test_the_next_address_is_asked_where_one_shows_nothing() -> None:
    net = FakeNet(pages=lambda request: None if request.endpoint.address == SIX else (200, None))
    rec = await parts("", SIX, SIX2, net=net)
    assert [str(step.address) for step in rec.steps if isinstance(step, PageParts)] == [str(SIX), str(SIX2)]


async def test_pairs_take_turns() -> None:
    rec = recorder()
    await paired_connects(group(FOUR, SIX, SIX2), FakeNet(), rec)
    (step,) = rec.steps
    assert isinstance(step, PairedConnects)
    assert len(step.pairs) == PAIRS
    assert {str(one.address6) for one in step.pairs} == {str(SIX), str(SIX2)}
    assert {one.seconds6 for one in step.pairs} == {0.0}


async def test_pairs_are_timed_by_the_kernel_where_it_can_tell() -> None:
    class Late(FakeNet):
        async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
            step = TcpConnect(address=endpoint.address, port=443, rtt=0.002 if endpoint.address == SIX else None)
            return rec.record(step, t0=rec.now() - 0.5)

    rec = recorder()
    await paired_connects(group(FOUR, SIX), Late(), rec)
    (step,) = rec.steps
    assert isinstance(step, PairedConnects)
    assert {one.seconds6 for one in step.pairs} == {0.002}
    assert all(one.seconds4 is not None and one.seconds4 >= 0.5 for one in step.pairs)


async def test_one_family_alone_is_no_pair() -> None:
    rec = recorder()
    await paired_connects(group(SIX), FakeNet(), rec)
    assert rec.steps == ()


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


@pytest.mark.parametrize("probe", [page_parts, landing_page])
async def test_page_probes_start_at_the_page_that_the_inventory_names(probe: Callable[..., Awaitable[None]]) -> None:
    rec = recorder()
    await probe(replace(group(SIX), web=WebTarget(page_url="https://www.vn/app/?x=1")), FakeNet(names=NAMES), rec)
    pages = [step for step in rec.steps if isinstance(step, PageParts | LandingPage)]
    assert {step.url for step in pages} == {"https://www.vn/app/?x=1"}


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
