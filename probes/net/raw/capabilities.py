"""Reads the privileges of this process (Linux capabilities) and gives up all of them permanently."""

import ctypes
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SETGID, SETUID, NET_RAW = 6, 7, 13
_STATUS, _LAST = Path("/proc/self/status"), Path("/proc/sys/kernel/cap_last_cap")
_VERSION_3 = 0x20080522
_SET_DUMPABLE, _SET_NO_NEW_PRIVS, _DROP_FROM_BOUNDING_SET = 4, 38, 24


def effective() -> int:
    """Return the effective set, a bit for each capability; 0 if this system does not tell."""
    with suppress(OSError, ValueError, StopIteration):
        lines = _STATUS.read_text("ascii", "replace").splitlines()
        return int(next(line for line in lines if line.startswith("CapEff:")).split()[1], 16)
    return 0


def has(number: int) -> bool:
    return bool(effective() >> number & 1)


def give_up(become: Callable[[], None] | None = None) -> None:
    """Give up all capabilities, so that programs started later do not regain any.

    ``become`` makes this process another user's, while it still may; without it root stays the owner of its files, and
    no more than that. Errors are ignored: a capability that cannot be given up was not held.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    last = 63
    with suppress(OSError, ValueError):
        last = int(_LAST.read_text("ascii"))
    for number in range(last + 1):
        libc.prctl(_DROP_FROM_BOUNDING_SET, number, 0, 0, 0)
    if become is not None:
        become()
        libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)  # as if started by that user: it may read its own entries under /proc
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.capset(struct.pack("=Ii", _VERSION_3, 0), bytes(24))  # ambient capabilities go with the permitted ones
