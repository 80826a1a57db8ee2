"""Reads the lines of a table and rejects those that are longer than any row can be."""

import io
from collections.abc import Iterator
from functools import partial

from probes.wire.routing.faults import TableError, TableFault

LONGEST = 16_384
"""The limit in bytes: a prefix with a hundred origins takes a tenth of it."""
_MARK = b"\xef\xbb\xbf"


def lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1. Raise TableError for a line that is too long."""
    read = partial(io.BytesIO(data.removeprefix(_MARK)).readline, LONGEST + 1)
    for row, line in enumerate(iter(read, b""), 1):
        if len(line) > LONGEST:
            raise TableError(TableFault.FORM, row=row)
        yield row, line.decode("utf-8", "replace")
