"""Tests which hosts of a page are looked up and dialled, and how many at most."""

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.observations.dns import NameLookup
from probes.observations.pages import PageParts
from probes.observations.transport import TcpConnect
from probes.page_parts import HOSTS, page_parts
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.page_tasks import FOUR, NAMES, SIX, SIX2, WALL, group, recorder, walled


async def test_page_parts_behind_a_cookie_wall_are_read() -> None:
    net = FakeNet(names=NAMES, html='<script src="//cdn.net/a.js"></script>', pages=walled, headers=WALL)
    rec = await parts("", SIX, net=net)
    assert [step.status for step in rec.steps if isinstance(step, PageParts)] == [302, 200]
    assert "cdn.net" in {step.name for step in rec.steps if isinstance(step, NameLookup)}


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
    assert [str(page.address) for page in pages] == ["2001:db8::80"]
    assert {(part.kind.value, part.host, part.port) for part in pages[0].parts} == {
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


async def test_parts_are_those_of_the_page_that_browsers_are_sent_on_to() -> None:
    html = '<script src="//cdn.net/a.js"></script>'
    rec = await parts("", SIX, net=FakeNet(names=NAMES, html=html, jumps={"https://www.vn/": "https://tinh.vn/"}))
    pages = [step for step in rec.steps if isinstance(step, PageParts)]
    assert [(page.url, page.leads_to, len(page.parts)) for page in pages] == [
        ("https://www.vn/", "https://tinh.vn/", 0),
        ("https://tinh.vn/", None, 1),
    ]
