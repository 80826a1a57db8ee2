"""Implements a store in memory: for one-off checks, recorded evidence and tests. It loads no database library."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from threading import RLock
from types import TracebackType
from typing import Self

from auditor.framework.findings import NO_CREDENTIALS, CheckId, Finding, Outcome, Outline, outline
from auditor.framework.waivers import WaiverRow
from auditor.service.store.memory.records import HeldJudgement, HeldRun
from auditor.service.store.memory.samples import MemorySamples
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
    digest_of,
    repeated,
    sealed,
    taken,
    unknown,
)
from auditor.service.store.round_records import as_round
from inventory.inventory import Inventory
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.codec import dump_evidence
from probes.framework.evidence import Evidence, EvidenceById, EvidenceId, RunId


class MemoryStore(MemorySamples):
    """Implements ``api.Store``. ``batch`` does not undo writes, because no other process could see half of them."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = RLock()
        self._runs: dict[RunId, HeldRun] = {}
        self._judgements: dict[JudgementId, HeldJudgement] = {}
        self._blobs: dict[Digest, bytes] = {}

    @property
    def url(self) -> None:
        return None

    def create_run(self, run: RunRecord) -> None:
        with self._lock:
            if run.id in self._runs:
                raise taken("run", run.id)
            if run.round is not None:
                self._run(run.round)
            self._runs[run.id] = HeldRun(run)

    def run(self, run: RunId) -> RunRecord:
        with self._lock:
            members = (other.record for other in self._runs.values() if other.record.round == run)
            return as_round(self._run(run).record, members)

    def runs(self) -> tuple[RunRecord, ...]:
        with self._lock:
            runs = (self.run(id_) for id_, run in self._runs.items() if run.record.round is None)
            return tuple(sorted(runs, key=lambda run: (run.started, run.id)))

    def finish_run(self, run: RunId, when: datetime, state: RunState = RunState.FINISHED) -> None:
        held = self._run(run)
        held.record = replace(held.record, finished=when, state=state)

    def resume_run(self, run: RunId) -> None:
        held = self._run(run)
        if self.is_sealed(run):
            raise sealed(run)
        held.record = replace(held.record, finished=None, state=RunState.RUNNING)

    def add_seal(self, run: RunId, seal: bytes, judgement: JudgementId | None = None) -> None:
        with self._lock:
            held = self._run(run)
            if held.seal is not None:
                raise taken("seal of", run)
            held.seal, held.sealed = seal, judgement

    def stamp_seal(self, run: RunId, seal: bytes) -> None:
        with self._lock:
            self._run(run).seal = seal

    def seal(self, run: RunId) -> bytes | None:
        return self._run(run).seal

    def is_sealed(self, run: RunId) -> bool:
        held = self._run(run)
        return held.seal is not None or (held.record.round is not None and self.is_sealed(held.record.round))

    def forget_evidence(self, run: RunId, when: datetime) -> None:
        with self._lock:
            check_forgettable(self.run(run), is_sealed=self.is_sealed(run))
            for held in self._parts(run):
                for subject in held.subjects:
                    held.evidence.pop(subject, None)
                held.record = replace(held.record, forgotten=when)

    def _parts(self, run: RunId) -> tuple[HeldRun, ...]:
        """Return the run, and for a round its members as well: the evidence of all of them belongs to it."""
        return tuple(self._run(member) for member in (run, *self.run(run).members))

    def put_blob(self, data: bytes) -> Digest:
        digest = digest_of(data)
        self._blobs.setdefault(digest, zlib.compress(data))
        return digest

    def blob(self, digest: Digest) -> bytes:
        if digest not in self._blobs:
            raise unknown("blob", digest)
        return zlib.decompress(self._blobs[digest])

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        held = self._run(run)
        with self._lock:
            for subject in subjects:
                known = held.subjects.setdefault(subject.id, subject)
                held.subjects[subject.id] = _owned(known, subject.derived_from)

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
        with self._lock:
            self._run(run).subjects[subject] = _owned(self.subject(run, subject), owners)

    def subject(self, run: RunId, subject: SubjectId) -> Subject:
        known = self._run(run).subjects
        if subject not in known:
            raise unknown("subject", subject, known)
        return known[subject]

    def subjects_of(self, run: RunId, subjects: Sequence[SubjectId]) -> tuple[Subject, ...]:
        return tuple(self.subject(run, subject) for subject in subjects)

    def subjects(self, run: RunId, of: Set[Kind] | None = None, ids: Set[SubjectId] = frozenset()) -> Iterator[Subject]:
        with self._lock:
            held = sorted(self._run(run).subjects.values(), key=lambda subject: (subject.agency or "", subject.id))
        yield from (subject for subject in held if of is None or subject.kinds & of or subject.id in ids)

    def subjects_near(self, run: RunId, agencies: Set[AgencyId], owners: Set[SubjectId]) -> Iterator[Subject]:
        return (
            subject
            for subject in self.subjects(run)
            if subject.agency in agencies or not owners.isdisjoint(subject.derived_from)
        )

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        for subject in subjects:
            self.subject(run, subject)
        self._run(run).measured.update(subjects)

    def measured(self, run: RunId) -> Set[SubjectId]:
        parts = self._parts(run)
        missing = {subject for held in parts[1:] for subject in held.subjects.keys() - held.measured}
        return frozenset(subject for held in parts for subject in held.measured) - missing

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        with self._lock:
            for envelope in evidence:
                self._run(envelope.run).evidence[envelope.subject].setdefault(envelope.id, envelope)

    def evidence(self, run: RunId, subject: SubjectId) -> tuple[Evidence, ...]:
        with self._lock:
            known = {id_: each for held in self._parts(run) for id_, each in held.evidence.get(subject, {}).items()}
            return tuple(known[id_] for id_ in sorted(known))

    def evidence_of(
        self, run: RunId, subjects: Sequence[SubjectId], *, without: Collection[str] = ()
    ) -> Mapping[SubjectId, tuple[Evidence, ...]]:
        return {
            subject: tuple(e for e in self.evidence(run, subject) if e.probe not in without) for subject in subjects
        }

    def evidence_by_run(self, subject: SubjectId) -> Mapping[RunId, tuple[Evidence, ...]]:
        return {run.id: found for run in self.runs() if (found := self.evidence(run.id, subject))}

    def evidence_on_demand(self, run: RunId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, EvidenceById]:
        return {subject: {each.id: each for each in self.evidence(run, subject)} for subject in subjects}

    def evidence_ids(self, run: RunId, subject: SubjectId) -> tuple[EvidenceId, ...]:
        return tuple(envelope.id for envelope in self.evidence(run, subject))

    def evidence_bytes(self, run: RunId) -> Iterator[tuple[SubjectId, EvidenceId, bytes]]:
        return ((envelope.subject, envelope.id, dump_evidence(envelope)) for envelope in self.all_evidence(run))

    def all_evidence(self, run: RunId) -> Iterator[Evidence]:
        with self._lock:
            subjects = sorted({subject for held in self._parts(run) for subject in held.evidence})
        for subject in subjects:
            yield from self.evidence(run, subject)

    def weighed_evidence(self, run: RunId) -> Iterator[tuple[Evidence, int]]:
        return ((envelope, 0) for envelope in self.all_evidence(run))

    def inventories(self) -> tuple[str, ...]:
        return ()

    def inventory(self, name: str) -> Inventory:
        raise unknown("inventory", name)

    def accepted(self, at: datetime | None = None) -> tuple[WaiverRow, ...]:
        return ()

    def declared_entries(self) -> tuple[DeclaredEntry, ...]:
        return ()

    def add_judgement(self, judgement: JudgementRecord, *, whole: bool = True) -> None:
        with self._lock:
            if judgement.id in self._judgements:
                raise taken("judgement", judgement.id)
            self._run(judgement.run).judgements.append(judgement.id)
            self._judgements[judgement.id] = HeldJudgement(judgement, whole=whole)

    def complete_judgement(self, judgement: JudgementId) -> None:
        self._judgement(judgement).whole = True

    def judgement(self, judgement: JudgementId) -> JudgementRecord:
        return self._judgement(judgement).record

    def judgements(self, run: RunId) -> tuple[JudgementRecord, ...]:
        with self._lock:
            held = map(self._judgements.__getitem__, self._run(run).judgements)
            whole = (judgement.record for judgement in held if judgement.whole)
            return tuple(sorted(whole, key=lambda record: record.judged_at))

    def latest_judgement(self, run: RunId) -> JudgementRecord | None:
        shown = self._run(run).sealed
        return next((judgement for judgement in reversed(self.judgements(run)) if shown in (None, judgement.id)), None)

    def latest_judgements(self) -> Mapping[RunId, JudgementRecord]:
        found = {run: self.latest_judgement(run) for run in self._runs}
        return {run: judgement for run, judgement in found.items() if judgement is not None}

    def add_summary(self, judgement: JudgementId, summary: Digest) -> None:
        with self._lock:
            if self._judgement(judgement).summary is not None:
                raise taken("summary of", judgement)
            self._judgement(judgement).summary = summary

    def summary(self, judgement: JudgementId) -> Digest | None:
        return self._judgement(judgement).summary

    def add_conditions(self, judgement: JudgementId, conditions: Digest) -> None:
        with self._lock:
            if self._judgement(judgement).conditions is not None:
                raise taken("conditions of", judgement)
            self._judgement(judgement).conditions = conditions

    def conditions(self, judgement: JudgementId) -> Digest | None:
        return self._judgement(judgement).conditions

    def add_settled(self, judgement: JudgementId, subjects: Mapping[SubjectId, SettledSubject]) -> None:
        held = self._judgement(judgement)
        with self._lock:
            for subject, settled_subject in subjects.items():
                self.subject(held.record.run, subject)
                if subject in held.settled:
                    raise taken("settled subject of", judgement)
                held.settled[subject] = settled_subject

    def settled_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SettledSubject]:
        held = self._judgement(judgement)
        for subject in subjects:
            self.subject(held.record.run, subject)
        return {subject: held.settled[subject] for subject in subjects if subject in held.settled}

    def add_findings(self, judgement: JudgementId, findings: Iterable[Finding]) -> None:
        held = self._judgement(judgement)
        with self._lock:
            for finding in findings:
                self.subject(held.record.run, finding.subject)
                if finding.id in held.findings[finding.subject]:
                    raise repeated(judgement)
                held.findings[finding.subject][finding.id] = finding

    def findings(self, judgement: JudgementId, subject: SubjectId) -> tuple[Finding, ...]:
        held = self._judgement(judgement)
        self.subject(held.record.run, subject)
        return tuple(held.findings.get(subject, {}).values())

    def findings_of(
        self, judgement: JudgementId, subjects: Sequence[SubjectId]
    ) -> Mapping[SubjectId, tuple[Finding, ...]]:
        return {subject: self.findings(judgement, subject) for subject in subjects}

    def outlines_of(
        self,
        judgement: JudgementId,
        subjects: Sequence[SubjectId],
        *,
        args_of: Collection[CheckId] = (),
        check: CheckId | None = None,
        outcomes: Collection[Outcome] | None = None,
    ) -> Mapping[SubjectId, tuple[Outline, ...]]:
        held = self._run(self._judgement(judgement).record.run).subjects
        findings_by_subject = self.findings_of(judgement, [subject for subject in subjects if subject in held])
        return {
            subject: tuple(
                outline(each, with_args=each.check in args_of)
                for each in findings
                if check in (None, each.check) and (outcomes is None or each.outcome in outcomes)
            )
            for subject, findings in findings_by_subject.items()
        }

    def untested(self, judgement: JudgementId) -> Iterator[Finding]:
        for _, findings in self.findings_by_subject(judgement):
            yield from (
                finding for finding in findings if finding.outcome is Outcome.INCONCLUSIVE and not finding.evidence
            )

    def tally(self, judgement: JudgementId) -> Mapping[Tally, int]:
        return Counter(
            Tally(
                outcome=finding.outcome,
                severity=finding.severity,
                level=finding.level,
                reason=finding.reason,
                waived=finding.waived is not None,
                without_credentials=finding.code == NO_CREDENTIALS,
            )
            for _, findings in self.findings_by_subject(judgement)
            for finding in findings
        )

    def findings_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
        for subject in self.subjects(self.judgement(judgement).run):
            yield subject.id, self.findings(judgement, subject.id)

    def add_scores(self, judgement: JudgementId, scores: Mapping[SubjectId, SubjectScores]) -> None:
        held = self._judgement(judgement)
        for subject, score in scores.items():
            self.subject(held.record.run, subject)
            if subject in held.scores:
                raise taken("score of", subject)
            if score.scores or score.ladders:
                held.scores[subject] = score

    def scores(self, judgement: JudgementId, subject: SubjectId) -> SubjectScores:
        held = self._judgement(judgement)
        self.subject(held.record.run, subject)
        return held.scores.get(subject, SubjectScores())

    def scores_of(self, judgement: JudgementId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, SubjectScores]:
        return {subject: self.scores(judgement, subject) for subject in subjects}

    def scores_by_subject(self, judgement: JudgementId) -> Iterator[tuple[SubjectId, SubjectScores]]:
        for subject in self.subjects(self.judgement(judgement).run):
            yield subject.id, self.scores(judgement, subject.id)

    def secure(self) -> None:
        """Do nothing: a store in memory is never on the disk."""

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def appending(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Do nothing: there is nothing to release."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, run: RunId) -> HeldRun:
        if run not in self._runs:
            raise unknown("run", run, self._runs)
        return self._runs[run]

    def _judgement(self, judgement: JudgementId) -> HeldJudgement:
        if judgement not in self._judgements:
            raise unknown("judgement", judgement, self._judgements)
        return self._judgements[judgement]


def _owned(subject: Subject, owners: Iterable[SubjectId]) -> Subject:
    return replace(subject, derived_from=tuple(sorted({*subject.derived_from, *owners})))
