"""Defines what a store can do, whatever is behind it.

Evidence is immutable and judgements are append-only: nothing here changes or deletes a result. What is written again
under the same id is left as it was, so a resumed run may repeat itself. Methods are synchronous; a caller with an event
loop goes through ``Writer``. A store may be used from several threads.

What iterates does so in a fixed order and without holding the whole run in memory; subjects come by agency, then by id,
as code points compare. What ends in ``_of`` reads some subjects at once, ``AT_ONCE`` or so: much faster than one after
the other, and what they hold fits into memory. A run, judgement, subject or blob that the store does not hold is a
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
"""Subjects to be read or written together."""


class RunStore(Protocol):
    """Runs, and the bytes their digests name."""

    def create_run(self, run: RunRecord) -> None:
        """Add a run; a second one under the same id is a StoreError. One with a ``round`` becomes a member of it, which
        must be there; one without a vantage is a round."""
        ...

    def run(self, run: RunId) -> RunRecord: ...

    def runs(self) -> tuple[RunRecord, ...]:
        """All that is judged as a whole, oldest first: rounds, and runs of no round. Never the members of a round,
        which ``RunRecord.members`` names."""
        ...

    def finish_run(self, run: RunId, when: datetime, state: RunState = RunState.FINISHED) -> None:
        """Say how a run ended: finished, interrupted or cancelled."""
        ...

    def resume_run(self, run: RunId) -> None:
        """An interrupted run goes on: running again, no end."""
        ...

    def add_seal(self, run: RunId, seal: bytes, judgement: JudgementId | None = None) -> None:
        """Once for each run; a second time is a StoreError. A sealed run is not resumed. ``judgement``: the last one
        that the seal covers, which is the latest from then on."""
        ...

    def stamp_seal(self, run: RunId, seal: bytes) -> None:
        """The seal of a run with a time stamp that it did not have; everything else of it is the caller's to keep."""

    def seal(self, run: RunId) -> bytes | None:
        """None of a run that is not sealed. A seal that is damaged is a StoreError."""
        ...

    def is_sealed(self, run: RunId) -> bool:
        """True if the run, or the round that it is a member of, is sealed."""
        ...

    def forget_evidence(self, run: RunId, when: datetime) -> None:
        """The evidence of the run's subjects goes; findings, figures, declared values and the vantage's own stay.

        That of a round goes with all its members'. Raises StoreError for a sealed run, and for one that has not ended.
        """
        ...

    def inventories(self) -> tuple[str, ...]:
        """Return the names of the inventories that are kept, sorted."""
        ...

    def inventory(self, name: str) -> Inventory:
        """Return the latest version of an inventory that is kept by name."""
        ...

    def put_blob(self, data: bytes) -> Digest:
        """Keep bytes under their own digest: inventory, reference data, policy, catalogue."""
        ...

    def blob(self, digest: Digest) -> bytes:
        """What is kept under a digest; a StoreError also where it is not what the digest says."""
        ...


class SubjectStore(Protocol):
    """The subjects of a run, planned and derived."""

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        """Add subjects with their owners (``derived_from``). One that is there already only gains owners."""
        ...

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None: ...

    def subject(self, run: RunId, subject: SubjectId) -> Subject: ...

    def subjects_of(self, run: RunId, subjects: Sequence[SubjectId]) -> tuple[Subject, ...]:
        """In the order given."""
        ...

    def subjects(self, run: RunId, of: Set[Kind] | None = None, ids: Set[SubjectId] = frozenset()) -> Iterator[Subject]:
        """By agency, then by id; ``derived_from`` holds all owners, sorted.

        ``of``: only those of these kinds, and those with these ``ids`` that the run has."""
        ...

    def subjects_near(self, run: RunId, agencies: Set[AgencyId], owners: Set[SubjectId]) -> Iterator[Subject]:
        """In the same order those that were planned for these agencies, and those that any of these owners led to."""
        ...

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        """Say that all evidence of these subjects is stored, so that a resumed run passes them over."""
        ...

    def measured(self, run: RunId) -> Set[SubjectId]:
        """Return the subjects marked so; of a round those that every member which has them has marked."""
        ...


class EvidenceBase(Protocol):
    """Evidence by run and subject. A subject need not be listed: the vantage's self-test is evidence too.

    What is read of a round is the evidence of all its members.
    """

    def add_evidence(self, evidence: Iterable[Evidence]) -> None: ...

    def evidence(self, run: RunId, subject: SubjectId) -> tuple[Evidence, ...]:
        """All evidence of one subject, by evidence id; empty where there is none."""
        ...

    def evidence_of(
        self, run: RunId, subjects: Sequence[SubjectId], *, without: Collection[str] = ()
    ) -> Mapping[SubjectId, tuple[Evidence, ...]]:
        """By subject, each as ``evidence``; ``without`` names probes whose evidence is not wanted and not read."""
        ...

    def evidence_by_run(self, subject: SubjectId) -> Mapping[RunId, tuple[Evidence, ...]]:
        """All evidence of one subject in every one of ``Runs.runs``, each as ``evidence``, read together. Runs that
        have none are left out."""
        ...

    def evidence_on_demand(self, run: RunId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, EvidenceById]:
        """By subject, each in the order of ``evidence``; a piece is decoded when it is first looked at."""
        ...

    def evidence_ids(self, run: RunId, subject: SubjectId) -> tuple[EvidenceId, ...]:
        """As ``evidence``, without reading it."""
        ...

    def evidence_bytes(self, run: RunId) -> Iterator[tuple[SubjectId, EvidenceId, bytes]]:
        """Every envelope as it was stored, in the order of ``all_evidence``."""
        ...

    def all_evidence(self, run: RunId) -> Iterator[Evidence]:
        """By subject id, then by evidence id."""
        ...

    def weighed_evidence(self, run: RunId) -> Iterator[tuple[Evidence, int]]:
        """As ``all_evidence``, each piece with its bytes as it is stored; 0 where it is in memory anyway."""
        ...


