"""Tests that the probe ``http`` asks for the page and then each redirect, always in the family it started with."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, Service
from inventory.sources.adhoc import parse_target
from probes.framework.expand import expand, settle
from probes.framework.recorder import Recorder
from probes.framework.redirects import REDIRECTS
from probes.framework.tasks import EndpointTask
from probes.http import http
from probes.net.api import HttpRequest
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import QuicInitial
from probes.observations.web import HttpExchange, TlsHandshake
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.framework.examples import evidence
from tests.unit.probes.web_tasks import SIX, task

FOUR = ip_address("192.0.2.80")
ELSEWHERE = FakeNames(
    records={
        ("sso.vn", "A"): ("192.0.2.90",),
        ("sso.vn", "AAAA"): ("2001:db8::90", "2001:db8::91", "2001:db8::92", "2001:db8::93"),
        ("old.vn", "A"): ("192.0.2.99",),
    }
)


async def fetched(net: FakeNet, wanted: EndpointTask) -> list[HttpExchange]:
    rec = Recorder(lambda: 0.0)
    await http(wanted, net, rec)
    return [step for step in rec.steps if isinstance(step, HttpExchange)]


def leads(*places: str) -> FakeNet:
    """Redirect to each place in turn; the last one is a page."""

    def pages(request: HttpRequest) -> tuple[int, str | None]:
        return (301, places[request.hop]) if request.hop < len(places) else (200, None)

    return FakeNet(names=ELSEWHERE, pages=pages)


@pytest.mark.parametrize(
    ("wanted", "url"),
    [
        (task(80), "http://www.vn/"),
        (task(443), "https://www.vn/"),
        (task(8080), "http://www.vn:8080/"),
        (task(8443), "https://www.vn:8443/"),
        (task(4443, service="https"), "https://www.vn:4443/"),
        (task(443, service="own"), "https://www.vn/"),
        (task(80, page="http://www.vn/a?b=c"), "http://www.vn/a?b=c"),
        (task(443, page="https://www.vn/page"), "https://www.vn/page"),
        (task(443, page="http://www.vn/page"), "https://www.vn/page"),
        (task(80, page="https://www.vn/page"), "http://www.vn/"),
        (task(8443, page="https://www.vn/page"), "https://www.vn:8443/"),
        (task(8443, page="https://www.vn:8443/trang chủ"), "https://www.vn:8443/trang%20ch%E1%BB%A7"),
        (task(443, page="https://other.vn/page"), "https://www.vn/"),
        (task(443, page="https://[broken/page"), "https://www.vn/"),
    ],
)
async def test_the_first_question(wanted: EndpointTask, url: str) -> None:
    (first,) = await fetched(FakeNet(), wanted)
    assert (first.url, first.address, first.port, first.hop, first.because) == (url, SIX, wanted.endpoint.port, 0, None)


async def test_the_handshake_of_the_first_connection_is_kept() -> None:
    """The handshake of a redirect's target shows nothing of this address."""
    rec = Recorder(lambda: 0.0)
    await http(task(443), leads("https://www.vn/start"), rec)
    assert [type(step) for step in rec.steps] == [TlsHandshake, HttpExchange, HttpExchange]
    rec = Recorder(lambda: 0.0)
    await http(task(80), leads("https://www.vn/start"), rec)
    assert [type(step) for step in rec.steps] == [HttpExchange, HttpExchange]


async def test_an_address_without_a_name() -> None:
    endpoint = Endpoint(address=SIX, port=80)
    (first,) = await fetched(FakeNet(), EndpointTask(endpoint=endpoint, service=Service(name="http", port=80)))
    assert first.url == "http://[2001:db8::80]/"


async def test_to_the_same_host_means_to_the_same_address() -> None:
    first, second = await fetched(leads("https://www.vn/start#top"), task(80))
    assert (second.url, second.address, second.port, second.hop) == ("https://www.vn/start", SIX, 443, 1)
    assert second.because == "redirect from http://www.vn/"
    assert first.because is None


