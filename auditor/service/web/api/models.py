"""Defines the models of requests and answers of the API.

The same models check requests, write answers and make the OpenAPI document. Words are those of the result document;
times are UTC (RFC 3339). Models of queries end in ``Query``.
"""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from auditor.framework.findings import Level, LevelBasis, Outcome, Reason, Severity
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.store.records import RunState
from inventory.model import Kind

_DIGITS = re.compile(r"[0-9]{1,9}")
LARGEST_PAGE, USUAL_PAGE = 500, 50
TEXT = r"^[^\x00]*$"


def _digits(value: object) -> object:
    """Return the value unless it is a text other than digits, such as ``1_0``, ``+1`` and ``1.0``, which is refused."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("int_parsing", "not a whole number")
    return value


class Sent(BaseModel):
    """Checks data from a program; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid")


class Answered(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE), BeforeValidator(_digits)]
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,2000}$")]
Word = Annotated[str, Field(min_length=1, max_length=300, pattern=TEXT)]
CheckPrefix = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$")]


class PageQuery(Sent):
    limit: Limit = USUAL_PAGE
    cursor: Cursor | None = None


class RunsQuery(PageQuery):
    state: RunState | None = None


class FindingsQuery(PageQuery):
    """Selects findings that match every field; ``check`` is an id or a prefix of ids."""

    outcome: list[Outcome] = []
    severity: list[Severity] = []
    check: CheckPrefix | None = None
    agency: Word | None = None
    subject: Word | None = None


class SubjectsQuery(PageQuery):
    agency: Word | None = None
    kind: Kind | None = None


class DiffQuery(PageQuery):
    """Names the earlier run ``against``; without it, the last comparable one."""

    against: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,100}$")] | None = None


class LogQuery(Sent):
    limit: Limit = USUAL_PAGE


class LanguageQuery(Sent):
    lang: Literal["vi", "en"] = "vi"


class SamplesQuery(PageQuery):
    vantage: Word
    metric: Word
    family: Literal["0", "4", "6"] = "0"
    interface: Annotated[str, Field(max_length=300, pattern=TEXT)] = ""
    step: Literal["raw", "hour", "day"] = "raw"
    since: datetime | None = None
    until: datetime | None = None


class SeriesQuery(Sent):
    vantage: Word


class Both(Answered):
    """Holds one text in Vietnamese and in English."""

    vi: str
    en: str


class Judgement(Answered):
    id: str
    judged: datetime
    catalogue: str
    policy: str


class Doubt(Answered):
    """So many subjects of ``areas`` changed since run ``base`` that the vantage is blamed first; ``repeat`` is the run
    that decided whether the change is real or the vantage's."""

    base: str
    areas: list[str]
    since: datetime
    state: Literal["waiting", "real", "vantage", "unsettled"]
    repeat: str | None


class Run(Answered):
    """``judgement`` is the latest, null for a run that was not judged. ``repeats`` is the doubtful run that this one
    was made to decide about. ``members`` are the runs of a round, ``round`` is the one that a run is a member of."""

    id: str
    name: str
    state: RunState
    started: datetime
    finished: datetime | None
    profile: str
    version: str
    vantage: str
    networks: list[str]
    round: str | None = None
    members: list[str] = []
    inventory: str
    amends: str | None
    repeats: str | None
    doubt: Doubt | None
    judgement: Judgement | None


class Runs(Answered):
    items: list[Run]
    next: str | None


Counts = dict[Outcome, int]


class RunSummary(Answered):
    """Counts, in ``outcomes`` and ``subjects``, the part of a run that the account may see."""

    run: Run
    subjects: int
    outcomes: Counts


class Waived(Answered):
    reason: str
    owner: str
    until: date | None


class VantageRow(Answered):
    """Holds the outcome that another vantage of a round reached for the same check."""

    name: str
    outcome: Outcome
    code: str
    address: str | None


class FindingRow(Answered):
    """Holds one finding, as in the result document."""

    id: str
    check: str
    code: str
    outcome: Outcome
    severity: Severity
    level: Level
    level_basis: LevelBasis
    subject: str
    address: str | None
    detail: str | None
    vantage: str
    vantages: list[VantageRow] = []
    reason: Reason | None
    args: dict[str, str | int | float | list[str] | None]
    problem: Both | None
    message: Both
    remedy: Both | None
    evidence: list[str]
    waived: Waived | None


class Findings(Answered):
    """Lists findings. A page may hold fewer than ``limit`` and still have a ``next``.

    A request searches a limited number of subjects.
    """

    judgement: str
    items: list[FindingRow]
    next: str | None


class SubjectRow(Answered):
    id: str
    kind: Kind
    agency: str | None
    outcomes: Counts
    ladders: dict[str, int]


class Subjects(Answered):
    items: list[SubjectRow]
    next: str | None


class ScoreRow(Answered):
    score: int | None
    coverage: float | None


class LadderRow(Answered):
    level: int
    at_least: bool
    blocked_by: list[str]


class SubjectPage(Answered):
    """Describes one subject of one run, with its scores by area and its ladders but without its findings."""

    subject: SubjectRow
    kinds: list[Kind]
    name: str
    network: str
    derived_from: list[str]
    scores: dict[str, ScoreRow]
    ladders: dict[str, LadderRow]


class Judged(Answered):
    """Describes one subject in one run; ``outcomes`` count its findings, ``failing`` names the failed checks."""

    run: str
    started: datetime
    outcomes: Counts
    failing: list[str]


class History(Answered):
    """Lists the runs of a subject, the latest first.

    Runs in which the subject is missing or is another agency's are left out; so a page may hold fewer than ``limit``
    and still have a ``next``.
    """

    items: list[Judged]
    next: str | None


class ChangeRow(Answered):
    """Describes the change of one finding from the earlier run to the later."""

    kind: Literal["new", "added", "changed", "still_failing", "fixed", "eased", "gone", "not_comparable"]
    id: str
    subject: str
    check: str
    regression: bool
    why: str | None
    before: Outcome | None
    after: Outcome | None


class Diff(Answered):
    before: str
    after: str
    items: list[ChangeRow]
    next: str | None


class CheckRow(Answered):
    id: str
    version: int
    title: Both
    kinds: list[Kind]
    clearance: str
    unit: str


class Checks(Answered):
    catalogue: str
    items: list[CheckRow]


class CodeRow(Answered):
    outcome: Outcome
    text: Both


class CheckPage(Answered):
    check: CheckRow
    why: Both
    fix: Both
    references: list[str]
    codes: dict[str, CodeRow]


class SeriesRow(Answered):
    """Names a series. ``family`` 0: of no family; ``interface`` empty: of the subject as a whole."""

    metric: str
    vantage: str
    family: int
    interface: str


class SeriesList(Answered):
    items: list[SeriesRow]


class SampleRow(Answered):
    """Holds a sample: a raw one has ``value`` and ``quality``, a roll-up the other fields."""

    time: datetime
    value: float | None = None
    quality: Literal["ok", "gap", "vantage", "maintenance"] | None = None
    counted: int | None = None
    gaps: int | None = None
    mean: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    p95: float | None = None


class Samples(Answered):
    items: list[SampleRow]
    next: str | None


class Me(Answered):
    name: str
    role: Role
    agency: str | None
    scopes: list[TokenScope]


class AuditLogLine(Answered):
    """Holds a line of the audit log; ``hash`` is over the hash of the line before and this line."""

    number: int
    time: datetime
    who: str
    address: str
    what: str
    about: str
    hash: str


class AuditLog(Answered):
    items: list[AuditLogLine]
