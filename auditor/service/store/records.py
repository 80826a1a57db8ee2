"""Defines what a store holds beside subjects, evidence and findings: runs, judgements, scores, series."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from auditor.figures.comparison import Believed
from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import Level, Outcome, Reason, Severity
from auditor.framework.operator_problems import Explained
from auditor.framework.waivers import WaiverRow
from auditor.judging.seen_from import SeenFrom
from auditor.service.store.run_options import RunOptions
from inventory.model import AgencyId, Expectation, IPAddress, Kind, Subject, SubjectId
from probes.framework.evidence import RunId

Digest = NewType("Digest", str)
"""``sha256:`` and 64 hex digits."""
JudgementId = NewType("JudgementId", str)


class StoreError(Exception):
    """A store that cannot be used, or something asked of it that it does not hold. The message says what to do.

    ``template`` is the English text and the key of its translation, ``args_by_name`` fill its fields.
    """

    def __init__(self, template: str, **args: str | int) -> None:
        self.template = template
        self.args_by_name: Mapping[str, str | int] = args
        super().__init__(template.format(**args))


class StoreFailed(StoreError, Explained):
    """A store that could be used and cannot be any more: a full disk, a lost permission, a damaged file."""


@contextmanager
def one_store_error() -> Iterator[None]:
    """Of a group of errors that all say that the store failed, raise the first alone."""
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
    """``the store holds no run 'a'; did you mean 'b'?``"""
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
    """Something in a store is not what was put there."""


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
    """So many subjects of ``areas`` changed between ``base`` and a run that the vantage is blamed first. ``repeat`` is
    the run that decided about it."""

    base: RunId
    areas: tuple[str, ...]
    since: datetime
    state: Believed = Believed.WAITING
    repeat: RunId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Describes one pass over an inventory from one vantage, or a round of several.

    The digests name blobs. ``networks`` are those of the vantage as configured: ``internet``, ``tslcd``, ``lan:SITE``.
    A round is made without a vantage; what is read of it has the names, networks, times and state of its ``members``.
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
    """Since when the evidence of its subjects is kept no more; findings and figures stay."""
    doubt: Doubt | None = None
    round: RunId | None = None
    """The round that this run is a member of."""
    members: tuple[RunId, ...] = ()
    """The runs of a round, by the names of their vantages."""

    @property
    def is_round(self) -> bool:
        """True if this stands for the runs of several vantages, whose evidence is its own."""
        return bool(self.members) or not self.vantage

    @property
    def amends(self) -> str:
        """The run that this one re-checks some subjects of, or nothing."""
        return self.options.amends

    @property
    def is_part(self) -> bool:
        """True if a part of the subjects or of the checks was asked for, for this run alone."""
        return self.options.part

    @property
    def repeats(self) -> str:
        """The doubtful run that this one was made to decide about, or nothing."""
        return self.options.repeats

    @property
    def is_blamed(self) -> bool:
        """A repeat showed that its changes are those of the vantage."""
        return self.doubt is not None and self.doubt.state is Believed.VANTAGE

    @property
    def is_base(self) -> bool:
        """True if later runs are compared with it: not while it is doubted, nor when the vantage was to blame."""
        return self.doubt is None or self.doubt.state in (Believed.REAL, Believed.UNSETTLED)


def check_forgettable(run: RunRecord, *, is_sealed: bool) -> None:
    """Raises StoreError where the evidence of a run has to stay."""
    if is_sealed:
        raise StoreError("run '{run}' is sealed: its evidence stays", run=run.id)
    if run.state is RunState.RUNNING:
        raise StoreError("run '{run}' has not ended: its evidence stays", run=run.id)


def newest_first(runs: Iterable[RunRecord], now: datetime) -> list[RunRecord]:
    """Return runs in the order in which people look for them. One that is dated later than ``now`` was made while the
    clock was ahead: it stands at the end, or it would be taken for the latest until that day comes."""
    return sorted(runs, key=lambda run: (run.started <= now, run.started, run.id), reverse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecord:
    """All findings of one run under one policy, one catalogue and one set of reference data. Append-only."""

    id: JudgementId
    run: RunId
    catalogue: str
    policy: Digest
    reference: Digest
    inventory: Digest
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScores:
    """Scores by area and ladders by name (service, device, point) of one subject under one judgement."""

    scores: Mapping[str, Score] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledSubject:
    """Holds what a judgement took a subject to be: the agency that owns it, its kinds and its addresses.

    A row of the inventory says most of it itself; a subject that planning derived gets it from the owners of all
    subjects that lead to it, and a name of the command line gets its kinds from the DNS.
    """

    agency: AgencyId | None
    kind: Kind
    kinds: frozenset[Kind]
    expected: Expectation
    addresses: tuple[IPAddress, ...]
    seen_from: tuple[SeenFrom, ...] = ()
    """Whether it answered each vantage of a round."""

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
    """One version of an inventory that is kept by name. ``number`` counts from 1; the last one is what is audited.

    ``files`` are the files it was read from, as they were called; ``digest`` names the blob of the inventory.
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
    """Says when and by whom an inventory was retired, which is so now."""

    name: str
    made: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWaiver:
    """A defect accepted in the service: who wrote that down, and who ended it before its time."""

    key: int
    row: WaiverRow
    made: datetime
    who: str
    ended: datetime | None = None
    ended_by: str = ""

    def in_force(self, day: date) -> bool:
        return self.ended is None and self.row.in_force(day)

    def stood(self, moment: datetime | None) -> bool:
        """True if it was written down, and not taken back, at a moment; None: now."""
        if moment is None:
            return self.ended is None
        return self.made <= moment and (self.ended is None or self.ended > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What findings are counted by. ``without_credentials``: none were configured, so nothing could be asked."""

    outcome: Outcome
    severity: Severity
    level: Level
    reason: Reason | None
    waived: bool
    without_credentials: bool = False


class Quality(StrEnum):
    """Whether a sample counts. Samples of a sick vantage and of announced maintenance are set aside, not left out."""

    OK = "ok"
    GAP = "gap"
    VANTAGE = "vantage"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was sampled. ``family`` 0: of no family; ``interface`` where one device has several of the same metric."""

    subject: SubjectId
    metric: str
    vantage: str
    family: int = 0
    interface: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value at one time; None where there is none (a gap)."""

    time: datetime
    value: float | None
    quality: Quality = Quality.OK


HOUR, DAY = 3_600, 86_400
"""Seconds of the stretches that samples are rolled up to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long samples are kept: raw, which go by whole days, and rolled up to hours and to days."""

    raw: timedelta = timedelta(days=60)
    hours: timedelta = timedelta(days=400)
    days: timedelta = timedelta(days=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredEntry:
    """One entry. ``item``: the part of the requirement that a survey asks for, empty for its value itself.
    ``respondent``: who answered the survey. ``made`` and ``who``: when it was entered, and by whom."""

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
        """What a later entry corrects: the same part of the same requirement, by the same respondent, of one day."""
        return self.framework, self.requirement, self.item, self.respondent, self.as_of
