"""Implements ``api.Store`` over a relational database; its only task is to group work into transactions.

Iterators fetch page by page, each page in a read transaction of its own: one left open would keep SQLite from ever
tidying its write-ahead log while a judgement is written next to it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy.exc import IntegrityError

from auditor.framework.findings import CheckId, Finding, Outcome, Outline
from auditor.framework.waivers import WaiverRow
from auditor.service.store.chunks import chunks
from auditor.service.store.long_lived import long_lived
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
    check_forgettable,
    repeated,
    sealed,
)
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.judgements import finding_rows, judgement_rows
from auditor.service.store.sql.kept import kept_rows
from auditor.service.store.sql.keys import judgement_key, known_keys, run_key, subject_keys
from auditor.service.store.sql.runs import evidence_rows, run_rows, subject_rows
from auditor.service.store.sql.samples.sampled import SqlSampled
from inventory.inventory import Inventory
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceById, EvidenceId, RunId

PAGE = 200
"""Subjects that are fetched at once; an iterator keeps one page in memory."""


class SqlStore(SqlSampled):
    """Implements ``api.DatabaseStore``."""

    @property
    def database(self) -> Database:
        """The database, for records in it that are not results, such as accounts."""
        return self._database

    @property
    def url(self) -> str | None:
        return self._database.url

    def create_run(self, run: RunRecord) -> None:
        with self._database.writing() as connection:
            run_rows.create(connection, run)

    def run(self, run: RunId) -> RunRecord:
        with self._database.reading() as connection:
            return run_rows.get(connection, run)

    def runs(self) -> tuple[RunRecord, ...]:
        with self._database.reading() as connection:
            return run_rows.every(connection)

    def finish_run(self, run: RunId, when: datetime, state: RunState = RunState.FINISHED) -> None:
        with self._database.writing() as connection:
            run_rows.end(connection, run, when, state)

    def add_seal(self, run: RunId, seal: bytes, judgement: JudgementId | None = None) -> None:
        with self._database.writing() as connection:
            run_rows.add_seal(connection, run, seal, judgement)

    def stamp_seal(self, run: RunId, seal: bytes) -> None:
        with self._database.writing() as connection:
            run_rows.stamp_seal(connection, run, seal)

    def seal(self, run: RunId) -> bytes | None:
        with self._database.reading() as connection:
            return run_rows.seal(connection, run)

    def is_sealed(self, run: RunId) -> bool:
        with self._database.reading() as connection:
            return run_rows.is_sealed(connection, run)

    def resume_run(self, run: RunId) -> None:
        with self._database.writing() as connection:
            if run_rows.is_sealed(connection, run):
                raise sealed(run)
            run_rows.end(connection, run, None, RunState.RUNNING)

    def forget_evidence(self, run: RunId, when: datetime) -> None:
        with self._database.writing() as connection:
            is_sealed = run_rows.is_sealed(connection, run)
            check_forgettable(run_rows.get(connection, run), is_sealed=is_sealed)
            evidence_rows.forget(connection, run)
            run_rows.forget(connection, run, when)

    def inventories(self) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return tuple(latest_version.name for latest_version in kept_rows.latest_versions(connection))

    def inventory(self, name: str) -> Inventory:
        with self._database.reading() as connection:
            document = run_rows.blob(connection, kept_rows.audited_version(connection, name).digest)
        with long_lived(len(document)):
            return Inventory.from_json(document)

    def put_blob(self, data: bytes) -> Digest:
        with self._database.writing() as connection:
            return run_rows.put_blob(connection, data)

    def blob(self, digest: Digest) -> bytes:
        with self._database.reading() as connection:
            return run_rows.blob(connection, digest)

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        rows = list(subjects)
        with self._database.appending() as connection:
            subject_rows.add(connection, run, rows)

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
        with self._database.appending() as connection:
            subject_rows.add_owners(connection, run, subject, owners)

    def subject(self, run: RunId, subject: SubjectId) -> Subject:
        return self.subjects_of(run, [subject])[0]

    def subjects_of(self, run: RunId, subjects: Sequence[SubjectId]) -> tuple[Subject, ...]:
        with self._database.reading() as connection:
            return subject_rows.some(connection, run, subjects)

    def subjects(self, run: RunId, of: Set[Kind] | None = None, ids: Set[SubjectId] = frozenset()) -> Iterator[Subject]:
        for places in self._places(run) if of is None else self._chosen(run, of, ids):
            with self._database.reading() as connection:
                page = subject_rows.whole(connection, places)
            yield from (subject for subject in page if of is None or subject.kinds & of or subject.id in ids)

    def subjects_near(self, run: RunId, agencies: Set[AgencyId], owners: Set[SubjectId]) -> Iterator[Subject]:
        with self._database.reading() as connection:
            near = subject_rows.near(connection, run, agencies, owners)
        for places in chunks(near, PAGE):
            with self._database.reading() as connection:
                page = subject_rows.whole(connection, places)
            yield from page

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        with self._database.appending() as connection:
            subject_rows.mark_measured(connection, run, subjects)
            evidence_rows.pack(connection, run, subjects)

    def measured(self, run: RunId) -> Set[SubjectId]:
        with self._database.reading() as connection:
            return subject_rows.measured(connection, run)

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        rows = evidence_rows.rows(evidence)
        with self._database.appending() as connection:
            evidence_rows.add(connection, rows)

    def evidence(self, run: RunId, subject: SubjectId) -> tuple[Evidence, ...]:
        return self.evidence_of(run, [subject])[subject]

    def evidence_of(
        self, run: RunId, subjects: Sequence[SubjectId], *, without: Collection[str] = ()
    ) -> Mapping[SubjectId, tuple[Evidence, ...]]:
        return {stored.subject: evidence_rows.all_of(stored, without) for stored in self._stored(run, subjects)}

    def evidence_by_run(self, subject: SubjectId) -> Mapping[RunId, tuple[Evidence, ...]]:
        with self._database.reading() as connection:
            found = evidence_rows.of_every_run(connection, subject)
        return {run: evidence_rows.all_of(stored) for run, stored in found.items()}

    def evidence_on_demand(self, run: RunId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, EvidenceById]:
        return {stored.subject: evidence_rows.OnDemand(stored) for stored in self._stored(run, subjects)}

    def evidence_ids(self, run: RunId, subject: SubjectId) -> tuple[EvidenceId, ...]:
        return tuple(envelope.id for stored in self._stored(run, [subject]) for envelope in stored.envelopes())

    def evidence_bytes(self, run: RunId) -> Iterator[tuple[SubjectId, EvidenceId, bytes]]:
        for stored in self._stored_of_all(run):
            for envelope in stored.envelopes():
                yield stored.subject, envelope.id, envelope.data

    def all_evidence(self, run: RunId) -> Iterator[Evidence]:
        return (evidence for evidence, _ in self.weighed_evidence(run))

    def weighed_evidence(self, run: RunId) -> Iterator[tuple[Evidence, int]]:
        for stored in self._stored_of_all(run):
            for envelope in stored.envelopes():
                yield evidence_rows.read(envelope), len(envelope.data)

    def _stored(self, run: RunId, subjects: Sequence[SubjectId]) -> list[evidence_rows.Stored]:
        with self._database.reading() as connection:
            return evidence_rows.of_subjects(connection, run, subjects)

    def _stored_of_all(self, run: RunId) -> Iterator[evidence_rows.Stored]:
        after = SubjectId("")
        while True:
            with self._database.reading() as connection:
                page = evidence_rows.subjects_after(connection, run, after, PAGE)
                stored = evidence_rows.of_subjects(connection, run, page)
            yield from stored
            if len(page) < PAGE:
                return
            after = page[-1]

    def accepted(self, at: datetime | None = None) -> tuple[WaiverRow, ...]:
        with self._database.reading() as connection:
            return tuple(waiver.row for waiver in kept_rows.waivers(connection) if waiver.stood(at))

    def declared_entries(self) -> tuple[DeclaredEntry, ...]:
        with self._database.reading() as connection:
            return kept_rows.declared_entries(connection)

    def add_judgement(self, judgement: JudgementRecord, *, whole: bool = True) -> None:
        with self._database.writing() as connection:
            judgement_rows.add(connection, judgement, whole=whole)

    def complete_judgement(self, judgement: JudgementId) -> None:
        with self._database.writing() as connection:
            judgement_rows.complete(connection, judgement)

    def judgement(self, judgement: JudgementId) -> JudgementRecord:
        with self._database.reading() as connection:
            return judgement_rows.get(connection, judgement)

    def judgements(self, run: RunId) -> tuple[JudgementRecord, ...]:
        with self._database.reading() as connection:
            return judgement_rows.of_run(connection, run)

    def latest_judgement(self, run: RunId) -> JudgementRecord | None:
        with self._database.reading() as connection:
            judgements = judgement_rows.of_run(connection, run)
            shown = run_rows.sealed_judgement(connection, run)
        return next((judgement for judgement in reversed(judgements) if shown in (None, judgement.id)), None)

    def latest_judgements(self) -> Mapping[RunId, JudgementRecord]:
        with self._database.reading() as connection:
            return judgement_rows.shown(connection)

    def add_summary(self, judgement: JudgementId, summary: Digest) -> None:
        with self._database.writing() as connection:
            judgement_rows.add_summary(connection, judgement, summary)

    def summary(self, judgement: JudgementId) -> Digest | None:
        with self._database.reading() as connection:
            return judgement_rows.summary(connection, judgement)

    def add_conditions(self, judgement: JudgementId, conditions: Digest) -> None:
        with self._database.writing() as connection:
            judgement_rows.add_conditions(connection, judgement, conditions)

    def conditions(self, judgement: JudgementId) -> Digest | None:
        with self._database.reading() as connection:
            return judgement_rows.conditions(connection, judgement)

    def add_settled(self, judgement: JudgementId, subjects: Mapping[SubjectId, SettledSubject]) -> None:
        with self._database.writing(told=False) as connection:
            judgement_rows.add_settled(connection, judgement, subjects)

    def settled_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SettledSubject]:
        with self._database.reading() as connection:
            key, run = judgement_key(connection, judgement)
            return judgement_rows.settled(connection, key, subject_keys(connection, run, subjects))

    def add_findings(self, judgement: JudgementId, findings: Iterable[Finding]) -> None:
        for batch in chunks(findings, finding_rows.BATCH):
            with self._database.writing(told=False) as connection:
                key, run = judgement_key(connection, judgement)
                keys = subject_keys(connection, run, list({finding.subject: None for finding in batch}))
                try:
                    finding_rows.add(connection, key, keys, batch)
                except IntegrityError as error:
                    raise repeated(judgement) from error

    def findings(self, judgement: JudgementId, subject: SubjectId) -> tuple[Finding, ...]:
        return self.findings_of(judgement, [subject])[subject]

    def findings_of(
        self, judgement: JudgementId, subjects: Sequence[SubjectId]
    ) -> Mapping[SubjectId, tuple[Finding, ...]]:
        with self._database.reading() as connection:
            key, run = judgement_key(connection, judgement)
            places = {place: subject for subject, place in subject_keys(connection, run, subjects).items()}
            found = finding_rows.of_subjects(connection, key, places)
        return {places[place]: tuple(findings) for place, findings in found.items()}

    def outlines_of(
        self,
        judgement: JudgementId,
        subjects: Sequence[SubjectId],
        *,
        args_of: Collection[CheckId] = (),
        check: CheckId | None = None,
        outcomes: Collection[Outcome] | None = None,
    ) -> Mapping[SubjectId, tuple[Outline, ...]]:
        with self._database.reading() as connection:
            key, run = judgement_key(connection, judgement)
            places = {place: subject for subject, place in known_keys(connection, run, subjects).items()}
            outlines = finding_rows.outlines(
                connection, key, list(places), frozenset(args_of), check=check, outcomes=outcomes
            )
        return {subject: tuple(outlines.get(place, ())) for place, subject in places.items()}

    def untested(self, judgement: JudgementId) -> Iterator[Finding]:
        record = self.judgement(judgement)
        for places in self._places(record.run):
            with self._database.reading() as connection:
                key, _ = judgement_key(connection, judgement)
                page = finding_rows.untested(connection, key, {place.key: place.id for place in places})
            for place in places:
                yield from page[place.key]

    def tally(self, judgement: JudgementId) -> Mapping[Tally, int]:
        with self._database.reading() as connection:
            key, _ = judgement_key(connection, judgement)
            return finding_rows.tally(connection, key)

    def findings_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
        record = self.judgement(judgement)
        for places in self._places(record.run):
            with self._database.reading() as connection:
                key, _ = judgement_key(connection, judgement)
                page = finding_rows.of_subjects(connection, key, {place.key: place.id for place in places})
            for place in places:
                yield place.id, tuple(page[place.key])

    def add_scores(self, judgement: JudgementId, scores: Mapping[SubjectId, SubjectScores]) -> None:
        with self._database.writing(told=False) as connection:
            judgement_rows.add_scores(connection, judgement, scores)

    def scores(self, judgement: JudgementId, subject: SubjectId) -> SubjectScores:
        return self.scores_of(judgement, [subject])[subject]

    def scores_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SubjectScores]:
        with self._database.reading() as connection:
            key, run = judgement_key(connection, judgement)
            places = subject_keys(connection, run, subjects)
            scores = judgement_rows.scores(connection, key, list(places.values()))
        return {subject: scores.get(place, SubjectScores()) for subject, place in places.items()}

    def scores_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, SubjectScores]]:
        record = self.judgement(judgement)
        for places in self._places(record.run):
            with self._database.reading() as connection:
                key, _ = judgement_key(connection, judgement)
                page = judgement_rows.scores(connection, key, [place.key for place in places])
            for place in places:
                yield place.id, page.get(place.key, SubjectScores())

    def secure(self) -> None:
        self._database.secure()

    @contextmanager
    def batch(self) -> Iterator[None]:
        with self._database.writing(told=False):  # the writes within decide ``told``
            yield

    @contextmanager
    def appending(self) -> Iterator[None]:
        with self._database.appending():
            yield

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _chosen(self, run: RunId, kinds: Set[Kind], ids: Set[SubjectId]) -> Iterator[list[subject_rows.SubjectPlace]]:
        with self._database.reading() as connection:
            places = subject_rows.chosen(connection, run, kinds, ids)
        return chunks(places, PAGE)

    def _places(self, run: RunId) -> Iterator[list[subject_rows.SubjectPlace]]:
        """Yield the subjects of a run in their order, a page at a time."""
        after: subject_rows.SubjectPlace | None = None
        while True:
            with self._database.reading() as connection:
                page = subject_rows.page(connection, run_key(connection, run), after, PAGE)
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1]
