"""Takes uploaded files from a form and has them parsed in a child process, one at a time."""

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import ParamSpec, TypeVar

from aiohttp.web import FileField, Request

from auditor.service.web.site import run_in_thread

P = ParamSpec("P")
T = TypeVar("T")
MOST_FILES = 20
_LONGEST_NAME = 120
_reading = asyncio.Semaphore(1)
"""Inventories are large once they are open, and a thread of ours waits for each."""


async def parse_upload(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Parse the upload after the earlier ones. Raises SentError."""
    async with _reading:
        return await run_in_thread(work, *args, **kwargs)


async def sent_files(request: Request) -> list[tuple[str, bytes]]:
    """Return the names and bytes of the form's ``files``."""
    sent = [
        upload
        for upload in (await request.post()).getall("files", [])
        if isinstance(upload, FileField) and upload.filename
    ]
    return [(_named(upload.filename), await run_in_thread(upload.file.read)) for upload in sent]


def _named(name: str) -> str:
    """Return a file's own name without folders, shortened, with ``_`` for characters that cannot be shown."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter if letter.isprintable() else "_" for letter in last)
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{suffix[:8]}" if stem else shown[:_LONGEST_NAME]
