# SPDX-License-Identifier: GPL-2.0-only
"""Gives up every privilege of this process but that for raw packets, and that for filters on its own connections.

Linux from 6.18 on, or sooner, lets no process without ``CAP_NET_ADMIN`` attach a filter to a TCP socket; without it
everything but the flows behind a narrow link of our own still works.
"""

import ctypes
import struct
from contextlib import suppress
from pathlib import Path

_KEPT = frozenset({12, 13})  # CAP_NET_ADMIN, CAP_NET_RAW
_STATUS = Path("/proc/self/status")
_VERSION_3 = 0x20080522
_SET_NO_NEW_PRIVS, _DROP_FROM_BOUNDING_SET = 38, 24
_LAST = Path("/proc/sys/kernel/cap_last_cap")


def keep_raw_packets() -> None:
    """Give up all capabilities but CAP_NET_RAW and CAP_NET_ADMIN; programs started later do not regain any.

    Errors are ignored: a capability that cannot be given up was not held.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    last = 63
    with suppress(OSError, ValueError):
        last = int(_LAST.read_text("ascii"))
    for number in range(last + 1):
        if number not in _KEPT:
            libc.prctl(_DROP_FROM_BOUNDING_SET, number, 0, 0, 0)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    kept = _permitted() & sum(1 << number for number in _KEPT)
    libc.capset(struct.pack("=Ii", _VERSION_3, 0), struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def _permitted() -> int:
    with suppress(OSError, ValueError, StopIteration):
        lines = _STATUS.read_text("ascii", "replace").splitlines()
        return int(next(line for line in lines if line.startswith("CapPrm:")).split()[1], 16)
    return 0
