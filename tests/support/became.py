"""Runs as root: drops privileges as the command does, and prints the resulting ids and capabilities as JSON.

python -P -m tests.support.became
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from probes.net.raw import privsep


def regains_root() -> bool:
    with suppress(PermissionError):
        os.setresuid(0, 0, 0)
        return True
    return False


def sets() -> list[str]:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return [line.split()[1].strip("0") for line in lines if line.startswith("Cap")]


if __name__ == "__main__":
    privsep.leave_privileges()
    found = {
        "ids": [*os.getresuid(), *os.getresgid()],
        "groups": os.getgroups(),
        "capabilities": "".join(sets()),
        "regains_root": regains_root(),
        "home": os.environ["HOME"],
        "writes_shadow": os.access("/etc/shadow", os.W_OK),
        "looks_at_itself": os.access("/proc/self/fd", os.R_OK),
        "has_door": privsep.current() is not None,
    }
    print(json.dumps(found))
