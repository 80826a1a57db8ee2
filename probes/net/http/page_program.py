"""Reads pages, one after the other, from standard input and writes the parts that each takes from other hosts.

Pages are hostile. It is a process of its own with bounds, stays for the next page, and ends with its input.
"""

import json
import struct
import sys
from enum import IntEnum
from typing import BinaryIO

from probes.net.core import confinement
from probes.wire.web import page, page_content


class Task(IntEnum):
    """Selects the output for a text: references of a page or a style sheet, or also the looks of a page."""

    PAGE = 0
    STYLE = 1
    LOOKS = 2


HEAD = struct.Struct("!BII")
"""The task (``Task``), bytes of the URL and bytes of the text; both follow."""
SIZE = struct.Struct("!I")
"""Bytes of the answer, which is one JSON value."""
MEMORY = 256
"""Megabytes of address space: a page of 500 kB takes a tenth of it beside the interpreter."""
SECONDS = 5.0
"""Seconds of processor time for one page: ten times the need of a 500 kB page made to be slow."""


def main() -> int:
    confinement.confine(MEMORY)
    while _answered(sys.stdin.buffer, sys.stdout.buffer):
        pass
    return 0


def _read(task: Task, text: str, url: str) -> list[object]:
    contents = (page.of_css if task is Task.STYLE else page.of_html)(text, url)
    said: list[object] = [[*map(list, contents.parts)], [*contents.sheets], [*contents.objects], contents.full, [], []]
    if task is Task.LOOKS:
        seen = page_content.of_html(text, url)
        said[4:] = [
            [*map(list, contents.taken)],
            [seen.title, seen.headings, seen.text, [*map(list, seen.links)], seen.full],
        ]
    return said


def _answered(source: BinaryIO, sink: BinaryIO) -> bool:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return False
    task, url_size, text_size = HEAD.unpack(head)
    url, text = source.read(url_size).decode(), source.read(text_size)
    confinement.allow_seconds(SECONDS)
    answer = json.dumps(_read(Task(task), text.decode("utf-8", "replace"), url)).encode()
    confinement.allow_seconds(0)  # the time of waiting counts for no page
    sink.write(SIZE.pack(len(answer)) + answer)
    sink.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
