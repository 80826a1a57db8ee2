"""Our side of the program that reads pages (``page_program``): started with the first page, one page at a time.

When a page makes it end, or it takes too long, that page was not read, for a reason that is ours: its step says so and
the next page gets a new program.
"""

import asyncio
import json

from probes.framework.evidence import FailureKind
from probes.net import children, faults
from probes.net.page_program import HEAD, MEMORY, SECONDS, SIZE
from probes.net.turns import Turns
from probes.wire.page import OBJECTS_KEPT, PARTS_KEPT, SHEETS_KEPT, Found, Reference

WALL = 30.0
"""Seconds of the clock for one page, however busy the machine is."""
_ANSWER = 2**20


class PageReader:
    """One program, started lazily."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turns = Turns(1)

    async def read(self, text: bytes, url: str, *, is_style: bool) -> Found:
        """What the page refers to. Raises Fault where it cannot be read within the bounds."""
        async with self._turns.mine():
            answered = False
            try:
                async with asyncio.timeout(WALL):
                    found = await self._ask(text, url, is_style=is_style)
                answered = True
                return found
            except TimeoutError as problem:
                raise faults.fault(
                    FailureKind.CUT_SHORT, f"the page was not read within {WALL:.0f} s"
                ) from problem  # fmt: skip
            except (EOFError, OSError, ValueError, TypeError) as problem:
                limits = f"{SECONDS:.0f} s of the processor and {MEMORY} MB"
                raise faults.fault(FailureKind.CUT_SHORT, f"the page was not read within {limits}") from problem
            finally:
                if not answered:  # an answer that comes later would be taken for that of another page
                    await self.close()

    async def _ask(self, text: bytes, url: str, *, is_style: bool) -> Found:
        process = self._process = self._process or await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        where = url.encode()
        process.stdin.write(HEAD.pack(is_style, len(where), len(text)) + where + text)
        await process.stdin.drain()
        (size,) = SIZE.unpack(await process.stdout.readexactly(SIZE.size))
        if size > _ANSWER:
            raise ValueError("an answer without end")
        return _found(url, json.loads(await process.stdout.readexactly(size)))

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *children.command("probes.net.page_program"), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=children.ROOT,
            env=children.environment(), start_new_session=True,
        )  # fmt: skip

    async def close(self) -> None:
        """End the program and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _found(url: str, said: object) -> Found:
    """What the program says, within the bounds that it was written for. Raises ValueError."""
    if not isinstance(said, list) or len(said) != len(("parts", "sheets", "objects", "full")):
        raise ValueError("not what a page holds")
    parts, sheets, objects, full = said
    found = Found(url)
    found.parts = dict.fromkeys(Reference(str(kind), str(host), int(port)) for kind, host, port in parts[:PARTS_KEPT])
    found.sheets = dict.fromkeys(map(str, sheets[:SHEETS_KEPT]))
    found.objects = dict.fromkeys(map(str, objects[:OBJECTS_KEPT]))
    found.full = bool(full)
    return found
