"""Defines the models of jobs, schedules, inventories and waivers; otherwise like ``models``."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from auditor.service.scheduler.model import JobState, Phase
from auditor.service.web.api.models import TEXT, Answered, Both, CheckPrefix, PageQuery, Sent, Word
from inventory.model import Kind


class JobBody(Sent):
    """Describes an audit to make: of a whole inventory, or of these ``subjects`` of it.

    An audit of ``subjects`` is an addition to run ``amends`` if one is named. ``vantages``: those of a round, which
    waits at most ``hours`` for their workers.
    """

    inventory: Word
    profile: Literal["audit", "quick"] = "audit"
    clearance: Literal["passive", "normal", "intrusive"] = "normal"
    name: Annotated[str, Field(max_length=100, pattern=TEXT)] = ""
    subjects: Annotated[list[Word], Field(max_length=1_000, default_factory=list)]
    amends: Annotated[str, Field(pattern=r"^([A-Za-z0-9-]{1,100})?$")] = ""
    vantages: Annotated[list[Word], Field(max_length=50, default_factory=list)]
    hours: Annotated[float, Field(gt=0, le=720)] = 24.0


class JobRow(Answered):
    """Describes an audit. ``planned`` subjects are known, ``measured`` and ``judged`` of them are done.

    ``problem`` says why it failed or was missed.
    """

    id: int
    inventory: str
    schedule: str | None
    profile: str
    clearance: str
    name: str
    subjects: list[str]
    amends: str | None
    repeats: str | None
    who: str
    state: JobState
    due: datetime
    requested: datetime
    started: datetime | None
    ended: datetime | None
    run: str | None
    phase: Phase | None
    planned: int
    measured: int
    judged: int
    problem: Both | None


class Jobs(Answered):
    """Lists audits. ``items``: the latest first; ``active``: queued and running, the oldest first."""

    active: list[JobRow]
    items: list[JobRow]


class ScheduleRow(Answered):
    name: str
    cron: str
    timezone: str | None
    inventory: str
    profile: str
    paused: bool
    paused_by: str | None
    last: JobRow | None


class Schedules(Answered):
    items: list[ScheduleRow]


class InventoryRow(Answered):
    """Describes an inventory; its version and the fields about that are null for a file of the service's own.

    ``retired``: the time since which it is retired, and audited no more; null while it is in use.
    """

    name: str
    version: int | None
    made: datetime | None
    who: str | None
    files: list[str]
    digest: str | None
    subjects: int | None
    retired: datetime | None = None


class InventoryList(Answered):
    items: list[InventoryRow]


class InventoryFile(Sent):
    """Holds a file in Base64 (``data``); its format follows from the end of ``name``: csv, xlsx, ods, yaml."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00/\\]*$")]
    data: Annotated[str, Field(max_length=12_000_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class InventoryBody(Sent):
    """Holds the files of an inventory. ``on``: the number of the version that they replace, 0 for a new inventory.

    409 if another version came between.
    """

    files: Annotated[list[InventoryFile], Field(min_length=1, max_length=20)]
    on: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class InventoryQuery(PageQuery):
    agency: Word | None = None


class TargetRow(Answered):
    """Holds one row of an inventory, as it is kept."""

    id: str
    kind: Kind
    name: str
    agency: str | None
    network: str
    host: str | None
    addresses: list[str]


class Targets(Answered):
    inventory: InventoryRow
    items: list[TargetRow]
    next: str | None


class WaiverBody(Sent):
    """Describes a defect that is accepted until a day: of a subject or of all subjects of an agency.

    ``check`` is an id or a prefix.
    """

    of: Literal["subject", "agency"]
    whose: Word
    check: CheckPrefix
    reason: Annotated[str, Field(min_length=1, max_length=1_000, pattern=TEXT)]
    owner: Word
    until: date


class WaiverRowOut(Answered):
    id: int
    of: Literal["subject", "agency"]
    whose: str
    check: str
    reason: str
    owner: str
    until: date
    made: datetime
    who: str
    ended: datetime | None
    ended_by: str | None
    in_force: bool


class Waivers(Answered):
    items: list[WaiverRowOut]
    next: str | None
