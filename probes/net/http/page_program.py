"""Reads pages, one after the other, from standard input and writes what each takes from elsewhere.

Pages are hostile. It is a process of its own with bounds, stays for the next page, and ends with its input.
"""

import json
import struct
import sys
from enum import IntEnum
from typing import BinaryIO

from probes.net.core import confinement
from probes.wire.web import looks, page


class Task(IntEnum):
    """What to say of a text: what a page or a style sheet refers to, or also what a page looks like."""

    PAGE = 0
    STYLE = 1
    LOOKS = 2


HEAD = struct.Struct("!BII")
"""What is asked of it (``Task``); bytes of the URL; bytes of the text. Both follow."""
SIZE = struct.Struct("!I")
"""Bytes of the answer, which is one JSON value."""
MEMORY = 256
"""Megabytes of address space: a page of 500 kB takes a tenth of it beside the interpreter."""
SECONDS = 5.0
"""Of the processor for one page: ten times what one of 500 kB takes that was made to take long."""


def main() -> int:
    confinement.confine(MEMORY)
    while _answered(sys.stdin.buffer, sys.stdout.buffer):
        pass
    return 0


def _read(task: Task, text: str, url: str) -> list[object]:
    contents = (page.of_css if task is Task.STYLE else page.of_html)(text, url)
    said: list[object] = [[*map(list, contents.parts)], [*contents.sheets], [*contents.objects], contents.full, [], []]
    if task is Task.LOOKS:
        seen = looks.of_html(text, url)
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
    confinement.allow_seconds(0)  # what waiting takes counts for no page
    sink.write(SIZE.pack(len(answer)) + answer)
    sink.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
