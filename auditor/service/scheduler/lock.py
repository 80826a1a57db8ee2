"""Locks the jobs of a store: a lock on a file beside it, which the system releases with its last holder.

A database in a server is also claimed there, against services on other machines. The server drops the claim with the
connection: its holder asks for it again and again, because another service may have got it meanwhile.
"""

import asyncio
import fcntl
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from auditor.service.store.files import make_folders, open_file
from auditor.service.store.records import StoreFailed
from auditor.service.store.sql.database import Database

_EVERY = 0.5  # seconds
_NOTICED = 3.0
"""Seconds after which a service that lost its claim with its connection has noticed, and ended its processes."""
_log = logging.getLogger("auditor.service.scheduler")


@dataclass(slots=True)
class Lock:
    """Holds a lock that lasts until every process that has its descriptor has ended."""

    path: Path
    database: Database
    _number: int | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The descriptors to pass to processes that work under this lock."""
        return () if self._number is None else (self._number,)

    async def take(self) -> None:
        """Wait until the lock is ours."""
        make_folders(self.path.parent)
        number = open_file(self.path)
        waited = False
        try:
            while not (_taken(number) and await self.claim()):
                if not waited:
                    _log.warning("another service looks after the jobs of this store; waiting for its end")
                    waited = True
                await asyncio.sleep(_EVERY)
            if waited:
                await asyncio.sleep(_NOTICED)
        except BaseException:
            os.close(number)
            raise
        self._number = number

    async def claim(self) -> bool:
        """Claim the database, or keep the claim; return whether it is ours, False if the database cannot be asked."""
        try:
            return await asyncio.to_thread(self.database.claim)
        except StoreFailed:
            _log.exception("the database cannot be asked who looks after its jobs")
            return False

    def leave(self) -> None:
        self.database.release()
        if self._number is not None:
            os.close(self._number)
            self._number = None


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
