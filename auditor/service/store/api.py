"""Defines the interface of a store, independent of its storage.

Evidence is immutable and judgements are append-only: nothing here changes or deletes a result. A value written again
under the same id is left as it was, so a resumed run may repeat itself. Methods are synchronous; a caller with an event
loop goes through ``Writer``. A store may be used from several threads.

Iterating methods use a fixed order and do not hold the whole run in memory; subjects come by agency, then by id, as
code points compare. Methods that end in ``_of`` read some subjects at once, ``AT_ONCE`` or so: much faster than one
after the other, and the result fits into memory. A run, judgement, subject or blob that the store does not hold is a
StoreError.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from auditor.framework.findings import CheckId, Finding, Outcome, Outline
from auditor.framework.waivers import WaiverRow
from auditor.service.store.records import (
    DeclaredEntry,
    Digest,
    JudgementId,
    JudgementRecord,
    RunRecord,
    RunState,
    SettledSubject,
    SubjectScores,
    Tally,
)
from auditor.service.store.samples.api import Sampled
from inventory.inventory import Inventory
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceById, EvidenceId, RunId

if TYPE_CHECKING:
    from auditor.service.store.sql.database import Database

AT_ONCE = 25
"""The number of subjects to read or write together."""


class RunStore(Protocol):
    """Holds runs, and the bytes that their digests name."""

    def create_run(self, run: RunRecord) -> None:
        """Add a run; a second one under the same id is a StoreError.

        One with a ``round`` becomes a member of that round, which must exist; one without a vantage is a round.
        """
        ...

    def run(self, run: RunId) -> RunRecord: ...

    def runs(self) -> tuple[RunRecord, ...]:
        """Return the rounds and the runs of no round, which are judged as a whole, oldest first.

        Members of a round are left out; ``RunRecord.members`` names them.
        """
        ...

    def finish_run(self, run: RunId, when: datetime, state: RunState = RunState.FINISHED) -> None:
        """Record how a run ended: finished, interrupted or cancelled."""
        ...

    def resume_run(self, run: RunId) -> None:
        """Continue an interrupted run: it is running again and has no end."""
        ...

    def add_seal(self, run: RunId, seal: bytes, judgement: JudgementId | None = None) -> None:
        """Add the seal of a run; a second one is a StoreError. A sealed run is not resumed.

        ``judgement``: the last one that the seal covers, which is the latest from then on.
        """
        ...

    def stamp_seal(self, run: RunId, seal: bytes) -> None:
        """Replace a run's seal by one with a time stamp that it did not have; the caller keeps the rest unchanged."""

    def seal(self, run: RunId) -> bytes | None:
        """Return the seal of a run; None if it is not sealed. Raises StoreError for a damaged seal."""
        ...

    def is_sealed(self, run: RunId) -> bool:
        """True if the run, or the round that it is a member of, is sealed."""
        ...

    def forget_evidence(self, run: RunId, when: datetime) -> None:
        """Delete the evidence of a run's subjects; findings, figures, declared values and the vantage's evidence stay.

        A round loses that of all its members. Raises StoreError for a sealed run, and for one that has not ended.
        """
        ...

    def inventories(self) -> tuple[str, ...]:
        """Return the names of the inventories that are kept and not retired, sorted."""
        ...

    def inventory(self, name: str) -> Inventory:
        """Return the latest version of an inventory kept by name; an unknown or retired one is a StoreError."""
        ...

    def put_blob(self, data: bytes) -> Digest:
        """Keep bytes under their own digest: inventory, reference data, policy, catalogue."""
        ...

    def blob(self, digest: Digest) -> bytes:
        """Return the bytes under a digest. Raises StoreError if they are missing or do not match the digest."""
        ...


