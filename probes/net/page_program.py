"""The program that reads pages, one after the other on its standard input, and says what each takes from elsewhere.

Pages are hostile. It is a process of its own with bounds, stays for the next page, and ends with its input.
"""

import json
import struct
import sys
from typing import BinaryIO

from probes.net import confinement
from probes.wire import page

HEAD = struct.Struct("!BII")
"""Whether it is a style sheet; bytes of the URL; bytes of the text. Both follow."""
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


def _answered(source: BinaryIO, sink: BinaryIO) -> bool:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return False
    is_style, url_size, text_size = HEAD.unpack(head)
    url, text = source.read(url_size).decode(), source.read(text_size)
    confinement.allow_seconds(SECONDS)
    found = (page.of_css if is_style else page.of_html)(text.decode("utf-8", "replace"), url)
    answer = json.dumps([[*map(list, found.parts)], [*found.sheets], [*found.objects], found.full]).encode()
    confinement.allow_seconds(0)  # what waiting takes counts for no page
    sink.write(SIZE.pack(len(answer)) + answer)
    sink.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
