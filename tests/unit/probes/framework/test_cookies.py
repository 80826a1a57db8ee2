"""Cookies live within one chain, are sent to their own host alone, and a test for them is followed once."""

import pytest

from probes.framework.cookies import COOKIES, Cookies, RedirectChain

HERE = "https://www.tinh-a.example/"


def test_cookies_are_sent_to_their_host_alone() -> None:
    cookies = Cookies()
    assert cookies.take(HERE, [("Set-Cookie", "a=1; Path=/; Domain=tinh-a.example"), ("set-cookie", " b=2 ;HttpOnly")])
    assert cookies.sent_to(HERE + "vi") == (("Cookie", "a=1; b=2"),)
    assert cookies.sent_to("https://tinh-a.example/") == ()


def test_cookies_with_secure_are_not_sent_over_plain_http() -> None:
    cookies = Cookies()
    cookies.take(HERE, [("Set-Cookie", "a=1; Secure"), ("Set-Cookie", "b=2")])
    assert cookies.sent_to("http://www.tinh-a.example/") == (("Cookie", "b=2"),)


@pytest.mark.parametrize("age", ["0", "-1", "00"])
def test_cookies_that_are_deleted_are_gone(age: str) -> None:
    cookies = Cookies()
    cookies.take(HERE, [("Set-Cookie", "a=1")])
    cookies.take(HERE, [("Set-Cookie", f"a=; Max-Age={age}")])
    assert cookies.sent_to(HERE) == ()


@pytest.mark.parametrize("hostile", ["a", "=b", "a=1\r\nX: y", "a=\x00", "a=" + "x" * 5_000])
def test_cookies_that_no_browser_takes_are_not_sent(hostile: str) -> None:
    cookies = Cookies()
    assert cookies.take(HERE, [("Set-Cookie", hostile)])
    assert cookies.sent_to(HERE) == ()


def test_cookies_are_bounded() -> None:
    cookies = Cookies()
    cookies.take(HERE, [("Set-Cookie", f"n{number}=1") for number in range(100)])
    assert cookies.sent_to(HERE)[0][1].count("=") == COOKIES


def test_chain_asks_once_more_where_a_cookie_is_tested_and_then_no_more() -> None:
    chain = RedirectChain()
    assert chain.enters(HERE)
    chain.answered(HERE, HERE, [("Set-Cookie", "a=1")])
    assert chain.enters(HERE)
    chain.answered(HERE, HERE, [("Set-Cookie", "a=2")])
    assert not chain.enters(HERE)


def test_chain_asks_nothing_twice_without_a_cookie() -> None:
    chain = RedirectChain()
    assert chain.enters(HERE)
    chain.answered(HERE, HERE, [])
    assert not chain.enters(HERE)


def test_chain_comes_back_once_with_other_cookies() -> None:
    """A log-in on another host may redirect visitors back without logging them in."""
    chain, there = RedirectChain(), "https://sso.example/"
    assert chain.enters(HERE)
    chain.answered(HERE, there, [("Set-Cookie", "asked=1")])
    assert chain.enters(there)
    chain.answered(there, HERE, [])
    assert chain.enters(HERE)
    chain.answered(HERE, there, [("Set-Cookie", "asked=2")])
    assert not chain.enters(there)
    assert not chain.enters(HERE)
