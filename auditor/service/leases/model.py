"""Defines leases, by which the subjects of a run are given to the workers of a vantage, with any engine behind them.

A run of a vantage is cut into batches. A worker leases one batch at a time, sends a heartbeat now and then, and ends
the lease. A lease that is silent for ``SILENCE`` may be given to another worker, as another attempt; until one asks for
it, it stays with its worker, which may have been cut off for hours. Everything that a worker sends about a batch
carries the key of its lease, so that a worker that lost it changes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType, Protocol, Self

from inventory.model import SubjectId
from probes.framework.evidence import RunId

BatchId = NewType("BatchId", int)
MOST_SUBJECTS = 50
"""Subjects of one batch."""
MOST_WITH_LATE_ATTEMPTS = 500
"""The same if failed measurements are repeated minutes later, which a worker waits for at the end of each batch."""
SILENCE = timedelta(minutes=10)
"""The time without a message after which a lease may be given to another worker."""
_WORKER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{1,64})")


class LeaseLost(Exception):
    """Raised if a lease is not held any more: ended, withdrawn, or given to another worker."""


class BadWorker(ValueError):
    """Raised if a worker's name is not made of 1 to 64 letters, digits, ``-`` and ``_``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseKey:
    """Names one attempt of one worker at one batch. Written ``BATCH.ATTEMPT.WORKER``."""

    batch: BatchId
    attempt: int
    worker: str

    def __str__(self) -> str:
        return f"{self.batch}.{self.attempt}.{self.worker}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key that ``str`` wrote. Raises LeaseLost for any other text: nobody holds such a lease."""
        match = _KEY.fullmatch(text)
        if match is None:
            raise LeaseLost(text[:100])
        return cls(batch=BatchId(int(match[1])), attempt=int(match[2]), worker=match[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Describes one batch that a worker holds; ``since`` is the time from which it does."""

    key: LeaseKey
    run: RunId
    vantage: str
    subjects: tuple[SubjectId, ...]
    since: datetime


class Leases(Protocol):
    """Hands out batches. Each method is a part of the store's transaction of the calling thread, if there is one."""

    def defer(self, run: RunId, vantage: str, subjects: Sequence[SubjectId], most: int = MOST_SUBJECTS) -> int:
        """Cut the subjects into batches of at most ``most`` for the workers of a vantage; return the number of batches.

        A second call for the same run changes nothing and returns 0.
        """
        ...

    def lease(self, vantage: str, worker: str) -> Lease | None:
        """Give the next batch of the vantage to the worker; None if there is nothing for it now.

        A worker that holds a batch gets that one again. One worker at a time holds a batch of a vantage, and the
        batches of a run come before those of any later one: two audits would press on the same hosts and lines twice
        as hard as the limits say. Raises BadWorker.
        """
        ...

    def held(self, key: LeaseKey) -> Lease:
        """Return the lease, inside the transaction of the work that depends on it. Raises LeaseLost."""
        ...

    def beat(self, key: LeaseKey, delivered: int = 0) -> int:
        """Note that the worker is alive and delivered so many bytes.

        Returns the bytes delivered for the batch so far, by all workers. Raises LeaseLost.
        """
        ...

    def end(self, key: LeaseKey) -> None:
        """Note that everything of the batch was measured and is stored. Raises LeaseLost."""
        ...

    def withdraw(self, run: RunId) -> None:
        """Take back all batches of a run that have not ended; their workers lose their leases."""
        ...

    def open_batches(self, run: RunId) -> int:
        """Count the batches of a run that have neither ended nor been withdrawn."""
        ...

    def heard(self) -> Mapping[str, datetime]:
        """Return the time of the last message from a worker of each vantage."""
        ...


def check_worker(name: str) -> None:
    """Raise BadWorker if the text cannot be the name of a worker."""
    if not _WORKER.fullmatch(name):
        raise BadWorker(name[:100])
