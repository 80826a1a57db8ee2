"""Keeps parsed routing tables, so that consecutive runs of ``check`` need not read a million lines each.

They are in the user's cache folder, under the digest of the source file. A table that cannot be kept or read back is
parsed again without a message, since only time is lost.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self, TypeVar

from auditor.service.pipeline.version import program_version
from auditor.service.store import files
from auditor.service.store.records import StoreError
from inventory.safe_open import read_whole

LARGEST = 1 << 28
"""Bytes of a kept table: 16 or 24 for each row of the largest table."""
KEPT = 8
"""Number of kept files: the tables of two days, and of two configurations."""
_DIGEST = hashlib.sha256().digest_size


class ParsedTable(Protocol):
    def pack(self) -> bytes: ...

    @classmethod
    def unpack(cls, data: bytes) -> Self: ...


T = TypeVar("T", bound=ParsedTable)


def parsed(kind: type[T], digest: str, parse: Callable[[], T]) -> T:
    """Return the kept table of the file with this SHA-256, or else the result of ``parse``. Raises its errors."""
    path = _folder() / f"{kind.__name__.lower()}-{digest}-{program_version()}-{sys.byteorder}"
    if (data := _read(path)) is not None:
        return kind.unpack(data)
    table = parse()
    _keep(path, table.pack())
    return table


def _folder() -> Path:
    """Return systemd's cache folder, or the user's."""
    if folder := os.environ.get("CACHE_DIRECTORY", "").partition(":")[0]:
        return Path(folder, "routing")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "auditor", "routing")


def _read(path: Path) -> bytes | None:
    """Return the data of a kept file; None if it is missing, or damaged as by a power failure."""
    try:
        data = read_whole(path, LARGEST)
        os.utime(path)
    except OSError:
        return None
    return data[_DIGEST:] if hashlib.sha256(memoryview(data)[_DIGEST:]).digest() == data[:_DIGEST] else None


def _keep(path: Path, data: bytes) -> None:
    with suppress(OSError, StoreError):
        files.make_folders(path.parent)
        files.write(path, hashlib.sha256(data).digest() + data)
        newest_first = sorted(path.parent.iterdir(), key=lambda kept: kept.stat().st_mtime, reverse=True)
        for old in newest_first[KEPT:]:
            old.unlink()
