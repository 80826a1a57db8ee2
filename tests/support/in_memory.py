"""Places temporary files of tests in memory if there is room for them.

A disk enters each new file in a journal. Tests that install packages make some ten thousand files, and the kernel
takes half of their time for that.
"""

import os
import re
from pathlib import Path

_MEMORY = Path("/dev/shm")
_FORBIDDING = os.ST_NOEXEC | os.ST_NODEV | os.ST_NOSUID
"""Mount options that exclude a folder for all uses: tests start programs there and make devices and users."""


def place(room: int, *, for_all: bool = False) -> Path | None:
    """Return the folder, or None without ``room`` free octets; ``for_all``: it must allow all uses of a disk."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return None
    mount = os.statvfs(_MEMORY)
    is_fit = not for_all or not mount.f_flag & _FORBIDDING
    return _MEMORY if is_fit and min(mount.f_bavail * mount.f_frsize, _available()) >= room else None


def _available() -> int:
    """Return the octets that programs can have without any swapping."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text("ascii"), re.MULTILINE)
    return int(match[1]) << 10 if match else 0