class Judgements(Protocol):
    """What was said about a run, each time it was judged."""

    def add_judgement(self, judgement: JudgementRecord, *, whole: bool = True) -> None:
        """One that is not ``whole`` is not listed, nor the latest, until ``complete_judgement``."""
        ...

    def complete_judgement(self, judgement: JudgementId) -> None: ...

    def judgement(self, judgement: JudgementId) -> JudgementRecord: ...

    def judgements(self, run: RunId) -> tuple[JudgementRecord, ...]:
        """Oldest first."""
        ...

    def latest_judgement(self, run: RunId) -> JudgementRecord | None:
        """Return the one that is shown of a run: the latest; of a sealed run the latest of those that were sealed."""
        ...

    def latest_judgements(self) -> Mapping[RunId, JudgementRecord]:
        """Return the same of every run, read together. Runs that have none are left out."""
        ...

    def accepted(self, at: datetime | None = None) -> tuple[WaiverRow, ...]:
        """Return the defects that are accepted here and were not taken back, as that stands now or stood at a moment,
        whatever their last day; judging heeds them. Of a store that holds none there are none."""
        ...

    def declared_entries(self) -> tuple[DeclaredEntry, ...]:
        """Every value that was declared for a period, in the order of entering; the last one of a key holds. Of a
        store that holds none there are none."""
        ...

    def add_findings(self, judgement: JudgementId, findings: Iterable[Finding]) -> None:
        """Add findings of subjects of the judgement's run. A finding id twice in one judgement is a StoreError."""
        ...

    def findings(self, judgement: JudgementId, subject: SubjectId) -> tuple[Finding, ...]:
        """In the order in which they were added."""
        ...

    def findings_of(
        self, judgement: JudgementId, subjects: Sequence[SubjectId]
    ) -> Mapping[SubjectId, tuple[Finding, ...]]:
        """By subject, each as ``findings``."""
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
        """By subject, each in the order of ``findings``: much less is read. Subjects of other runs are left out.

        ``args_of``: the checks whose values are wanted; ``check``: the only one whose findings are; ``outcomes``: the
        only ones that are.
        """
        ...

    def untested(self, judgement: JudgementId) -> Iterator[Finding]:
        """Return the inconclusive findings that rest on no evidence, in the order of ``findings_by_subject``."""
        ...

    def tally(self, judgement: JudgementId) -> Mapping[Tally, int]:
        """How many findings there are of each sort, without reading them."""
        ...

    def findings_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
        """Every subject of the run, in the order of ``subjects``, also those without a finding."""
        ...

    def add_summary(self, judgement: JudgementId, summary: Digest) -> None:
        """Say which blob holds the figures of a judgement, once; a second time is a StoreError."""
        ...

    def summary(self, judgement: JudgementId) -> Digest | None:
        """None where none was kept."""
        ...

    def add_conditions(self, judgement: JudgementId, conditions: Digest) -> None:
        """Say which blob holds the conditions a judgement was made under, once; a second time is a StoreError."""
        ...

    def conditions(self, judgement: JudgementId) -> Digest | None:
        """Return the digest of that blob, or None for a judgement that was made before conditions were kept."""
        ...

    def add_settled(self, judgement: JudgementId, subjects: Mapping[SubjectId, SettledSubject]) -> None:
        """Keep what the judgement took each subject to be, once; a second time is a StoreError."""
        ...

    def settled_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SettledSubject]:
        """Return what was kept of these subjects. Those of which nothing was kept are left out."""
        ...

    def add_scores(self, judgement: JudgementId, scores: Mapping[SubjectId, SubjectScores]) -> None:
        """Once for each subject and judgement; a second time is a StoreError."""
        ...

    def scores(self, judgement: JudgementId, subject: SubjectId) -> SubjectScores:
        """Empty where none were added."""
        ...

    def scores_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SubjectScores]:
        """By subject, each as ``scores``."""
        ...

    def scores_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, SubjectScores]]:
        """Every subject of the run, in the order of ``subjects``."""
        ...


class Store(RunStore, SubjectStore, EvidenceBase, Judgements, Sampled, Protocol):
    """All of it."""

    @property
    def url(self) -> str | None:
        """Return the URL by which another process opens the same store, None where none can."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Writes of this thread inside the block are committed together, which is much faster for small ones.

        When the block raises, a store with transactions keeps none of them. Blocks nest.
        """
        ...

    def appending(self) -> AbstractContextManager[None]:
        """The same for what only adds evidence and subjects under ids of their own: other writers need not wait."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class DatabaseStore(Store, Protocol):
    """A store in a database, where accounts, jobs and the audit log stand beside its results."""

    @property
    def database(self) -> "Database": ...

    def rename_vantage(self, former: Subject, present: Subject) -> bool:
        """Give what was sampled and remembered by a vantage, and what others sampled of it, to its present name. False,
        with nothing changed, where that has series of its own; runs keep the name under which they were made."""
        ...