class SubjectStore(Protocol):
    """Holds the subjects of a run, planned and derived."""

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        """Add subjects with their owners (``derived_from``). One that exists already only gains owners."""
        ...

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None: ...

    def subject(self, run: RunId, subject: SubjectId) -> Subject: ...

    def subjects_of(self, run: RunId, subjects: Sequence[SubjectId]) -> tuple[Subject, ...]:
        """Return these subjects in the order given."""
        ...

    def subjects(self, run: RunId, of: Set[Kind] | None = None, ids: Set[SubjectId] = frozenset()) -> Iterator[Subject]:
        """Yield the subjects by agency, then by id; ``derived_from`` holds all owners, sorted.

        ``of``: only those of these kinds, and those with these ``ids`` that the run has.
        """
        ...

    def subjects_near(self, run: RunId, agencies: Set[AgencyId], owners: Set[SubjectId]) -> Iterator[Subject]:
        """Yield in the same order the subjects of these agencies, and those derived from any of these owners."""
        ...

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        """Record that all evidence of these subjects is stored, so that a resumed run skips them."""
        ...

    def measured(self, run: RunId) -> Set[SubjectId]:
        """Return the subjects marked so; in a round those that each member which has them has marked."""
        ...


class EvidenceBase(Protocol):
    """Holds evidence by run and subject. A subject need not be listed: a vantage's self-test is evidence too.

    Reading a round reads the evidence of all its members.
    """

    def add_evidence(self, evidence: Iterable[Evidence]) -> None: ...

    def evidence(self, run: RunId, subject: SubjectId) -> tuple[Evidence, ...]:
        """Return all evidence of one subject, by evidence id; empty if there is none."""
        ...

    def evidence_of(
        self, run: RunId, subjects: Sequence[SubjectId], *, without: Collection[str] = ()
    ) -> Mapping[SubjectId, tuple[Evidence, ...]]:
        """Return evidence by subject, each as ``evidence``; that of the probes in ``without`` is not read."""
        ...

    def evidence_by_run(self, subject: SubjectId) -> Mapping[RunId, tuple[Evidence, ...]]:
        """Return all evidence of one subject in each run of ``RunStore.runs``, each as ``evidence``, read together.

        Runs without any are left out.
        """
        ...

    def evidence_on_demand(self, run: RunId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, EvidenceById]:
        """Return evidence by subject, in the order of ``evidence``; each piece is decoded at the first access."""
        ...

    def evidence_ids(self, run: RunId, subject: SubjectId) -> tuple[EvidenceId, ...]:
        """Return the ids of ``evidence`` without reading it."""
        ...

    def evidence_bytes(self, run: RunId) -> Iterator[tuple[SubjectId, EvidenceId, bytes]]:
        """Yield every envelope as stored bytes, in the order of ``all_evidence``."""
        ...

    def all_evidence(self, run: RunId) -> Iterator[Evidence]:
        """Yield all evidence by subject id, then by evidence id."""
        ...

    def weighed_evidence(self, run: RunId) -> Iterator[tuple[Evidence, int]]:
        """Yield ``all_evidence``, each piece with its stored size in bytes; 0 for a store in memory."""
        ...


