"""Defines the records of a run and of a judgement in a store in memory."""

from collections import defaultdict
from dataclasses import dataclass, field

from auditor.framework.findings import Finding, FindingId
from auditor.service.store.records import Digest, JudgementId, JudgementRecord, RunRecord, SettledSubject, SubjectScores
from inventory.model import Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId


@dataclass(slots=True)
class HeldRun:
    """Holds a run with its subjects, its evidence and the names of its judgements."""

    record: RunRecord
    subjects: dict[SubjectId, Subject] = field(default_factory=dict)
    measured: set[SubjectId] = field(default_factory=set)
    evidence: dict[SubjectId, dict[EvidenceId, Evidence]] = field(default_factory=lambda: defaultdict(dict))
    judgements: list[JudgementId] = field(default_factory=list)
    seal: bytes | None = None
    sealed: JudgementId | None = None


@dataclass(slots=True)
class HeldJudgement:
    """Holds a judgement with its findings, scores and settled subjects."""

    record: JudgementRecord
    findings: dict[SubjectId, dict[FindingId, Finding]] = field(default_factory=lambda: defaultdict(dict))
    scores: dict[SubjectId, SubjectScores] = field(default_factory=dict)
    settled: dict[SubjectId, SettledSubject] = field(default_factory=dict)
    summary: Digest | None = None
    conditions: Digest | None = None
    whole: bool = True
