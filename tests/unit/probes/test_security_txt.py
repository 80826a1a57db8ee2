"""Tests the places where ``security.txt`` is looked for, one family at a time."""

from probes.net.api import HttpRequest, Net
from probes.observations.pages import SecurityTxt
from probes.observations.web import HttpExchange
from probes.security_txt import security_txt
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.page_tasks import NAMES, WALL, endpoint, recorder, walled


async def files(net: FakeNet) -> list[SecurityTxt]:
    rec, seam = recorder(), net
    checked: Net = seam
    await security_txt(endpoint(), checked, rec)
    assert not any(isinstance(step, HttpExchange) for step in rec.steps)  # none of these is a visit of the site
    return [step for step in rec.steps if isinstance(step, SecurityTxt)]


async def test_the_legacy_place_only_where_the_other_is_empty() -> None:
    there = await files(FakeNet())
    assert [(security_txt.url, security_txt.legacy) for security_txt in there] == [
        ("https://www.vn/.well-known/security.txt", False)
    ]
    both = await files(FakeNet(pages=lambda request: (404, None)))
    assert [security_txt.url for security_txt in both] == [
        "https://www.vn/.well-known/security.txt",
        "https://www.vn/security.txt",
    ]
    assert [security_txt.legacy for security_txt in both] == [False, True]
    assert len(await files(FakeNet(pages=lambda request: (500, None)))) == 1
    assert len(await files(FakeNet(pages=lambda request: None))) == 1


async def test_a_redirect_to_the_province_is_followed_in_the_family() -> None:
    def pages(request: HttpRequest) -> tuple[int, str | None]:
        return (301, "https://tinh.vn/security.txt") if request.hop == 0 else (200, None)

    _, second = await files(FakeNet(names=NAMES, pages=pages))
    assert (second.url, str(second.address), second.hop) == ("https://tinh.vn/security.txt", "2001:db8::90", 1)
    loop = await files(FakeNet(names=NAMES, pages=lambda request: (301, f"https://www.vn/{request.hop}")))
    assert len(loop) == 9


async def test_security_txt_behind_a_cookie_wall_is_read() -> None:
    first, second = await files(FakeNet(pages=walled, headers=WALL))
    assert [(security_txt.status, security_txt.url) for security_txt in (first, second)] == [
        (302, first.url),
        (200, first.url),
    ]
