"""Writes the actions of the command line, with the user and the machine, into the store's audit log.

The lines also go to the machine's system log, where there is one.
"""

import logging
import os
import pwd
import socket
from datetime import UTC, datetime
from logging.handlers import SysLogHandler
from pathlib import Path

from auditor.service.cli.global_options import STATE
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore

_SYSTEM_LOG = Path("/dev/log")


def note(store: Store, what: str, about: str, *, own_log: bool = False) -> None:
    """Add a line about this command to the audit log of a store.

    A store that is not a database, such as a folder of evidence, has no audit log: nothing is written. With ``own_log``
    this program writes a log itself, which has the line, so that none goes to the system log.
    """
    if isinstance(store, MemoryStore):  # first, because SQLAlchemy may be missing
        return
    from auditor.service.store.sql.accounts import log_rows
    from auditor.service.store.sql.store import SqlStore

    if not isinstance(store, SqlStore):
        return
    if not own_log:
        to_system_log()
    values = {"time": datetime.now(UTC), "who": user(), "address": place(), "what": what, "about": about[:1_000]}
    with store.database.writing() as connection:
        log_rows.add(connection, values)


def user() -> str:
    """Return the machine's name for the user that started this command; behind sudo also the user that called sudo."""
    try:
        name = pwd.getpwuid(STATE.uid).pw_name
    except KeyError:
        name = str(STATE.uid)
    asked = os.environ.get("SUDO_USER", "") if STATE.uid == 0 else ""
    return f"{name} (sudo: {asked[:60]})" if asked else name


def place() -> str:
    """Return the machine's name and the user's number; a person's address on the pages never has this form."""
    return f"{socket.gethostname()} uid {STATE.uid}"


def to_system_log() -> None:
    """Send the lines of the audit log to the machine's system log from now on."""
    log = logging.getLogger("auditor.audit")
    if log.handlers or not _SYSTEM_LOG.exists():
        return
    try:
        handler = SysLogHandler(str(_SYSTEM_LOG), SysLogHandler.LOG_AUTH)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("auditor: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
