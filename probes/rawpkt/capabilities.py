# SPDX-License-Identifier: GPL-2.0-only
"""Gives up every privilege of this process but the one for raw packets."""

import ctypes
import struct
from contextlib import suppress
from pathlib import Path

_NET_RAW = 13
_VERSION_3 = 0x20080522
_SET_NO_NEW_PRIVS, _DROP_FROM_BOUNDING_SET = 38, 24
_LAST = Path("/proc/sys/kernel/cap_last_cap")


def keep_raw_packets() -> None:
    """Nothing is gained back by whatever this process becomes or starts. What cannot be given up was not held."""
    libc = ctypes.CDLL(None, use_errno=True)
    last = 63
    with suppress(OSError, ValueError):
        last = int(_LAST.read_text("ascii"))
    for number in range(last + 1):
        if number != _NET_RAW:
            libc.prctl(_DROP_FROM_BOUNDING_SET, number, 0, 0, 0)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    kept = 1 << _NET_RAW
    libc.capset(struct.pack("=Ii", _VERSION_3, 0), struct.pack("=6I", kept, kept, 0, 0, 0, 0))
