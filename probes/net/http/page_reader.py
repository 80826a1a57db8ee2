"""Starts the program that reads pages (``page_program``) with the first page and gives it one page at a time.

If a page makes it end, or it takes too long, that page was not read, for a reason of ours: its step records that and
the next page gets a new program. The addresses of a host show the same page, and several probes read it: it is read
once.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict

from probes.framework.evidence import FailureKind
from probes.net.core import children, faults
from probes.net.core.gate import QueueGate
from probes.net.http.page_program import HEAD, MEMORY, SECONDS, SIZE, Task
from probes.wire.web.page import OBJECTS_KEPT, PARTS_KEPT, SHEETS_KEPT, DocumentParts, Reference, TakenReference
from probes.wire.web.page_content import HEADINGS_KEPT, LINKS_KEPT, TEXT_KEPT, Link, PageContent

WALL = 30.0
"""Seconds of wall-clock time for one page, however busy the machine is."""
_ANSWER = 2**20
_KEPT, _SMALL = 256, 50_000
"""Answers that are kept for repeated questions, and bytes of the largest of them."""


class PageReader:
    """Runs one page program, started lazily."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._gate = QueueGate(1)
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    async def read(self, text: bytes, url: str, *, is_style: bool) -> DocumentParts:
        """Return the references of the page. Raises Fault where it cannot be read within the bounds."""
        return _found(url, await self._said(text, url, Task.STYLE if is_style else Task.PAGE))

    async def look(self, text: bytes, url: str) -> tuple[DocumentParts, PageContent]:
        """Return the page's references, and its shown and hidden contents; raises as ``read`` does."""
        reply = await self._said(text, url, Task.LOOKS)
        return _found(url, reply), _looks(reply)

    async def _said(self, text: bytes, url: str, task: Task) -> list[object]:
        where = url.encode()
        asked = HEAD.pack(task, len(where), len(text)) + where + text
        key = hashlib.sha256(asked).digest()
        async with self._gate.slot():
            if key in self._kept:
                return _list(self._kept[key])
            answered = False
            try:
                async with asyncio.timeout(WALL):
                    answer = await self._ask(asked, url, task)
                answered = True
                self._keep(key, answer)
                return _list(answer)
            except TimeoutError as problem:
                raise faults.fault(FailureKind.CUT_SHORT, f"the page was not read within {WALL:.0f} s") from problem
            except (EOFError, OSError, ValueError, TypeError) as problem:
                limits = f"{SECONDS:.0f} s of the processor and {MEMORY} MB"
                raise faults.fault(FailureKind.CUT_SHORT, f"the page was not read within {limits}") from problem
            finally:
                if not answered:  # a later answer would be taken for that of another page
                    await self.aclose()

    def _keep(self, key: bytes, answer: bytes) -> None:
        if len(answer) <= _SMALL:
            self._kept[key] = answer
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    async def _ask(self, asked: bytes, url: str, task: Task) -> bytes:
        """Return the answer of the program after checking it. Raises EOFError, OSError, ValueError, TypeError."""
        process = self._process = self._process or await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(asked)
        await process.stdin.drain()
        (size,) = SIZE.unpack(await process.stdout.readexactly(SIZE.size))
        if size > _ANSWER:
            raise ValueError("an answer without end")
        answer = await process.stdout.readexactly(size)
        reply = json.loads(answer)
        _found(url, reply)
        if task is Task.LOOKS:
            _looks(reply)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *children.command("probes.net.http.page_program"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=children.ROOT,
            env=children.environment(),
            start_new_session=True,
        )

    async def aclose(self) -> None:
        """End the program and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _list(answer: bytes) -> list[object]:
    return list(json.loads(answer))


def _found(url: str, reply: object) -> DocumentParts:
    """Return the parts in the program's reply, cut to the limits of a page. Raises ValueError."""
    if not isinstance(reply, list) or len(reply) != len(("parts", "sheets", "objects", "full", "taken", "looks")):
        raise ValueError("not what a page holds")
    parts, sheets, objects, full, taken, _ = reply
    contents = DocumentParts(url)
    contents.taken = dict.fromkeys(
        TakenReference(str(kind), str(scheme), str(host), int(port), bool(pinned))
        for kind, scheme, host, port, pinned in taken[:PARTS_KEPT]
    )
    contents.parts = dict.fromkeys(
        Reference(str(kind), str(host), int(port)) for kind, host, port in parts[:PARTS_KEPT]
    )
    contents.sheets = dict.fromkeys(map(str, sheets[:SHEETS_KEPT]))
    contents.objects = dict.fromkeys(map(str, objects[:OBJECTS_KEPT]))
    contents.full = bool(full)
    return contents


def _looks(reply: list[object]) -> PageContent:
    """Return the looks of a page in the program's reply, cut to the same limits. Raises ValueError."""
    last = reply[-1]
    if not isinstance(last, list) or len(last) != len(("title", "headings", "text", "links", "full")):
        raise ValueError("not what a page looks like")
    title, headings, text, links, full = last
    looks = PageContent()
    looks.title = str(title)
    looks.headings = [str(heading) for heading in headings[:HEADINGS_KEPT]]
    looks.text = [str(text_part) for text_part in text[:TEXT_KEPT]]
    looks.links = dict.fromkeys(Link(str(host), str(words), str(how)) for host, words, how in links[:LINKS_KEPT])
    looks.full = bool(full)
    return looks
