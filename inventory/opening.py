"""Opens a file that an operator named. What is no file is refused at once: a pipe would be waited for without end, and
a device may never end, or do something when it is read."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

NOT_A_FILE = "not-a-file"


class NotAFile(OSError):
    """A pipe, a device or a socket stands under the name."""


def open_file(path: Path) -> BinaryIO:
    """The file, open for reading bytes. Raises OSError; NotAFile for what is none, without waiting for anybody."""
    _must_be_a_file(os.stat(path).st_mode, path)  # to open a device is to do something with it already
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _must_be_a_file(os.fstat(descriptor).st_mode, path)  # what was put there in between is not waited for either
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_whole(path: Path, limit: int = -1) -> bytes:
    """The bytes of a file, at most ``limit`` of them where that is not negative. Raises as ``open_file``."""
    with open_file(path) as file:
        return file.read(limit)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte order mark. Raises as ``open_file``, and UnicodeDecodeError."""
    return read_whole(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _must_be_a_file(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise NotAFile(errno.EINVAL, NOT_A_FILE, str(path))
