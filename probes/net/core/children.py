"""Starts our own modules as child processes: the one place for their command and environment.

``-P`` keeps the current folder out of the module path, so that nothing lying there is run. Of our environment only what
is named here is handed on, and what the caller names beyond: it may hold secrets that the other program never needs.
"""

import os
import sys
from collections.abc import Iterable

ROOT = "/"
"""The working folder of a child that reads no file by a relative path."""
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TMPDIR", "TZ")


def command(module: str, *words: str) -> list[str]:
    """The command line that runs a module of this program by this interpreter, wherever it is started, and lets its
    libraries warn of nothing: these lines would stand in our log."""
    return [sys.executable, "-P", "-W", "ignore", "-m", module, *words]


def environment(names: Iterable[str] = ()) -> dict[str, str]:
    """What a child is given of our environment: what every program needs, and those of ``names`` that are set."""
    return {name: os.environ[name] for name in (*_KEPT, *names) if name in os.environ}
