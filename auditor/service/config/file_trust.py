"""Decides whether a configuration file of the current folder may be read.

It can name files to read as secrets and devices to send them to. So it must belong to us or to root, and not be
writable by everybody: otherwise anybody could leave one in a shared folder. A file named by ``--config`` or
``AUDITOR_CONFIG`` was chosen, and is not checked.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from auditor.framework.operator_problems import OperatorProblem, problem


def distrust(path: Path, environment: Mapping[str, str]) -> OperatorProblem | None:
    """Return the reason not to read a file of the current folder; None if it may be read or does not exist."""
    try:
        looked = (os.stat(path), os.lstat(path))  # for a link both: its owner chose the file that is read
    except OSError:
        return None  # reading the file will report the error
    if any(status.st_uid not in trusted_users(environment) for status in looked):
        return problem("belongs to another user and is not read; if you trust it, name it with --config", at=str(path))
    if looked[0].st_mode & stat.S_IWOTH:
        return problem("can be written by everybody and is not read: chmod o-w, or name it with --config", at=str(path))
    return None


def trusted_users(environment: Mapping[str, str]) -> frozenset[int]:
    """Return the user ids to trust for files: root, our own and, if we are root, the caller of sudo."""
    caller = environment.get("SUDO_UID", "")
    by_sudo = {int(caller)} if os.geteuid() == 0 and caller.isdecimal() else set()
    return frozenset({0, os.geteuid(), *by_sudo})
