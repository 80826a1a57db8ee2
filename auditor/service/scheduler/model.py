"""Defines jobs: requests for audits to the service, and the progress of each. Plain data."""

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
    """Lists the states of a job. ``MISSED``: a schedule's audit that never began; such a job never had a run."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    MISSED = "missed"


HOURS = 24.0
"""Default hours for which a round waits for the workers of its vantages."""
OPEN = (JobState.QUEUED, JobState.RUNNING)


_TELLING = 0.2
"""The share of an audit after which the remaining time can be estimated."""


class Phase(StrEnum):
    """Lists the phases of a running job.

    ``WAITING``: all was measured once, some will be measured again later. ``WORKERS``: our own vantage is done, those
    of other vantages are not.
    """

    PLANNING = "planning"
    MEASURING = "measuring"
    WAITING = "waiting"
    WORKERS = "workers"
    JUDGING = "judging"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """Holds the request for one audit.

    ``inventory`` is a name of ``Inventories``; ``schedule`` is empty for a request by a person. ``subjects`` limits it
    to these of the inventory, as an addition to the run ``amends`` if that is set. ``repeats`` is the doubtful run that
    this one is to decide about. ``vantages`` are those of a round, which waits for their workers at most ``hours``;
    none means only our own.
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
    """Holds one job. ``due`` is the time that a schedule meant, or the time of a person's request.

    ``planned`` subjects are known, ``measured`` and ``judged`` of them are done. ``problem`` tells in each language why
    it failed or was missed. ``missed`` is the number of further times of the schedule that this job stands for.
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
        """The share that is done, 0 to 1: measuring takes nearly all of the time."""
        if not self.is_open:
            return 1.0
        whole = max(self.planned, 1)
        return min(0.95 * self.measured / whole + 0.05 * self.judged / whole, 1.0)

    def minutes_left(self, now: datetime) -> int | None:
        """Estimate the remaining whole minutes from the time taken so far; None while too little is measured."""
        if self.phase is not Phase.MEASURING or self.started is None or self.share < _TELLING:
            return None
        seconds = (now - self.started).total_seconds() * (1 - self.share) / self.share
        return max(1, ceil(seconds / 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """Holds the stored state of a schedule. ``mark``: its times up to here are done."""

    mark: datetime
    paused_by: str = ""
    paused_at: datetime | None = None

    @property
    def paused(self) -> bool:
        return bool(self.paused_by)


class ControlError(Exception):
    """Raised if a request is refused; ``code`` is the reason, which the pages put into words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
