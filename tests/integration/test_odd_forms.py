"""Tests forms that no browser sends: they are refused without a line in the log, and no other client waits."""

import logging
import time
from collections.abc import Iterator

import pytest

from tests.support.serving import Browser, Served

pytest_plugins = ("tests.support.pages",)

URLENCODED = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
SLOW = b"9" * 60_000
"""Digits of which Punycode takes time that grows with the square of the length (0.4 s)."""


def part(content: bytes, head: str = "", name: str = "; name=csrf") -> bytes:
    return f"--x\r\nContent-Disposition: form-data{name}\r\n{head}\r\n".encode() + content + b"\r\n"


ODD = {
    "bytes that are no UTF-8": (URLENCODED, b"csrf=\xff"),
    "a codec of Python's that is slow": (f"{URLENCODED}; charset=punycode", SLOW),
    "a codec that nobody has": (f"{URLENCODED}; charset=none-such", b"csrf=x"),
    "a codec that makes no text": (f"{URLENCODED}; charset=zlib", b"csrf=x"),
    "no boundary": ("multipart/form-data", b"x"),
    "another boundary": (PARTS, b"--y\r\n\r\nx\r\n--y--\r\n"),
    "a part without a name": (PARTS, part(b"x", name="") + b"--x--\r\n"),
    "a part that is no UTF-8": (PARTS, part(b"\xff") + b"--x--\r\n"),
    "a header of a part that is none": (PARTS, b"--x\r\nno header\r\n\r\nx\r\n--x--\r\n"),
    "a coding that nobody has": (PARTS, part(b"x", "Content-Transfer-Encoding: none-such\r\n") + b"--x--\r\n"),
    "Base64 that is none": (PARTS, part(b"x", "Content-Transfer-Encoding: base64\r\n") + b"--x--\r\n"),
}
SLOW_PARTS = {
    "a part in a slow codec": part(SLOW, "Content-Type: text/plain; charset=punycode\r\n") + b"--x--\r\n",
    "a form that names a slow codec": part(b"punycode", name="; name=_charset_") + part(SLOW) + b"--x--\r\n",
}


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> Iterator[list[logging.LogRecord]]:
    yield caplog.records
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


async def send(browser: Browser, kind: str, body: bytes) -> int:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    async with browser.session.post(browser.base + "/login", data=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("what", ODD)
@pytest.mark.usefixtures("errors")
async def test_form_that_is_none_is_a_mistake_of_its_sender(served: Served, what: str) -> None:
    served.admin()
    assert await send(served.browser(), *ODD[what]) == 400


@pytest.mark.parametrize("what", SLOW_PARTS)
@pytest.mark.usefixtures("errors")
async def test_parts_are_read_as_utf_8_whatever_they_say(served: Served, what: str) -> None:
    served.admin()
    browser = served.browser()
    began = time.process_time()
    assert await send(browser, PARTS, SLOW_PARTS[what]) in (400, 401)
    assert time.process_time() - began < 0.2


async def test_form_in_utf_8_that_says_so_is_taken(served: Served) -> None:
    served.admin()
    assert await send(served.browser(), f"{URLENCODED}; charset=UTF-8", b"name=a&password=b") == 401