async def test_a_page_that_only_sends_browsers_on_is_followed_as_a_redirect() -> None:
    net = FakeNet(names=ELSEWHERE, jumps={"https://www.vn/": "/start", "https://www.vn/start": "https://sso.vn/"})
    first, second, third = await fetched(net, task(443))
    assert (first.location, first.leads_to, first.onward) == (None, "https://www.vn/start", "https://www.vn/start")
    assert (second.url, second.address, second.hop) == ("https://www.vn/start", SIX, 1)
    assert second.because == "page at https://www.vn/ that only sends browsers on"
    assert (third.url, str(third.address), third.leads_to) == ("https://sso.vn/", "2001:db8::90", None)


async def test_a_page_that_leads_to_a_host_without_address_in_the_family_ends_it() -> None:
    net, rec = FakeNet(names=ELSEWHERE, jumps={"https://www.vn/": "https://old.vn/"}), Recorder(lambda: 0.0)
    await http(task(443), net, rec)
    (only,) = [step for step in rec.steps if isinstance(step, HttpExchange)]
    assert only.leads_to == "https://old.vn/"
    looked_up = [(step.name, step.rtype, step.role) for step in rec.steps if isinstance(step, NameLookup)]
    assert looked_up == [("old.vn", "A", "redirect"), ("old.vn", "AAAA", "redirect")]
    assert len(await fetched(net, task(443, address=FOUR))) == 2


async def test_pages_that_lead_to_each_other_are_asked_once() -> None:
    circle = {"https://www.vn/": "/index.html", "https://www.vn/index.html": "https://www.vn/"}
    assert [one.url for one in await fetched(FakeNet(jumps=circle), task(443))] == list(circle)


async def test_pages_that_lead_on_without_end_are_followed_as_often_as_redirects() -> None:
    jumps = {f"https://www.vn/{number or ''}": f"/{number + 1}" for number in range(REDIRECTS + 5)}
    assert len(await fetched(FakeNet(jumps=jumps), task(443))) == REDIRECTS + 1


@pytest.mark.parametrize(("address", "expected"), [(SIX, "2001:db8::90"), (FOUR, "192.0.2.90")])
async def test_to_another_host_in_the_same_family(address: object, expected: str) -> None:
    rec = Recorder(lambda: 0.0)
    await http(task(443, address=address), leads("https://sso.vn/login"), rec)
    exchanges = [step for step in rec.steps if isinstance(step, HttpExchange)]
    assert str(exchanges[1].address) == expected
    looked_up = [(step.name, step.rtype, step.role) for step in rec.steps if isinstance(step, NameLookup)]
    assert looked_up == [("sso.vn", "A", "redirect"), ("sso.vn", "AAAA", "redirect")]


@pytest.mark.parametrize(
    ("written", "asked"),
    [("tỉnh.vn", "xn--tnh-dlz.vn"), ("straße.vn", "xn--strae-oqa.vn"), ("a_b.ĐẮK.vn", "a_b.xn--k-kia068t.vn")],
)
async def test_internationalised_hosts_are_asked_for_by_their_a_label(written: str, asked: str) -> None:
    rec = Recorder(lambda: 0.0)
    await http(task(443), leads(f"https://{written}/"), rec)
    assert [step.name for step in rec.steps if isinstance(step, NameLookup)] == [asked] * 2


async def test_a_host_without_address_in_the_family_ends_it() -> None:
    assert len(await fetched(leads("https://old.vn/"), task(443))) == 1
    assert len(await fetched(leads("https://old.vn/"), task(443, address=FOUR))) == 2


async def test_up_to_three_addresses_of_a_host() -> None:
    def pages(request: HttpRequest) -> tuple[int, str | None] | None:
        if request.hop == 0:
            return 302, "https://sso.vn/"
        return None if str(request.endpoint.address) != "2001:db8::92" else (200, None)

    exchanges = await fetched(FakeNet(names=ELSEWHERE, pages=pages), task(443))
    assert [str(one.address) for one in exchanges] == [str(SIX), "2001:db8::90", "2001:db8::91", "2001:db8::92"]
    assert [one.status for one in exchanges] == [302, None, None, 200]


async def test_loops_end_where_they_close() -> None:
    exchanges = await fetched(leads("http://www.vn/b", "http://www.vn/", "http://www.vn/c"), task(80))
    assert [one.url for one in exchanges] == ["http://www.vn/", "http://www.vn/b"]
    assert exchanges[-1].location == "http://www.vn/"


