"""Starts our own modules as child processes: the one place for their command and environment.

``-P`` keeps the current folder out of the module path, so that no file in it is run. Of our environment only the
variables named here are passed on, and those that the caller names: it may hold secrets that the other program never
needs.
"""

import os
import sys
from collections.abc import Iterable

ROOT = "/"
"""The working folder of a child that reads no file by a relative path."""
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TMPDIR", "TZ")


def command(module: str, *words: str) -> list[str]:
    """Return the command line that runs a module of this program by this interpreter, from any folder.

    Warnings of its libraries are turned off: those lines would appear in our log.
    """
    return [sys.executable, "-P", "-W", "ignore", "-m", module, *words]


def environment(names: Iterable[str] = ()) -> dict[str, str]:
    """Return a child's environment: the variables that every program needs, and those of ``names`` that are set."""
    return {name: os.environ[name] for name in (*_KEPT, *names) if name in os.environ}
