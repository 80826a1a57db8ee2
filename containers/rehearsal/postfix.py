"""Starts the real Postfix: `python -m containers.rehearsal.postfix FILE`, with listeners as peers/smtp.py reads them.

Postfix drops to its own user, and its directories must be open to that user: they are made under /run, which is private
inside. Where that user does not exist (a user namespace that maps only root) the scripted peer takes its place.
"""

import asyncio
import grp
import json
import os
import pwd
import sys
from pathlib import Path

from containers.rehearsal.mail import OPENSSL, main_cf, master_cf
from containers.rehearsal.peers import smtp

HOME = Path("/run/postfix-rehearsal")
MASTER = "/usr/lib/postfix/sbin/master"
_WORLD = 0o755
_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
_OPEN_QUEUES = ("maildrop", "public")


def main(listeners: Path) -> None:
    """Become Postfix, or the scripted peer."""
    if not _has_users():
        print("postfix's user is not mapped here: the scripted peer takes its place", flush=True)
        asyncio.run(smtp.serve(smtp.load(listeners)))
        return
    _furnish(json.loads(listeners.read_text("utf-8")))
    os.execv(MASTER, [MASTER, "-c", str(HOME), "-d"])


def _has_users() -> bool:
    try:
        users = (pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid)
    except KeyError:
        return False
    maps = (Path("/proc/self/uid_map"), Path("/proc/self/gid_map"))
    return all(_is_mapped(wanted, path) for wanted, path in zip(users, maps, strict=True))


def _is_mapped(wanted: int, path: Path) -> bool:
    ranges = (line.split() for line in path.read_text("ascii").splitlines())
    return any(int(first) <= wanted < int(first) + int(count) for first, _, count in ranges)


def _furnish(listeners: list[dict[str, str]]) -> None:
    owner, group = pwd.getpwnam("postfix"), grp.getgrnam("postdrop").gr_gid
    HOME.mkdir(_WORLD)
    (HOME / "main.cf").write_text(main_cf(HOME, [listener["domain"] for listener in listeners]), "utf-8")
    (HOME / "master.cf").write_text(master_cf(listeners), "utf-8")
    (HOME / "openssl.cnf").write_text(OPENSSL, "ascii")
    (HOME / "spool").mkdir(_WORLD)
    (HOME / "spool" / "pid").mkdir(_WORLD)
    for name in (*_QUEUES, *_OPEN_QUEUES):
        path = HOME / "spool" / name
        path.mkdir(0o730 if name in _OPEN_QUEUES else 0o700)
        os.chown(path, owner.pw_uid, group if name in _OPEN_QUEUES else -1)
    (HOME / "data").mkdir(0o700)
    os.chown(HOME / "data", owner.pw_uid, -1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
