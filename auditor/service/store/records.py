"""Defines the records of a store besides subjects, evidence and findings: runs, judgements, scores, series."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from auditor.figures.comparison import Credibility
from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import Level, Outcome, Reason, Severity
from auditor.framework.operator_problems import Explained
from auditor.framework.waivers import WaiverRow
from auditor.judging.seen_from import SeenFrom
from auditor.service.store.run_options import RunOptions
from inventory.model import AgencyId, Expectation, IPAddress, Kind, Subject, SubjectId
from probes.framework.evidence import RunId

Digest = NewType("Digest", str)
"""A digest: ``sha256:`` and 64 hex digits."""
JudgementId = NewType("JudgementId", str)


class StoreError(Exception):
    """Raised if a store cannot be used, or does not hold the requested object. The message names the remedy.

    ``template`` is the English text and the key of its translation, ``args_by_name`` fill its fields.
    """

    def __init__(self, template: str, **args: str | int) -> None:
        self.template = template
        self.args_by_name: Mapping[str, str | int] = args
        super().__init__(template.format(**args))


class StoreFailed(StoreError, Explained):
    """Raised if a store stops working: a full disk, a lost permission, a damaged file."""


@contextmanager
def one_store_error() -> Iterator[None]:
    """Raise only the first error of a group in which every error is a StoreError."""
    try:
        yield
    except ExceptionGroup as group:
        _, others = group.split(StoreError)
        if others is not None:
            raise
        raise _first(group) from group


def _first(error: Exception) -> Exception:
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def unknown(what: str, wanted: str, known: Iterable[str] = ()) -> StoreError:
    """Return the error ``the store holds no run 'a'; did you mean 'b'?``."""
    near = difflib.get_close_matches(wanted, list(known), n=1)
    template = f"the store holds no {what} '{{wanted}}'"
    if near:
        return StoreError(template + "; did you mean '{near}'?", wanted=wanted, near=near[0])
    return StoreError(template, wanted=wanted)


def taken(what: str, wanted: str) -> StoreError:
    return StoreError(f"the store holds a {what} '{{wanted}}' already", wanted=wanted)


def sealed(run: RunId) -> StoreError:
    return StoreError("run '{run}' is sealed: make a new run, which can say that it amends this one", run=run)


class StoreDamaged(StoreError):
    """Raised if stored content differs from the content that was written."""


def damaged_blob(digest: Digest) -> StoreDamaged:
    return StoreDamaged(
        "the store is damaged: what it keeps as {digest} is something else; restore it from a backup", digest=digest
    )


def damaged_seal(run: RunId) -> StoreDamaged:
    return StoreDamaged("the seal of run {run} is damaged; restore the store from a backup", run=run)


def digest_of(data: bytes) -> Digest:
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def repeated(judgement: JudgementId) -> StoreError:
    return StoreError("judgement '{judgement}' holds one of these findings already", judgement=judgement)


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Records that the vantage is suspected, as so many subjects of ``areas`` changed between ``base`` and a run.

    ``repeat`` is the run that decided about it.
    """

    base: RunId
    areas: tuple[str, ...]
    since: datetime
    state: Credibility = Credibility.WAITING
    repeat: RunId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Describes one pass over an inventory from one vantage, or a round of several.

    The digests name blobs. ``networks`` are those of the vantage as configured: ``internet``, ``tslcd``, ``lan:SITE``.
    A round is created without a vantage; when it is read it has the names, networks, times and state of its
    ``members``.
    """

    id: RunId
    name: str
    started: datetime
    version: str
    profile: str
    inventory: Digest
    reference: Digest
    policy: Digest
    vantage: str
    networks: tuple[str, ...]
    options: RunOptions = field(default_factory=RunOptions)
    finished: datetime | None = None
    state: RunState = RunState.RUNNING
    forgotten: datetime | None = None
    """When the evidence of its subjects was deleted; findings and figures stay."""
    doubt: Doubt | None = None
    round: RunId | None = None
    """The round that this run is a member of."""
    members: tuple[RunId, ...] = ()
    """The runs of a round, by the names of their vantages."""

    @property
    def is_round(self) -> bool:
        """True if this is a round: its evidence is that of the runs of several vantages."""
        return bool(self.members) or not self.vantage

    @property
    def amends(self) -> str:
        """The run of which this one re-checks some subjects, or empty."""
        return self.options.amends

    @property
    def is_part(self) -> bool:
        """True if only a part of the subjects or of the checks was requested, for this run only."""
        return self.options.part

    @property
    def repeats(self) -> str:
        """The doubtful run about which this one decides, or empty."""
        return self.options.repeats

    @property
    def is_blamed(self) -> bool:
        """True if a repeat showed that the vantage caused its changes."""
        return self.doubt is not None and self.doubt.state is Credibility.VANTAGE

    @property
    def is_base(self) -> bool:
        """True if later runs are compared with it: not while it is in doubt, nor if the vantage caused its changes."""
        return self.doubt is None or self.doubt.state in (Credibility.REAL, Credibility.UNSETTLED)


def check_forgettable(run: RunRecord, *, is_sealed: bool) -> None:
    """Raise StoreError if the evidence of a run must not be deleted."""
    if is_sealed:
        raise StoreError("run '{run}' is sealed: its evidence stays", run=run.id)
    if run.state is RunState.RUNNING:
        raise StoreError("run '{run}' has not ended: its evidence stays", run=run.id)


def newest_first(runs: Iterable[RunRecord], now: datetime) -> list[RunRecord]:
    """Return runs from newest to oldest; those dated later than ``now`` come last.

    They were made while the clock was ahead, and would be taken for the latest until that day comes.
    """
    return sorted(runs, key=lambda run: (run.started <= now, run.started, run.id), reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecord:
    """Identifies the findings of one run under one policy, one catalogue and one set of reference data. Append-only."""

    id: JudgementId
    run: RunId
    catalogue: str
    policy: Digest
    reference: Digest
    inventory: Digest
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScores:
    """Holds scores by area and ladders by name (service, device, point) of one subject under one judgement."""

    scores: Mapping[str, Score] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledSubject:
    """Holds how a judgement settled a subject: the agency that owns it, its kinds and its addresses.

    A row of the inventory states most of it itself; a subject that planning derived gets it from the owners of all
    subjects that lead to it, and a name of the command line gets its kinds from the DNS.
    """

    agency: AgencyId | None
    kind: Kind
    kinds: frozenset[Kind]
    expected: Expectation
    addresses: tuple[IPAddress, ...]
    seen_from: tuple[SeenFrom, ...] = ()
    """Its answers to the vantages of a round."""

    @classmethod
    def of(cls, subject: Subject, addresses: tuple[IPAddress, ...]) -> "SettledSubject":
        """Take these fields from a subject that is settled already."""
        return cls(
            agency=subject.agency,
            kind=subject.kind,
            kinds=subject.kinds,
            expected=subject.expected,
            addresses=addresses,
        )

    def applied_to(self, subject: Subject) -> Subject:
        """Return the planned subject with these fields in place of its own."""
        return replace(
            subject,
            agency=self.agency,
            kind=self.kind,
            kinds=self.kinds,
            candidates=frozenset(),
            expected=self.expected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryVersion:
    """Describes one version of an inventory kept by name. ``number`` counts from 1; the last one is audited.

    ``files`` are the names of the files that it was read from; ``digest`` names the blob of the inventory.
    """

    name: str
    number: int
    made: datetime
    who: str
    files: tuple[str, ...]
    digest: Digest
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Records when and by which account an inventory was retired, if it is retired now."""

    name: str
    made: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWaiver:
    """Describes a defect accepted in the service, with the accounts that accepted it and that ended it early."""

    key: int
    row: WaiverRow
    made: datetime
    who: str
    ended: datetime | None = None
    ended_by: str = ""

    def in_force(self, day: date) -> bool:
        return self.ended is None and self.row.in_force(day)

    def stood(self, moment: datetime | None) -> bool:
        """True if it was accepted, and not withdrawn, at a moment; None: now."""
        if moment is None:
            return self.ended is None
        return self.made <= moment and (self.ended is None or self.ended > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Identifies a sort of findings to count. ``without_credentials``: none were configured, so nothing was asked."""

    outcome: Outcome
    severity: Severity
    level: Level
    reason: Reason | None
    waived: bool
    without_credentials: bool = False


class Quality(StrEnum):
    """Lists whether a sample counts; those of a faulty vantage or of announced maintenance are kept but not counted."""

    OK = "ok"
    GAP = "gap"
    VANTAGE = "vantage"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Identifies a series. ``family`` 0: none; ``interface`` if a device has several of the same metric."""

    subject: SubjectId
    metric: str
    vantage: str
    family: int = 0
    interface: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Holds one value at one time; None if there is none (a gap)."""

    time: datetime
    value: float | None
    quality: Quality = Quality.OK


HOUR, DAY = 3_600, 86_400
"""Seconds of the periods that samples are rolled up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Sets how long samples are kept: raw, which are deleted by whole days, and rolled up to hours and to days."""

    raw: timedelta = timedelta(days=60)
    hours: timedelta = timedelta(days=400)
    days: timedelta = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEntry:
    """Holds one entry of a declared value.

    ``item``: the part of the requirement that a survey asks for, empty for the requirement's own value. ``respondent``:
    the one that answered the survey. ``made`` and ``who``: the time of the entry and the account.
    """

    framework: str
    requirement: str
    period: str
    value: float
    as_of: date
    source: str
    signatory: str
    item: str = ""
    respondent: str = ""
    note: str = ""
    file: str = ""
    row: int = 0
    made: datetime | None = None
    who: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, date]:
        """The key by which a later entry corrects this one: framework, requirement, part, respondent and day."""
        return self.framework, self.requirement, self.item, self.respondent, self.as_of
