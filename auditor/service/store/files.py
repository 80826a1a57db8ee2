"""Creates every file and folder of the program, for its own user only: files 0600, folders 0700.

The process's umask changes nothing of that. A test of the architecture finds every other place that would create one.
"""

import errno
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from auditor.service.store.records import StoreError

FILE, FOLDER = 0o600, 0o700
_ROOT = 0
WIDE = 0o077
"""The permissions that make a file readable or writable for others than its owner."""
_OPEN_ALREADY = re.compile(r"/dev/(?:stdout|stderr|fd/[0-9]{1,9})|/proc/self/fd/[0-9]{1,9}")
_NUMBERS = {"/dev/stdout": 1, "/dev/stderr": 2}


def open_file(path: Path, flags: int = 0) -> int:
    """Return the descriptor of a file that is written in place; made where it is not there (``O_EXCL``: only then)."""
    wanted = os.O_RDWR | os.O_CLOEXEC | flags
    try:
        descriptor = os.open(path, wanted | os.O_CREAT | os.O_EXCL, FILE)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, wanted)
    os.fchmod(descriptor, FILE)
    return descriptor


def make_file(path: Path) -> None:
    """Make an empty file unless there is one; what root makes is its folder's owner's."""
    try:
        make_new_file(path, for_owner_of=path)
    except FileExistsError:
        os.close(open_file(path))


def make_new_file(path: Path, *, for_owner_of: Path | None = None) -> None:
    """Make an empty file where there is none; what root makes is given to the owner of the other one or, where that is
    not there, of its folder. Raises FileExistsError, or another OSError."""
    descriptor = open_file(path, os.O_EXCL)
    try:
        if for_owner_of is not None:
            _hand_over(descriptor, for_owner_of)
    finally:
        os.close(descriptor)


def _hand_over(descriptor: int, path: Path) -> None:
    """Give a file that was made just now to the owner of what stands at ``path``, or else of the folder, as far as root
    may. Never one that was found: who owns the folder may have put a link there, to a file of root's.

    A store that root makes or restores in the folder of a service is of use if the service can open it.
    """
    if os.geteuid() != _ROOT:
        return
    owners = (_owner(place) for place in (path, path.parent))
    for user, group in (owner for owner in owners if owner[0] != _ROOT):
        with suppress(PermissionError):
            os.fchown(descriptor, user, group)
        return


def _owner(place: Path) -> tuple[int, int]:
    try:
        there = place.stat()
    except FileNotFoundError:
        return _ROOT, _ROOT
    return there.st_uid, there.st_gid


def make_folder(path: Path) -> None:
    """Make a folder unless there is one; the one above must be there."""
    try:
        path.mkdir(FOLDER)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(FOLDER)


def make_folders(path: Path) -> None:
    """Make a folder and those above it that are not there."""
    if not path.is_dir():
        if path.parent != path:
            make_folders(path.parent)
        make_folder(path)


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder that is gone with all that is in it."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        made = Path(folder)
        made.chmod(FOLDER)
        yield made


def refusal(path: Path) -> "StoreError | None":
    """Why nothing can be written to what stands at a path; None where something can, or nothing stands there."""
    from auditor.service.store.records import StoreError  # with all that a store knows: for a path that is asked about

    if _OPEN_ALREADY.fullmatch(str(path)):
        return None
    there = _existing(path)
    if path.is_symlink() and (there is None or stat.S_ISREG(there.st_mode)):
        return StoreError("{path}: is a symbolic link; name the file that it leads to", path=str(path))
    if there is None or stat.S_ISREG(there.st_mode):
        return None
    if stat.S_ISDIR(there.st_mode):
        return StoreError("{path}: is a folder, name a file", path=str(path))
    if stat.S_ISSOCK(there.st_mode) or stat.S_ISBLK(there.st_mode):
        return StoreError("{path}: is a socket or a disk, name a file", path=str(path))
    return None


def is_replaced(path: Path) -> bool:
    """True if writing to a path replaces what a file holds; an empty file, a device or a FIFO loses nothing."""
    if _OPEN_ALREADY.fullmatch(str(path)):
        return False
    there = _existing(path)
    return there is not None and stat.S_ISREG(there.st_mode) and there.st_size > 0


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file's whole content: what was there is replaced at the end, so that a reader never sees half of it.

    A terminal, a device or a FIFO is written to, never replaced. A file that is replaced keeps its permissions and, as
    far as we may, its owner: somebody gave them to it. Raises StoreError for a link, a socket or a disk, and OSError.
    """
    if (why := refusal(path)) is not None:
        raise why
    if _OPEN_ALREADY.fullmatch(str(path)):
        with os.fdopen(os.dup(_number(str(path))), "wb") as out:
            yield out
        return
    there = _existing(path)
    if there is not None and not stat.S_ISREG(there.st_mode):
        with os.fdopen(_opened(path), "wb") as out:
            yield out
        return
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    unnamed = _unnamed(path.parent)
    try:
        with os.fdopen(open_file(partial, os.O_EXCL) if unnamed is None else unnamed, "wb") as out:
            yield out
            out.flush()
            if there is not None:
                _keep(out.fileno(), there)
            if unnamed is not None:
                _name(unnamed, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _unnamed(folder: Path) -> int | None:
    """A file that is gone with its descriptor, so that who is killed leaves nothing beside the report; None on file
    systems that have none, such as NFS, or without /proc, by which it gets its name."""
    if not hasattr(os, "O_TMPFILE") or not os.access("/proc/self/fd", os.X_OK):
        return None
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, FILE)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
            return None  # what is wrong with the folder is said by who makes a file with a name in it
        raise
    os.fchmod(descriptor, FILE)
    return descriptor


def _name(descriptor: int, path: Path) -> None:
    """Give a file without a name one. The folder's descriptor, which is not looked at, makes Python follow the link."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def write(path: Path, data: bytes) -> None:
    with writing(path) as out:
        out.write(data)


def wide(path: Path) -> int | None:
    """The permissions of a file or folder that others may use; None where only its owner may, or there is none."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    return mode if mode & WIDE else None


def tighten(path: Path) -> bool:
    """Take the permissions of others away. Whether any were, and it could be done."""
    mode = wide(path)
    if mode is None:
        return False
    try:
        path.chmod(mode & ~WIDE)
    except OSError:
        return False
    return True


def _number(path: str) -> int:
    return _NUMBERS[path] if path in _NUMBERS else int(path.rpartition("/")[2])


def _existing(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _opened(path: Path) -> int:
    """Return a device or a FIFO. Without a reader a FIFO would hold the program for ever: that is an error (ENXIO)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.set_blocking(descriptor, True)
    return descriptor


def _keep(descriptor: int, there: os.stat_result) -> None:
    with suppress(OSError):
        os.fchown(descriptor, there.st_uid, there.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(there.st_mode) & 0o777)
