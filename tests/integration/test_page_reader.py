"""Tests the program that reads pages: one reads many; a page that crashes it stays unread without a defect."""

import asyncio
import time
from pathlib import Path

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core import children, faults
from probes.net.http import page_reader
from probes.net.http.page_reader import PageReader
from probes.wire.web import page

URL = "https://www.vn/"
PAGE = b'<link rel=stylesheet href=a.css><img src="//a.vn/1.png"><script src=/x.js></script>'


async def test_read_gives_what_reading_here_gives() -> None:
    reader = PageReader()
    try:
        found = await reader.read(PAGE, URL, is_style=False)
        style = await reader.read(b"@import '//b.vn/x.css'", URL, is_style=True)
    finally:
        await reader.aclose()
    expected = page.of_html(PAGE.decode(), URL)
    assert (found.parts, found.sheets, found.objects) == (expected.parts, expected.sheets, expected.objects)
    assert [part.host for part in style.parts] == ["b.vn"]


async def test_read_many_pages_at_once_in_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    command = children.command

    def noted(name: str) -> list[str]:
        started.append(name)
        return command(name)

    monkeypatch.setattr(children, "command", noted)
    reader = PageReader()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(reader.read(f"<img src=//h{n}.vn/x>".encode(), URL, is_style=False)) for n in range(50)
        ]
    await reader.aclose()
    assert [next(iter(one.result().parts)).host for one in tasks] == [f"h{n}.vn" for n in range(50)]
    assert len(started) == 1


async def test_read_the_same_page_of_another_address_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    command = children.command

    def noted(name: str) -> list[str]:
        started.append(name)
        return command(name)

    monkeypatch.setattr(children, "command", noted)
    reader = PageReader()
    large = b"".join(b"<a href=//h%d.vn/>%s</a>" % (n, b"x" * 200) for n in range(1_000))
    seen = []
    for text, url in ((PAGE, URL), (PAGE, URL), (PAGE, "https://a.vn/"), (large, URL), (large, URL)):
        found, looks = await reader.look(text, url)
        seen.append((found.parts, found.sheets, looks.text, len(started)))
        await reader.aclose()  # the next request for a program starts a new one
    assert [count for *_, count in seen] == [1, 1, 2, 3, 4]
    assert seen[0] == seen[1]
    assert seen[0][1] != seen[2][1]  # its links are relative to another address


@pytest.mark.parametrize(
    "body",
    [
        "bytearray(2**30)",
        "while True: pass",
        "import os; os.abort()",
        "raise ValueError",
        "open(FILE, 'wb', 0).write(b'x')",
    ],
)
async def test_read_a_page_that_ends_the_program_is_cut_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom probes.net.http import page_program\nfrom probes.wire.web import page\n"
        "page_program.SECONDS = 0.2\n"
        f"real, FILE = page.of_html, {str(tmp_path / 'made')!r}\n"
        f"def read(text, url):\n    if text == 'hostile':\n        {body}\n    return real(text, url)\n"
        "page.of_html = read\nsys.exit(page_program.main())\n"
    )
    command = children.command("")
    monkeypatch.setattr(children, "command", lambda _: [*command[:2], str(program)])
    monkeypatch.setattr(children, "environment", lambda: {"PYTHONPATH": str(Path(page.__file__).parents[2])})
    reader = PageReader()
    try:
        with pytest.raises(faults.Fault) as caught:
            await reader.read(b"hostile", URL, is_style=False)
        assert caught.value.failure.kind is FailureKind.CUT_SHORT
        assert (await reader.read(PAGE, URL, is_style=False)).parts
    finally:
        await reader.aclose()


async def test_read_given_up_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline and Ctrl-C end the program, not only the wait for it."""
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sleep", "3600"])
    reader, began = PageReader(), time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await reader.read(PAGE, URL, is_style=False)
    await reader.aclose()
    assert time.monotonic() - began < 600


@pytest.mark.parametrize("answer", ["\\0\\0\\0\\002[]", "\\0\\0\\0\\003{{{", "\\377\\377\\377\\377", "\\0"])
async def test_read_an_answer_that_is_none_is_not_believed(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sh", "-c", f"printf '{answer}'; exec cat >/dev/null"])
    monkeypatch.setattr(page_reader, "WALL", 1.0)
    reader = PageReader()
    with pytest.raises(faults.Fault) as caught:
        await reader.read(PAGE, URL, is_style=False)
    assert caught.value.failure.kind is FailureKind.CUT_SHORT
    await reader.aclose()
