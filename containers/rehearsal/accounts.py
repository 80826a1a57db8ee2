"""Maps the users of daemons inside the namespaces, and puts root into FRR's group so that FRR starts as root."""

import grp
from pathlib import Path

FRR_GROUP = "frrvty"


def only_root() -> bool:
    """True if this is a user namespace in which there is one user alone: programs that change users cannot run."""
    return sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text("ascii").splitlines()) < 2


def groups() -> str:
    """Return the text of /etc/group with root in FRR's group."""
    text = Path("/etc/group").read_text("utf-8")
    try:
        before = grp.getgrnam(FRR_GROUP)
    except KeyError:
        return text
    members = ",".join([*before.gr_mem, "root"])
    rows = (line.split(":") for line in text.splitlines())
    return "".join(":".join([*row[:3], members] if row[0] == FRR_GROUP else row) + "\n" for row in rows)
