"""Finds the shared causes of a judgement's findings: reads outlines once, and evidence of only a few subjects."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TypeVar, cast

from auditor.figures.cause_gains import GainBase, MendedSubject
from auditor.figures.cause_keys import CERTIFICATES, CHECKS, NEEDS_EVIDENCE, Bearer, may_explain, note, symptom
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
from auditor.figures.kpis import FoldedCheck, SubjectFacts
from auditor.framework.findings import CheckId, Finding, Outline
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from inventory.dataclass_json import decode, to_bytes
from inventory.json_pieces import Json, loads
from inventory.model import WEB_KINDS, Kind, Subject, SubjectId, written
from probes.framework.evidence import Evidence

Told = TypeVar("Told", Finding, Outline)
ReadFacts = Callable[[Set[SubjectId]], Mapping[SubjectId, tuple[SubjectFacts, Sequence[Outline]]]]
"""Reads the facts of subjects and the outlines of their findings, with outcomes held back by earlier rounds."""
MOST_SYMPTOMS = 50_000
MOST_MEASURED = 60
"""Maximum number of causes for which the gain is computed: those with the most subjects."""
_AT_ONCE = 100
_PACKED = 500
"""Number of symptoms that are packed together."""
_POINTS = frozenset({Kind.CONNECTION_POINT, Kind.UNIT})


class CauseSearch:
    """Takes the subjects of a judgement one by one, then finds the causes that many of their findings share.

    Memory holds the id and agency of each failing subject, until its findings are read again.
    """

    def __init__(self, judged: LoadedJudgement, store: Store) -> None:
        self._judged, self._store = judged, store
        self._against = Contradictions()
        self._failing: list[Bearer] = []
        self._count = 0
        self._places: Counter[tuple[CheckId, str]] = Counter()
        """Failing subjects by check and address, for checks with evidence that only matters at a shared address."""
        self._points: list[SubjectFacts] = []
        self._seen: dict[FoldedCheck, FoldedCheck] = {}
        """Outcomes of points, each mapped to itself to share equal objects: checks have few different outcomes."""

    def add(self, subject: Subject, outlines: Sequence[Outline], facts: SubjectFacts) -> None:
        """Add one subject. Outlines carry the values of ``cause_keys.NAMED``."""
        note(outlines, self._against)
        if facts.kinds & _POINTS:
            self._points.append(replace(facts, seen=self._alike(facts.seen)))
        failing = _explainable(outlines)
        if failing and self._count + len(failing) <= MOST_SYMPTOMS:
            self._count += len(failing)
            self._failing.append(Bearer(subject.id, subject.agency, subject.network))
            self._places.update({_place(outline) for outline in failing if _depends_on_others(outline.check)})

    def _alike(self, seen: Mapping[CheckId, FoldedCheck]) -> Mapping[CheckId, FoldedCheck]:
        return {check: self._seen.setdefault(folded, folded) for check, folded in seen.items()}

    def causes(self, base: GainBase, read: ReadFacts) -> tuple[Cause, ...]:
        """Return the causes, ordered by the gain from fixing them. ``base.points`` are replaced by the added points."""
        groups = group(_common(self._symptoms()), self._against)
        found = sorted(groups, key=lambda each: (-len(each.subjects), each.key.id))
        owners = CauseOwners(self._judged.inventory.in_force(civil_day(self._judged.run.started)))
        base = replace(base, points=self._points)
        zones = _zones_of(self._store.subjects(self._judged.run.id)) if found else {}
        return ranked(
            cause_of(each, owners.of(each), *(_gains(each, base, read, zones) if rank < MOST_MEASURED else ()))
            for rank, each in enumerate(found)
        )

    def _symptoms(self) -> Iterator[Symptom]:
        for some in chunks(self._failing, _AT_ONCE):
            findings = self._store.findings_of(self._judged.id, [subject.id for subject in some])
            failing = {id_: _explainable(of_subject) for id_, of_subject in findings.items()}
            asked = [subject.id for subject in some if self._asks_evidence(failing[subject.id])]
            evidence = self._store.evidence_of(self._judged.run.id, asked) if asked else {}
            for subject in some:
                by_id = _by_id(evidence.get(subject.id, ()))
                yield from (symptom(subject, finding, by_id) for finding in failing[subject.id])

    def _asks_evidence(self, failing: Iterable[Finding]) -> bool:
        """True if the evidence of the findings may show a cause: a certificate, or the server of a shared address."""
        return any(
            self._places[_place(finding)] > 1 if _depends_on_others(finding.check) else finding.check in NEEDS_EVIDENCE
            for finding in failing
        )


def _common(symptoms: Iterable[Symptom]) -> Iterator[Symptom]:
    """Yield the symptoms that share a key with another subject; most do not, so all are held packed until then."""
    first: dict[int, SubjectId] = {}
    common: set[int] = set()
    packed: list[bytes] = []
    for some in chunks(symptoms, _PACKED):
        for each in some:
            for key in map(hash, each.keys):  # equal hashes only keep more symptoms than needed
                if first.setdefault(key, each.subject) != each.subject:
                    common.add(key)
        packed.append(zlib.compress(to_bytes(tuple(some)), zlib.Z_BEST_SPEED))
    for data in packed:
        for row in cast(list[Json], loads(zlib.decompress(data))):
            each = decode(Symptom, row)
            if not common.isdisjoint(map(hash, each.keys)):
                yield each


def _explainable(every: Iterable[Told]) -> list[Told]:
    return [told for told in every if told.check in CHECKS and may_explain(told)]


def _place(told: Finding | Outline) -> tuple[CheckId, str]:
    address = told.address
    return told.check, address if isinstance(address, str) else "" if address is None else written(address)


def _depends_on_others(check: CheckId) -> bool:
    return check in NEEDS_EVIDENCE and not check.startswith(CERTIFICATES)


def _gains(
    found: SymptomGroup, base: GainBase, read: ReadFacts, zones: Mapping[SubjectId, Set[SubjectId]]
) -> tuple[Sequence[Gain], Sequence[TargetGain]]:
    """Return the gains for the subjects of a group and for the services in its zones."""
    own = set(found.subjects)
    services = {owner for owner, its in zones.items() if its & own}
    findings = {each.finding for each in found.symptoms}
    return base.gains(_members(sorted(own | services), read, zones), findings)


def _members(
    subjects: Sequence[SubjectId], read: ReadFacts, zones: Mapping[SubjectId, Set[SubjectId]]
) -> Iterator[MendedSubject]:
    """Yield the subjects that a group concerns, read in chunks: it may be the whole run."""
    for some in chunks(subjects, _AT_ONCE):
        known = read(set(some))
        of_zones = read({zone for each in some for zone in zones.get(each, ())})
        for each, (facts, outlines) in known.items():
            its = [of_zones[zone] for zone in sorted(zones.get(each, ())) if zone in of_zones]
            held = {check: zone.seen[check] for zone, _ in its for check in zone.held}
            of_its = [line for _, lines in its for line in lines]
            yield MendedSubject(facts=facts, outlines=outlines, zones=of_its, held_of_zones=held)


def _zones_of(subjects: Iterable[Subject]) -> dict[SubjectId, set[SubjectId]]:
    """Return the zones that each service of the run is in."""
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
