"""Counts commits to a PostgreSQL database, by any program, without querying it.

A connection of its own listens for notifications. Checking for new ones reads a socket that has nothing to read, which
takes microseconds and never waits.
"""

import secrets
import threading
from collections.abc import Callable
from typing import Any

import psycopg

from auditor.service.store.at_hand import may_wait

CHANNEL = "auditor_changed"


_UNTOLD = " untold"
"""Ends the announcement of a commit that ``stamp`` does not count."""


class CommitCounter:
    """Counts all commits, and those that change the stamp. ``connect`` opens a connection in autocommit mode."""

    def __init__(self, connect: "Callable[[], psycopg.Connection[Any]]") -> None:
        self.own = secrets.token_hex(8)
        """Identifies this program's own announcements; it counts these commits by ``count``, at once."""
        self._connect = connect
        self._number = self._all = 0
        self._listening: psycopg.Connection[Any] | None = None
        self._turn = threading.Lock()

    def announced(self, *, told: bool) -> str:
        """Return the text that announces a commit of this program; ``told``: the stamp changes."""
        return self.own if told else f"{self.own}{_UNTOLD}"

    def count(self, *, told: bool) -> None:
        """Count a commit of this program."""
        with self._turn:
            self._count(told=told)

    def stamp(self) -> int:
        """Return the number of commits that change the stamp. Raises psycopg.Error if the server cannot be reached."""
        return self._heard_of()[1]

    def all(self) -> int:
        """Return the number of all commits. Raises psycopg.Error if the server cannot be reached."""
        return self._heard_of()[0]

    def _heard_of(self) -> tuple[int, int]:
        if not self._turn.acquire(blocking=False):
            may_wait()
            self._turn.acquire()
        try:
            self._hear()
            return self._all, self._number
        finally:
            self._turn.release()

    def close(self) -> None:
        with self._turn:
            self._leave()

    def _hear(self) -> None:
        """Count the announced commits; a new connection counts as a commit, as announcements may have been missed."""
        if self._listening is not None and not self._heard(self._listening):
            self._leave()
        if self._listening is None:
            may_wait()
            self._listening = self._connect()
            self._listening.execute(f"LISTEN {CHANNEL}")
            self._count(told=True)

    def _count(self, *, told: bool) -> None:
        self._all += 1
        self._number += told

    def _heard(self, listening: "psycopg.Connection[Any]") -> bool:
        try:
            listening.pgconn.consume_input()
            while (notice := listening.pgconn.notifies()) is not None:
                said = notice.extra.decode()
                if said.removesuffix(_UNTOLD) != self.own:
                    self._count(told=not said.endswith(_UNTOLD))
        except psycopg.Error:
            return False
        return not listening.closed

    def _leave(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
