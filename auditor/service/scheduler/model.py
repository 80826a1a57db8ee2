"""Defines jobs: what the service is asked to audit, and how far each is. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import NewType

from inventory.model import Clearance
from probes.framework.evidence import RunId

JobId = NewType("JobId", int)


class JobState(StrEnum):
    """``MISSED``: what a schedule wanted and did not get; such a job never had a run."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    MISSED = "missed"


HOURS = 24.0
"""How long a round waits for the workers of its vantages by default."""
OPEN = (JobState.QUEUED, JobState.RUNNING)


_TELLING = 0.2
"""The share of an audit that tells how long the rest takes."""


class Phase(StrEnum):
    """The phase of a running job. ``WAITING``: all was measured once, some will be re-tested later. ``WORKERS``: our
    own vantage is done, those of other vantages are not."""

    PLANNING = "planning"
    MEASURING = "measuring"
    WAITING = "waiting"
    WORKERS = "workers"
    JUDGING = "judging"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """One audit to be made. ``inventory`` is a name of ``Inventories``; ``schedule`` is empty for one that a person
    asked for. With ``subjects`` only these of the inventory, as an addition to the run ``amends`` where there is one.
    ``repeats``: the doubtful run that this one is to decide about. ``vantages``: the vantages of a round, for
    whose workers it waits at most ``hours``; none for our own alone.
    """

    inventory: str
    profile: str = "audit"
    clearance: Clearance = Clearance.NORMAL
    name: str = ""
    schedule: str = ""
    subjects: tuple[str, ...] = ()
    amends: str = ""
    repeats: str = ""
    vantages: tuple[str, ...] = ()
    hours: float = HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row. ``due`` is the time that a schedule meant, or when somebody asked.

    ``planned`` subjects are known, ``measured`` and ``judged`` of them are done. ``problem`` says in each language why
    it failed or was missed. ``missed``: how many times of the schedule this row stands for beside ``due``.
    """

    id: JobId
    wanted: AuditRequest
    who: str
    state: JobState
    due: datetime
    requested: datetime
    started: datetime | None = None
    ended: datetime | None = None
    run: RunId | None = None
    phase: Phase | None = None
    until: datetime | None = None
    planned: int = 0
    measured: int = 0
    judged: int = 0
    attempts: int = 0
    cancelled_by: str = ""
    problem: Mapping[str, str]
    missed: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def share(self) -> float:
        """How much is done, 0 to 1: measuring takes nearly all of the time."""
        if not self.is_open:
            return 1.0
        whole = max(self.planned, 1)
        return min(0.95 * self.measured / whole + 0.05 * self.judged / whole, 1.0)

    def minutes_left(self, now: datetime) -> int | None:
        """Estimate whole minutes from how long the part that is measured took; None while too little is."""
        if self.phase is not Phase.MEASURING or self.started is None or self.share < _TELLING:
            return None
        seconds = (now - self.started).total_seconds() * (1 - self.share) / self.share
        return max(1, ceil(seconds / 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """The remembered state of a schedule. ``mark``: its times up to here are dealt with."""

    mark: datetime
    paused_by: str = ""
    paused_at: datetime | None = None

    @property
    def paused(self) -> bool:
        return bool(self.paused_by)


class ControlError(Exception):
    """Something was refused; ``code`` says what, its words are the pages' business.

    NO_INVENTORY, NO_PROFILE, NO_JOB, NOT_OPEN, NO_SCHEDULE, ALREADY_WANTED.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
