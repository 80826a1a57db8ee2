"""Computes the gain of fixing a cause: the figures with its findings passing, and the targets then reached.

Pure. Only the subjects that a cause concerns are counted twice, as they are and as they would be; everything else adds
the same to both. An outcome that is held back from earlier rounds stays as it is held. A check that does not apply
because there is no IPv6 address yet is undecided once there is one: it may be met then, and is not promised.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from auditor.figures.causes import Gain, TargetGain
from auditor.figures.compliance import Compliance, FrameworkResult, judge_framework
from auditor.figures.figure import Figure
from auditor.figures.kpis import FoldedCheck, Kpi, SubjectFacts, folded
from auditor.figures.rollup import Rollup, Summing
from auditor.figures.scoring import NOTHING, CheckOutcome, ladders
from auditor.framework.findings import CheckId, FindingId, Outcome, Outline, Reason
from inventory.model import Kind
from inventory.organisation import Organisation

_NO_ADDRESS = "NO_AAAA"
"""The code of checks that do not apply because nothing has an IPv6 address."""
_OPEN = frozenset({Compliance.NOT_MET, Compliance.UNDECIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedSubject:
    """Holds one subject as it is, with its outlines and those of the zones it stands in.

    ``held_of_zones``: outcomes of these zones that are held back from earlier rounds.
    """

    facts: SubjectFacts
    outlines: Sequence[Outline]
    zones: Sequence[Outline] = ()
    held_of_zones: Mapping[CheckId, FoldedCheck] = field(default_factory=dict)

    def as_it_is(self) -> SubjectFacts:
        return self._with(frozenset())

    def mended(self, findings: Set[FindingId]) -> SubjectFacts:
        """Return the subject with these findings passing, its own and those of its zones."""
        return self._with(findings)

    def hoped(self, findings: Set[FindingId]) -> SubjectFacts:
        """Return the subject with these findings passing and every check met that can only be measured afterwards."""
        return self._with(findings, hope=True)

    def _with(self, findings: Set[FindingId], *, hope: bool = False) -> SubjectFacts:
        facts = self.facts
        held = {check: facts.seen[check] for check in facts.held}
        seen = {**folded(_passing(self.outlines, findings, hope=hope)), **held}
        if not facts.ladders:
            return replace(facts, seen=seen)
        excused = {check for check, folded_check in seen.items() if folded_check.excused}
        of_zones = {**folded(_passing(self.zones, findings, hope=hope)), **self.held_of_zones}
        zone = outcomes(of_zones) if of_zones else NOTHING
        climbed = ladders(facts.kind, facts.kinds, outcomes(seen), zone=zone, excused=excused)
        return replace(facts, seen=seen, ladders=climbed)


def _passing(outlines: Sequence[Outline], findings: Set[FindingId], *, hope: bool) -> Iterator[Outline]:
    areas = set() if hope else {_area(outline) for outline in outlines if outline.id in findings}
    for outline in outlines:
        if outline.id in findings:
            yield replace(outline, outcome=Outcome.PASS, waived=False)
        elif outline.code == _NO_ADDRESS and outline.outcome is Outcome.NOT_APPLICABLE and _area(outline) in areas:
            yield replace(outline, outcome=Outcome.INCONCLUSIVE, reason=Reason.CUT)
        else:
            yield outline


def _area(outline: Outline) -> str:
    return outline.check.rpartition(".")[0]


def outcomes(seen: Mapping[CheckId, FoldedCheck]) -> dict[CheckId, CheckOutcome]:
    """Return the outcomes of checks in the form from which ladders are computed."""
    return {
        check: CheckOutcome(outcome=folded_check.outcome, severity=folded_check.severity, level=folded_check.level)
        for check, folded_check in seen.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GainBase:
    """Holds the base against which gains are computed: all figures, and the results of the frameworks.

    ``points``: connection points and units, because a commune is counted by all of its points.
    """

    organisation: Organisation
    rollup: Rollup
    kpis: Sequence[Kpi]
    frameworks: Sequence[FrameworkResult]
    points: Sequence[SubjectFacts] = ()

    def gains(
        self, members: Iterable[MendedSubject], findings: Set[FindingId]
    ) -> tuple[tuple[Gain, ...], tuple[TargetGain, ...]]:
        """Return the figures that change and the targets that are reached when these findings pass.

        ``members`` are iterated once: a cause may concern every subject of a run.
        """
        before, after, hoped = self._counts(members, findings)
        total = self.rollup.total
        changed = {
            name: new
            for name, figure in total.figures.items()
            if name in before and (new := _moved(figure, before[name], after[name])) is not None
        }
        gains = tuple(
            gain
            for name, figure in changed.items()
            if (gain := _gain(name, total.figures[name], figure, hoped[name].met - after[name].met)).grows
        )
        return gains, tuple(self._targets({**total.figures, **changed}))

    def _counts(self, members: Iterable[MendedSubject], findings: Set[FindingId]) -> tuple[Mapping[str, Figure], ...]:
        """Count the members as they are, with these findings passing, and with the possible gains added.

        If connection points are among them, all other points of the communes are counted too.
        """
        before, after, hoped = sums = [Summing(self.organisation, self.rollup.day, self.kpis) for _ in range(3)]
        own, of_points = set(), False
        for member in members:
            own.add(member.facts.id)
            of_points = of_points or Kind.CONNECTION_POINT in member.facts.kinds
            before.add_changeable(member.as_it_is())
            after.add_changeable(member.mended(findings))
            hoped.add_changeable(member.hoped(findings))
        for facts in self.points if of_points else ():
            if facts.id not in own:
                for each in sums:
                    each.add_changeable(facts)
        return tuple(each.changeable() for each in sums)

    def _targets(self, figures: Mapping[str, Figure]) -> Iterator[TargetGain]:
        rollup = replace(self.rollup, total=replace(self.rollup.total, figures=figures))
        for result in self.frameworks:
            then = judge_framework(result.framework, rollup)
            for now, after in zip(result.results, then.results, strict=True):
                if now.compliance in _OPEN and after.compliance is Compliance.MET:
                    yield TargetGain(framework=result.framework.id, requirement=now.requirement.id, now=now.compliance)


def _gain(name: str, now: Figure, then: Figure, possible: int) -> Gain:
    return Gain(figure=name, met=now.met, of=now.of, met_after=then.met, of_after=then.of, possible=possible)


def _moved(figure: Figure, before: Figure, after: Figure) -> Figure | None:
    """Return a figure moved by the change in some of its subjects; None if nothing changes or it is no count."""
    if figure.value is not None or (before.met, before.of, before.unknown) == (after.met, after.of, after.unknown):
        return None
    return replace(
        figure,
        met=figure.met + after.met - before.met,
        of=figure.of + after.of - before.of,
        unknown=figure.unknown + after.unknown - before.unknown,
    )
