"""Where files of tests lie that nobody wants afterwards: in memory, if there is room for them.

On a disk each new file is entered in a journal. Tests that install packages make some ten thousand files, and spend
half of their time in the kernel on that.
"""

import os
import re
from pathlib import Path

_MEMORY = Path("/dev/shm")
_FORBIDDING = os.ST_NOEXEC | os.ST_NODEV | os.ST_NOSUID
"""What a mount may not forbid for all: tests start programs there, and make systems with devices and users."""


def place(room: int, *, for_all: bool = False) -> Path | None:
    """The folder; None where so many octets are not free there. ``for_all``: it can be used for all that a disk can."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return None
    mount = os.statvfs(_MEMORY)
    is_fit = not for_all or not mount.f_flag & _FORBIDDING
    return _MEMORY if is_fit and min(mount.f_bavail * mount.f_frsize, _available()) >= room else None


def _available() -> int:
    """Octets that programs can have without any being moved out of memory."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text("ascii"), re.MULTILINE)
    return int(match[1]) << 10 if match else 0
