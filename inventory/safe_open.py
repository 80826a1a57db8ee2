"""Opens a file that an operator named, and refuses at once anything that is not a regular file.

Reading a pipe would wait without end, and a device may never end, or react when it is read.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

NOT_A_FILE = "not-a-file"
TEXT = 4 * 2**20
"""The most bytes of a text that is written by hand."""


class NotAFile(OSError):
    """Raised where a pipe, a device or a socket has the name."""


class TooLarge(OSError):
    """Raised for a file of more than ``limit`` bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        self.limit = limit


def open_file(path: Path) -> BinaryIO:
    """Open the file for reading bytes. Raise OSError; NotAFile for anything but a regular file, without blocking."""
    _must_be_a_file(os.stat(path).st_mode, path)  # opening a device may already have an effect
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _must_be_a_file(os.fstat(descriptor).st_mode, path)  # a pipe put there in between is refused too
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_whole(path: Path, limit: int) -> bytes:
    """Return the bytes of a file. Raise as ``open_file`` does, and TooLarge after ``limit`` bytes."""
    with open_file(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(path, limit)
    return data


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark. Raise as ``read_whole``, and UnicodeDecodeError."""
    return read_whole(path, TEXT).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _must_be_a_file(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotAFile(errno.EINVAL, NOT_A_FILE, str(path))
