"""Tests that a chain of redirects ends, stays in its family and sends each host's cookies only to that host."""

from ipaddress import ip_address

from probes.framework.recorder import Recorder
from probes.framework.redirects import REDIRECTS, HopPlace, RedirectWalk
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet

HERE = ip_address("2001:db8::80")
NAMES = FakeNames(records={("elsewhere.vn", "A"): ("192.0.2.90",), ("elsewhere.vn", "AAAA"): ("2001:db8::90",)})


def walk() -> RedirectWalk:
    start = HopPlace("https://www.vn/", "www.vn", 443, (HERE,))
    return RedirectWalk(FakeNet(names=NAMES), Recorder(lambda: 0.0), start)


async def test_walk_ends_after_the_last_redirect_that_is_followed() -> None:
    chain, asked = walk(), 0
    while chain.enters() is not None:
        asked += 1
        await chain.follow(HERE, f"https://www.vn/{asked}", f"https://www.vn/{asked}", ())
    assert asked == REDIRECTS + 1


async def test_walk_asks_no_place_twice() -> None:
    chain = walk()
    assert chain.enters() is not None
    await chain.follow(HERE, "https://www.vn/", "https://www.vn/", ())
    assert chain.enters() is None


async def test_request_says_why_and_carries_the_cookies_of_its_host_alone() -> None:
    chain = walk()
    assert chain.enters() is not None
    await chain.follow(HERE, "https://www.vn/a", "https://www.vn/a", (("Set-Cookie", "a=1"),))
    second = chain.enters()
    assert second is not None
    asked = chain.request(second, HERE)
    assert (asked.hop, asked.because, asked.extra) == (1, "redirect from https://www.vn/", (("Cookie", "a=1"),))
    await chain.follow(HERE, None, "https://elsewhere.vn/", ())
    third = chain.enters()
    assert third is not None
    assert third.addresses == (ip_address("2001:db8::90"),)
    asked = chain.request(third, third.addresses[0])
    assert (asked.because, asked.extra) == ("page at https://www.vn/a that only sends browsers on", ())
