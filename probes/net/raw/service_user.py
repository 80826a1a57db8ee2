"""Turns a program started by root into another user, permanently, before it reads any input.

``AUDITOR_USER`` names it; ``root`` there means to stay root. If that is not set, it is the user ``auditor``, if this
machine has one that can read this program, the current folder and the configuration that root would read. Root without
capabilities is still the owner of the system's files.
"""

import os
import pwd
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.net.raw import capabilities

VARIABLE, USUAL = "AUDITOR_USER", "auditor"
_ROOT = 0
_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")


class NoSuchUser(Exception):
    """Raised if ``AUDITOR_USER`` names no user of this machine, or one that cannot read this program."""


def chosen() -> pwd.struct_passwd | None:
    """Return the user to change to, or None to stay the current one. Raises NoSuchUser."""
    named = os.environ.get(VARIABLE, "")
    if os.geteuid() != _ROOT or named == "root":
        return None
    if not (capabilities.has(capabilities.SETUID) and capabilities.has(capabilities.SETGID)):
        if named:
            raise NoSuchUser(f"{VARIABLE}={named}: root may not become another user here")
        return None
    try:
        user = pwd.getpwnam(named or USUAL)
    except KeyError as error:
        if named:
            raise NoSuchUser(f"{VARIABLE}={named}: this machine has no such user") from error
        return None
    if user.pw_uid == _ROOT:
        return None
    lacking = _unreadable(user, [*_program(), *(() if named else _around())])
    if named and lacking:
        raise NoSuchUser(f"{VARIABLE}={named}: this user cannot read the program: {lacking[0]}")
    return None if lacking else user


def become(user: pwd.struct_passwd) -> None:
    """Become the user permanently: with only the user's own group, and with the user's home in the environment."""
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    for name in _FOLDERS:
        os.environ.pop(name, None)
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)


def _program() -> Iterator[Path]:
    """Yield the paths of the modules still to be imported and of the programs still to be started."""
    yield Path("/proc/self/exe").resolve()
    yield Path(sys.prefix) / "bin"
    yield Path(os.__file__).parent
    yield Path(sysconfig.get_path("purelib"))
    yield Path(__file__).resolve().parents[3]


def _around() -> Iterator[Path]:
    """Yield the files that are read without being named; an unreadable configuration would be silently ignored."""
    here = Path.cwd()
    yield here
    places = (Path("/etc/auditor"), Path.home() / ".config" / "auditor", here)
    yield from (place / "auditor.toml" for place in places if (place / "auditor.toml").exists())


def _unreadable(user: pwd.struct_passwd, places: list[Path]) -> list[Path]:
    wanted = [(place, os.R_OK | (os.X_OK if place.is_dir() else 0)) for place in places]
    with _as_if(user):
        return [place for place, mode in wanted if not os.access(place, mode, effective_ids=True)]


@contextmanager
def _as_if(user: pwd.struct_passwd) -> Iterator[None]:
    """Set only the effective ids to the user's within the block, so that this can be undone."""
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(_ROOT)
        os.setegid(group)
        os.setgroups(groups)
