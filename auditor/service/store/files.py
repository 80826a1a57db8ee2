"""Creates every file and folder of the program, for its own user only: files 0600, folders 0700.

The process's umask has no effect. A test of the architecture finds every other place that would create one.
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
"""The permission bits that let users other than the owner use a file."""
_OPEN_ALREADY = re.compile(r"/dev/(?:stdout|stderr|fd/[0-9]{1,9})|/proc/self/fd/[0-9]{1,9}")
_NUMBERS = {"/dev/stdout": 1, "/dev/stderr": 2}


def open_file(path: Path, flags: int = 0) -> int:
    """Open a file to be written in place, and create it if missing (``O_EXCL``: only then); return its descriptor."""
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
    """Create an empty file unless there is one; root gives it to the owner of its folder."""
    try:
        make_new_file(path, for_owner_of=path)
    except FileExistsError:
        os.close(open_file(path))


def make_new_file(path: Path, *, for_owner_of: Path | None = None) -> None:
    """Create an empty file. Raises FileExistsError, or another OSError.

    Root gives it to the owner of ``for_owner_of`` or, if that does not exist, of its folder.
    """
    descriptor = open_file(path, os.O_EXCL)
    try:
        if for_owner_of is not None:
            _hand_over(descriptor, for_owner_of)
    finally:
        os.close(descriptor)


def _hand_over(descriptor: int, path: Path) -> None:
    """Give a new file to the owner of ``path``, or else of its folder, if we are root and may.

    Never an existing file: the owner of the folder may have put a link there, to a file of root's. A store that root
    creates or restores in the folder of a service is useful only if the service can open it.
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
    """Create a folder unless there is one; its parent must exist."""
    try:
        path.mkdir(FOLDER)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(FOLDER)


def make_folders(path: Path) -> None:
    """Create a folder and its missing parents."""
    if not path.is_dir():
        if path.parent != path:
            make_folders(path.parent)
        make_folder(path)


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Yield a folder that is deleted afterwards with its content."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        made = Path(folder)
        made.chmod(FOLDER)
        yield made


def refusal(path: Path) -> "StoreError | None":
    """Return why a path cannot be written to; None if it can be, or does not exist."""
    from auditor.service.store.records import StoreError  # imported here: slow, and seldom needed

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
    """True if writing to a path replaces a file's content; an empty file, a device or a FIFO loses nothing."""
    if _OPEN_ALREADY.fullmatch(str(path)):
        return False
    there = _existing(path)
    return there is not None and stat.S_ISREG(there.st_mode) and there.st_size > 0


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Write a file's whole content; it replaces the old one at the end, so that a reader never sees half of it.

    A terminal, a device or a FIFO is written to, never replaced. A file that is replaced keeps its permissions and, as
    far as we may, its owner, because they were chosen. Raises StoreError for a link, a socket or a disk, and OSError.
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
    """Open a file without a name, so that a killed program leaves nothing beside the report.

    None on file systems without such files, such as NFS, or without /proc, by which it gets its name.
    """
    if not hasattr(os, "O_TMPFILE") or not os.access("/proc/self/fd", os.X_OK):
        return None
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, FILE)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
            return None  # a bad folder is reported when a named file is created in it
        raise
    os.fchmod(descriptor, FILE)
    return descriptor


def _name(descriptor: int, path: Path) -> None:
    """Give a file without a name one. The folder's descriptor, otherwise unused, makes Python follow the link."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def write(path: Path, data: bytes) -> None:
    with writing(path) as out:
        out.write(data)


def wide(path: Path) -> int | None:
    """Return the permissions of a file or folder that others may use; None if only its owner may, or it is missing."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    return mode if mode & WIDE else None


def tighten(path: Path) -> bool:
    """Remove the permissions of others; True if there were any and it could be done."""
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
    """Open a device or a FIFO. A FIFO without a reader would block for ever: that is an error (ENXIO)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.set_blocking(descriptor, True)
    return descriptor


def _keep(descriptor: int, there: os.stat_result) -> None:
    with suppress(OSError):
        os.fchown(descriptor, there.st_uid, there.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(there.st_mode) & 0o777)