class Judgements(Protocol):
    """Holds the findings, figures and scores of a run, once for each time it was judged."""

    def add_judgement(self, judgement: JudgementRecord, *, whole: bool = True) -> None:
        """Add a judgement; one that is not ``whole`` is neither listed nor the latest until ``complete_judgement``."""
        ...

    def complete_judgement(self, judgement: JudgementId) -> None: ...

    def judgement(self, judgement: JudgementId) -> JudgementRecord: ...

    def judgements(self, run: RunId) -> tuple[JudgementRecord, ...]:
        """Return the judgements of a run, oldest first."""
        ...

    def latest_judgement(self, run: RunId) -> JudgementRecord | None:
        """Return the judgement that is shown: the latest; for a sealed run the last one that the seal covers."""
        ...

    def latest_judgements(self) -> Mapping[RunId, JudgementRecord]:
        """Return ``latest_judgement`` of every run, read together. Runs without one are left out."""
        ...

    def accepted(self, at: datetime | None = None) -> tuple[WaiverRow, ...]:
        """Return the accepted defects that are not withdrawn, now or at the moment ``at``; empty if none are kept.

        Expired ones are among them; judging checks their last day.
        """
        ...

    def declared_entries(self) -> tuple[DeclaredEntry, ...]:
        """Return every value declared for a period, in the order of entry; empty if none are kept.

        The last entry of a key holds.
        """
        ...

    def add_findings(self, judgement: JudgementId, findings: Iterable[Finding]) -> None:
        """Add findings of subjects of the judgement's run. A finding id twice in one judgement is a StoreError."""
        ...

    def findings(self, judgement: JudgementId, subject: SubjectId) -> tuple[Finding, ...]:
        """Return the findings of one subject in the order in which they were added."""
        ...

    def findings_of(
        self, judgement: JudgementId, subjects: Sequence[SubjectId]
    ) -> Mapping[SubjectId, tuple[Finding, ...]]:
        """Return findings by subject, each as ``findings``."""
        ...

    def outlines_of(
        self,
        judgement: JudgementId,
        subjects: Sequence[SubjectId],
        *,
        args_of: Collection[CheckId] = (),
        check: CheckId | None = None,
        outcomes: Collection[Outcome] | None = None,
    ) -> Mapping[SubjectId, tuple[Outline, ...]]:
        """Return outlines by subject, in the order of ``findings``: much less is read.

        Subjects of other runs are left out. ``args_of``: the checks with values to read; ``check``: only findings of
        this one; ``outcomes``: only findings with these.
        """
        ...

    def untested(self, judgement: JudgementId) -> Iterator[Finding]:
        """Yield the inconclusive findings without any evidence, in the order of ``findings_by_subject``."""
        ...

    def tally(self, judgement: JudgementId) -> Mapping[Tally, int]:
        """Count the findings of each sort without reading them."""
        ...

    def findings_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
        """Yield every subject of the run with its findings, possibly none, in the order of ``subjects``."""
        ...

    def add_summary(self, judgement: JudgementId, summary: Digest) -> None:
        """Record the blob that holds the figures of a judgement; a second one is a StoreError."""
        ...

    def summary(self, judgement: JudgementId) -> Digest | None:
        """Return the digest of that blob; None if none was recorded."""
        ...

    def add_conditions(self, judgement: JudgementId, conditions: Digest) -> None:
        """Record the blob that holds the conditions a judgement was made under; a second one is a StoreError."""
        ...

    def conditions(self, judgement: JudgementId) -> Digest | None:
        """Return the digest of that blob; None for a judgement made before conditions were kept."""
        ...

    def add_settled(self, judgement: JudgementId, subjects: Mapping[SubjectId, SettledSubject]) -> None:
        """Keep how the judgement settled each subject; a second time is a StoreError."""
        ...

    def settled_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SettledSubject]:
        """Return the settled subjects among these. Those without are left out."""
        ...

    def add_scores(self, judgement: JudgementId, scores: Mapping[SubjectId, SubjectScores]) -> None:
        """Add the scores of subjects; a second time for a subject is a StoreError."""
        ...

    def scores(self, judgement: JudgementId, subject: SubjectId) -> SubjectScores:
        """Return the scores of one subject; empty if none were added."""
        ...

    def scores_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SubjectScores]:
        """Return scores by subject, each as ``scores``."""
        ...

    def scores_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, SubjectScores]]:
        """Yield every subject of the run with its scores, in the order of ``subjects``."""
        ...


class Store(RunStore, SubjectStore, EvidenceBase, Judgements, Sampled, Protocol):
    """Combines all parts of a store."""

    @property
    def url(self) -> str | None:
        """The URL by which another process opens the same store; None if none can."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Commit the writes of this thread inside the block together, which is much faster for small ones.

        When the block raises, a store with transactions keeps none of them. Blocks nest.
        """
        ...

    def appending(self) -> AbstractContextManager[None]:
        """Batch writes that only add evidence and subjects under ids of their own; other writers need not wait."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class DatabaseStore(Store, Protocol):
    """Extends a store by its database, which also holds accounts, jobs and the audit log."""

    @property
    def database(self) -> "Database": ...

    def rename_vantage(self, former: Subject, present: Subject) -> bool:
        """Give a vantage's samples and notes, and other vantages' samples of it, to its present name; True if done.

        False, with nothing changed, if the present name has series of its own; runs keep the name under which they were
        made.
        """
        ...
