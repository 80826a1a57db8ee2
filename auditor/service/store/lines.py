"""Reads a file of JSON lines and names the line that is broken."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from auditor.service.store.evidence.journal import Fields
from auditor.service.store.records import StoreError, StoreFailed
from inventory.safe_open import NotAFile, TooLarge, open_file

LONGEST = 128 * 2**20
"""Bytes of one line at most; the first one, with the subjects, takes half of it in an audit of 200,000."""
BAD_LINE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, StoreError)
"""Errors that reading a line may raise if somebody changed the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """Holds one line of a file, or its broken end."""

    path: Path
    number: int
    end: int
    fields: Fields
    broken: StoreError | None = None


def lines(path: Path) -> Iterator[FileLine]:
    """Yield the lines of a file. A broken last line without a newline has ``broken``; any other is a StoreError."""
    end = 0
    with explained(path), open_file(path) as file:
        for number, data in enumerate(iter(partial(file.readline, LONGEST), b""), 1):
            end += len(data)
            if len(data) == LONGEST:
                raise bad(path, number, ValueError(f"the line is longer than {LONGEST} bytes"))
            broken: StoreError | None = None
            fields: Fields = {}
            try:
                fields = json.loads(data)
                if not isinstance(fields, dict):
                    raise ValueError("not a JSON object")
            except (ValueError, RecursionError) as error:
                if data.endswith(b"\n"):
                    raise bad(path, number, error) from error
                broken = StoreError(
                    "{file}:{line}: the last line is cut off and was left out", file=str(path), line=number
                )
            yield FileLine(path=path, number=number, end=end, fields=fields, broken=broken)


def bad(path: Path, line: int, error: Exception) -> StoreError:
    why = f"no {error}" if isinstance(error, KeyError) else str(error)
    return StoreError("{file}:{line}: {why}", file=str(path), line=line, why=why)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise refused(path, error) from error


def refused(path: Path, error: OSError) -> StoreError:
    match error:
        case NotADirectoryError() | FileExistsError():
            return StoreError("{file}: what should be its folder is a file", file=str(path))
        case FileNotFoundError():
            return StoreError("{file}: there is no such file or folder", file=str(path))
        case TooLarge():
            return StoreError("{file}: is larger than {most:n} bytes", file=str(path), most=error.limit)
        case NotAFile():
            return StoreError("{file}: is a pipe, a device or a socket, not a file", file=str(path))
        case PermissionError():
            return StoreError("{file}: not permitted", file=str(path))
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return StoreFailed("{file}: no space left", file=str(path))
        case _:
            return StoreFailed("{file}: {why}", file=str(path), why=error.strerror or str(error))
