"""Finds the shared causes of a judgement's findings: reads outlines once, and evidence of few subjects only."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from auditor.figures.cause_gains import GainBase, MendedSubject
from auditor.figures.cause_keys import CHECKS, NEEDS_EVIDENCE, may_explain, note, symptom
from auditor.figures.cause_owners import CauseOwners
from auditor.figures.causes import (
    Cause,
    Contradictions,
    Gain,
    Symptom,
    SymptomGroup,
    TargetGain,
    cause_of,
    group,
    ranked,
)
from auditor.figures.kpis import SubjectFacts
from auditor.framework.findings import Outline
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judged import Judged
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from inventory.model import WEB_KINDS, Kind, Subject, SubjectId
from probes.framework.evidence import Evidence

ReadFacts = Callable[[Set[SubjectId]], Mapping[SubjectId, tuple[SubjectFacts, Sequence[Outline]]]]
"""Reads subjects as arithmetic sees them, with what is held back from earlier rounds."""
MOST_SYMPTOMS = 50_000
MOST_MEASURED = 60
"""Causes of which the gain is worked out, those of the most subjects."""
_AT_ONCE = 100
_POINTS = frozenset({Kind.CONNECTION_POINT, Kind.UNIT})


class CauseSearch:
    """Takes the subjects of a judgement one by one, then finds what many of their findings have in common."""

    def __init__(self, judged: Judged, store: Store) -> None:
        self._judged, self._store = judged, store
        self._against = Contradictions()
        self._wanted: dict[SubjectId, tuple[Outline, ...]] = {}
        self._subjects: dict[SubjectId, Subject] = {}
        self._count = 0
        self._places: Counter[tuple[str, str]] = Counter()
        self._points: list[SubjectFacts] = []

    def add(self, subject: Subject, outlines: Sequence[Outline], facts: SubjectFacts) -> None:
        """Take one subject. Outlines carry the values of ``cause_keys.NAMED``."""
        note(outlines, self._against)
        if facts.kinds & _POINTS:
            self._points.append(facts)
        failing = tuple(outline for outline in outlines if outline.check in CHECKS and may_explain(outline))
        if failing and self._count + len(failing) <= MOST_SYMPTOMS:
            self._count += len(failing)
            self._wanted[subject.id], self._subjects[subject.id] = failing, subject
            self._places.update({(outline.check, outline.address or "") for outline in failing})

    def causes(self, base: GainBase, read: ReadFacts) -> tuple[Cause, ...]:
        """Give the causes, ordered by what mending them gains. ``base.points`` are replaced by those taken."""
        found = sorted(group(self._symptoms(), self._against), key=lambda each: (-len(each.subjects), each.key.id))
        owners = CauseOwners(self._judged.inventory.in_force(civil_day(self._judged.run.started)))
        base = replace(base, points=self._points)
        zones = _zones_of(self._store.subjects(self._judged.run.id)) if found else {}
        return ranked(
            cause_of(each, owners.of(each), *(_gains(each, base, read, zones) if rank < MOST_MEASURED else ()))
            for rank, each in enumerate(found)
        )

    def _symptoms(self) -> Iterator[Symptom]:
        for some in chunks(iter(self._wanted), _AT_ONCE):
            findings = self._store.findings_of(self._judged.id, some)
            asked = [subject for subject in some if self._asks_evidence(subject)]
            evidence = self._store.evidence_of(self._judged.run.id, asked) if asked else {}
            for subject in some:
                wanted = {outline.id for outline in self._wanted[subject]}
                by_id = _by_id(evidence.get(subject, ()))
                yield from (
                    symptom(self._subjects[subject], finding, by_id)
                    for finding in findings[subject]
                    if finding.id in wanted
                )

    def _asks_evidence(self, subject: SubjectId) -> bool:
        """Whether its evidence may tell something in common: a certificate, or the server of an address that others
        have too."""
        return any(
            outline.check in NEEDS_EVIDENCE
            and (outline.check.startswith("security.tls.") or self._places[outline.check, outline.address or ""] > 1)
            for outline in self._wanted[subject]
        )


def _gains(
    found: SymptomGroup, base: GainBase, read: ReadFacts, zones: Mapping[SubjectId, Set[SubjectId]]
) -> tuple[Sequence[Gain], Sequence[TargetGain]]:
    """Give what is gained for the subjects of a group and the services that stand in its zones."""
    own = set(found.subjects)
    services = {owner for owner, its in zones.items() if its & own}
    findings = {each.finding for each in found.symptoms}
    return base.gains(_members(sorted(own | services), read, zones), findings)


def _members(
    subjects: Sequence[SubjectId], read: ReadFacts, zones: Mapping[SubjectId, Set[SubjectId]]
) -> Iterator[MendedSubject]:
    """Read the subjects that a group concerns, some at a time: it may be all of the run."""
    for some in chunks(subjects, _AT_ONCE):
        known = read(set(some))
        of_zones = read({zone for each in some for zone in zones.get(each, ())})
        for each, (facts, outlines) in known.items():
            its = [of_zones[zone] for zone in sorted(zones.get(each, ())) if zone in of_zones]
            held = {check: zone.seen[check] for zone, _ in its for check in zone.held}
            of_its = [line for _, lines in its for line in lines]
            yield MendedSubject(facts=facts, outlines=outlines, zones=of_its, held_of_zones=held)


def _zones_of(subjects: Iterable[Subject]) -> dict[SubjectId, set[SubjectId]]:
    """The zones that each service of the run stands in."""
    zones: dict[SubjectId, set[SubjectId]] = {}
    known: set[SubjectId] = set()
    for subject in subjects:
        known.add(subject.id)
        if Kind.ZONE in subject.kinds and not subject.kinds & WEB_KINDS:
            for owner in subject.derived_from:
                zones.setdefault(owner, set()).add(subject.id)
    return {owner: its for owner, its in zones.items() if owner in known}


def _by_id(evidence: Iterable[Evidence]) -> dict[str, Evidence]:
    return {envelope.id: envelope for envelope in evidence}