async def test_who_comes_back_from_a_log_in_elsewhere_with_a_cookie_is_shown_the_page() -> None:
    """The log-in of many portals sends visitors back without a log-in (CAS calls it a gateway)."""

    def pages(request: HttpRequest) -> tuple[int, str | None]:
        if request.hop == 0:
            return 302, "https://sso.vn/login?gateway=true"
        return (302, "https://www.vn/") if "sso.vn" in request.url else (200, None)

    records = {**ELSEWHERE.records, ("www.vn", "AAAA"): ("2001:db8::7",)}
    net = FakeNet(names=FakeNames(records=records), pages=pages)
    net.headers = (("Set-Cookie", "asked=1"),)
    exchanges = await fetched(net, task(443))
    assert [(one.status, one.hop) for one in exchanges] == [(302, 0), (302, 1), (200, 2)]
    assert exchanges[-1].address == SIX


async def test_at_most_eight_redirects() -> None:
    exchanges = await fetched(leads(*(f"http://www.vn/{number}" for number in range(30))), task(80))
    assert len(exchanges) == REDIRECTS + 1


@pytest.mark.parametrize(
    "place", ["ftp://www.vn/", "javascript:alert(1)", "https://", "https://[x/", "https://www.vn:99999/", "//", ""]
)
async def test_places_where_nobody_can_go(place: str) -> None:
    assert len(await fetched(leads(place), task(80))) == 1


@pytest.mark.parametrize(("place", "hops"), [("http://[2001:db8::99]/", 2), ("http://192.0.2.99/", 1)])
async def test_literal_addresses(place: str, hops: int) -> None:
    exchanges = await fetched(leads(place), task(80))
    assert len(exchanges) == hops


async def knocked(wanted: EndpointTask, alt_svc: str) -> list[tuple[object, int]]:
    """Return the places where QUIC was tried for a site that announces HTTP/3 with its redirect."""
    rec = Recorder(lambda: 0.0)
    net = leads("https://www.vn/start")
    net.headers = (("Alt-Svc", alt_svc),)
    await http(wanted, net, rec)
    return [(step.address, step.port) for step in rec.steps if isinstance(step, QuicInitial)]


@pytest.mark.parametrize(
    ("wanted", "alt_svc", "port"),
    [
        (task(443), 'h3=":8443"; ma=86400', 8443),
        (task(443), 'h3=":8444", h3=":8443"', 8443),
        (task(443), 'h3="www.vn:8443"', 8443),
        (task(443), 'h3=":8443", h3=":443"', None),
        (task(8443), 'h3=":443"', 443),
        (task(443), 'h3="cdn.vn:8443"', None),
        (task(443), "clear", None),
        (task(80), 'h3=":8443"', None),
    ],
)
async def test_http_announced_port_of_http3_is_asked_once(wanted: EndpointTask, alt_svc: str, port: int | None) -> None:
    assert await knocked(wanted, alt_svc) == ([] if port is None else [(SIX, port)])


@pytest.mark.parametrize(
    ("target", "urls"),
    [
        ("https://www.vn/app/?id=1", ["https://www.vn/app/?id=1"]),
        ("https://www.vn:8443/app", ["https://www.vn:8443/app"]),
        ("https://[2001:db8::80]/app", ["https://[2001:db8::80]/app"]),
        ("https://www.vn/", ["https://www.vn/"]),
        ("https://www.vn/ban-do.PDF", ["https://www.vn/"]),
        ("www.vn", ["http://www.vn/", "https://www.vn/", "http://www.vn:8080/", "https://www.vn:8443/"]),
    ],
)
async def test_http_visits_the_page_of_a_target_named_on_the_command_line(target: str, urls: list[str]) -> None:
    look = NameLookup(name="www.vn", rtype="AAAA", role="host", status=LookupStatus.ANSWER, records=(str(SIX),))
    subject = parse_target(target)
    looked = [evidence(look)]
    tasks = [one for one in expand(settle(subject, looked), looked) if one.service is not None]
    assert [step.url for one in tasks for step in await fetched(FakeNet(), one)] == urls
