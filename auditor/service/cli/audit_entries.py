"""Writes actions of the command line into the store's audit log: by which user of which machine.

The lines go to the machine's system log as well, where there is one.
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
    """A line about this command. A store that is no database (a folder of evidence) has no audit log. ``own_log``:
    this program writes a log, which has the line."""
    if isinstance(store, MemoryStore):  # also where there is no SQLAlchemy
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
    """Who started this command, as the machine knows them; behind sudo both."""
    try:
        name = pwd.getpwuid(STATE.uid).pw_name
    except KeyError:
        name = str(STATE.uid)
    asked = os.environ.get("SUDO_USER", "") if STATE.uid == 0 else ""
    return f"{name} (sudo: {asked[:60]})" if asked else name


def place() -> str:
    """Return the machine and the number of the user; an address of a person at a page never looks so."""
    return f"{socket.gethostname()} uid {STATE.uid}"


def to_system_log() -> None:
    """Lines of the audit log go there from now on."""
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
