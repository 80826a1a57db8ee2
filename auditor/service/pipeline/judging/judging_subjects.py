"""Judges the subjects of a run in batches, in this process or in several, with the same result."""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from auditor.figures.kpis import EXCUSED
from auditor.figures.scoring import CheckOutcome, by_check, ladders, scores
from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Finding
from auditor.judging.views import View, judge_views
from auditor.service.pipeline.judging.members import Member
from auditor.service.pipeline.judging.ownership import Ownership
from auditor.service.pipeline.processes.process_handover import RemoteError, hand_over
from auditor.service.pipeline.processes.process_pool import ProcessPool, cores
from auditor.service.store.api import Store
from auditor.service.store.records import SettledSubject, SubjectScores
from inventory.model import Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.expand import addresses, settle

WORTH_A_PROCESS = 250
"""Subjects for each process; judging half as many takes less time than starting a process and reading its input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSubject:
    """Holds the result of judging one subject. ``subject`` is settled; ``settled`` is the part of it that is kept."""

    subject: Subject
    settled: SettledSubject
    findings: tuple[Finding, ...]
    outcomes: dict[CheckId, CheckOutcome]
    scores: SubjectScores


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Holds some subjects as they were planned, and for each service the outcomes of the zones that it is in."""

    subjects: Sequence[Subject]
    zones: Mapping[SubjectId, Mapping[CheckId, CheckOutcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedBatch:
    """Holds the results of a batch, in its order, and the checks that raised an error."""

    subjects: Sequence[JudgedSubject]
    bugs: Sequence[tuple[Check, Subject, Exception]]


Judging = Callable[[Iterable[Batch]], Iterator[JudgedBatch]]


class SubjectJudge:
    """Judges subjects of a run by the measurements of each of its members."""

    def __init__(self, members: Sequence[Member], ownership: Ownership) -> None:
        self._members = members
        self._ownership = ownership
        self._checks = {check.id: check for member in members for check in member.checks}

    def judge(self, batch: Batch) -> JudgedBatch:
        """Judge some subjects; reads their evidence."""
        bugs: list[tuple[Check, Subject, Exception]] = []
        measured = [(member, member.evidence_of(batch.subjects)) for member in self._members]
        judged = [
            self._one(
                subject,
                [(member, found[subject.id]) for member, found in measured if subject.id in found],
                batch.zones.get(subject.id, {}),
                lambda *bug: bugs.append(bug),
            )
            for subject in batch.subjects
        ]
        return JudgedBatch(subjects=judged, bugs=bugs)

    def _one(
        self,
        subject: Subject,
        measured: Sequence[tuple[Member, Sequence[Evidence]]],
        zone: Mapping[CheckId, CheckOutcome],
        on_bug: Callable[[Check, Subject, Exception], None],
    ) -> JudgedSubject:
        views = _views(subject, measured)
        settled = settle(
            self._ownership.settled(subject), EvidenceSet([envelope for each in views for envelope in each.evidence])
        )
        judged = judge_views(settled, views, self._checks, on_bug=on_bug)
        outcomes = by_check(judged.findings)
        excused = {finding.check for finding in judged.findings if finding.code in EXCUSED}
        climbed = ladders(settled.kind, settled.kinds, outcomes, zone=zone, excused=excused)
        kept = SettledSubject.of(
            settled, addresses(settled, [envelope for _, evidence in measured for envelope in evidence])
        )
        return JudgedSubject(
            subject=settled,
            settled=replace(kept, seen_from=judged.seen_from),
            findings=judged.findings,
            outcomes=outcomes,
            scores=SubjectScores(scores=scores(outcomes), ladders=climbed),
        )


def _views(subject: Subject, measured: Sequence[tuple[Member, Sequence[Evidence]]]) -> list[View]:
    """Return the views of the members that finished a subject.

    A member that was cut off before counts as absent from the round: a check that only it could decide is undecided
    (U-VP).
    """
    finished = [member.view(subject, evidence) for member, evidence in measured if not member.misses(subject)]
    return finished or [member.absent_view() for member, _ in measured]


def processes(store: Store, subjects: int) -> int:
    """Return the number of processes that judge so many subjects; 1 or less means this process."""
    return 1 if store.url is None else min(cores(), subjects // WORTH_A_PROCESS)


@contextmanager
def judging(judge: SubjectJudge, store: Store, subjects: int) -> Iterator[Judging]:
    """Return a function that judges batches in order: in this process or, for many subjects, in several."""
    count = processes(store, subjects)
    if count < 2:
        yield lambda batches: map(judge.judge, batches)
        return
    with ProcessPool[Batch, JudgedBatch](count, hand_over((begin, judge), store)) as workers:
        yield workers.each


def begin(judge: SubjectJudge) -> Callable[[Batch], JudgedBatch]:
    """Return the function that a separate process applies to each batch; it sends errors as tracebacks."""

    def work(batch: Batch) -> JudgedBatch:
        judged = judge.judge(batch)
        bugs = [(check, subject, _remote(error)) for check, subject, error in judged.bugs]
        return replace(judged, bugs=bugs)

    return work


def _remote(error: Exception) -> RemoteError:
    return RemoteError("".join(traceback.format_exception(error)))
