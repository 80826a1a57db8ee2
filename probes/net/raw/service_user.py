"""Turns a program started by root into another user, for good, before it reads anything.

``AUDITOR_USER`` names it; ``root`` there means to stay. Where that is not set, it is the user ``auditor``, if this
machine has one and nothing would be lost by it: it can read this program, the current folder and the configuration that
root would read. Root without capabilities is still the owner of the system's files.
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
    """``AUDITOR_USER`` names nobody of this machine, or a user that cannot read this program."""


def chosen() -> pwd.struct_passwd | None:
    """Whom to become; None to stay who we are. Raises NoSuchUser."""
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
    """For good: with the user's own group alone, and with the user's home for what looks for one."""
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    for name in _FOLDERS:
        os.environ.pop(name, None)
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)


def _program() -> Iterator[Path]:
    """What is still to be imported, and started."""
    yield Path("/proc/self/exe").resolve()
    yield Path(sys.prefix) / "bin"
    yield Path(os.__file__).parent
    yield Path(sysconfig.get_path("purelib"))
    yield Path(__file__).resolve().parents[3]


def _around() -> Iterator[Path]:
    """What root would read without being told to; an unreadable configuration would be passed over in silence."""
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
    """In force only, so that it can be taken back."""
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
