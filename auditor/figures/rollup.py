"""Rolls findings up from subjects to agencies to the province: figures and scores of every unit, with denominators.

Pure arithmetic over a judgement (CHECKS §4.3). Subjects may come in any order.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.figures.commune import Commune
from auditor.figures.figure import Figure, FigureSum, percentile
from auditor.figures.kpis import COMMUNES, KPIS, Kpi, SubjectFacts
from auditor.figures.movement import Recorder
from auditor.figures.scoring import AREAS, Ladder
from auditor.framework.findings import CheckId, Level, Outcome
from inventory.kinds import LEVEL_WORDS
from inventory.model import AgencyId, Kind, SubjectId
from inventory.organisation import Organisation, Unit
from inventory.word_matching import fold

CLASS_WEIGHT: Mapping[Kind, int] = {Kind.PORTAL: 3, Kind.DVC: 3, Kind.MAIL: 2, Kind.API: 2, Kind.COMMUNE_SITE: 2}
"""The weight of a service in its agency's score (CHECKS §4.3); any other kind weighs 1."""
_HEADLINE = frozenset({Kind.PORTAL, Kind.DVC})


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaScore:
    """Holds the mean score of an agency's own subjects in one area, weighted by class, truncated; None if none has one.

    ``unscored``: subjects that the area concerns but that have too little evidence.
    """

    score: int | None
    scored: int
    unscored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRollup:
    """Holds one organisation unit.

    Counts and figures are of its own subjects and of all units under it; ``areas`` and ``ladder`` are only of its own
    subjects. ``agency`` None: subjects of no agency, or everything together. ``outcomes`` count one outcome for each
    check and subject. ``required_fails`` are unwaived fails of required checks; ``waived`` those accepted.
    """

    agency: AgencyId | None
    name: str
    level: str = ""
    parent: AgencyId | None = None
    depth: int = 0
    in_force: bool = True
    subjects: int = 0
    own: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    required_fails: int = 0
    waived: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)
    areas: Mapping[str, AreaScore] = field(default_factory=dict)
    ladder: Ladder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Holds one area over all agencies: the median of their scores, and the agencies of the worst tenth in order."""

    median: int
    agencies: int
    worst: tuple[AgencyId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutcome:
    """Holds an outcome of earlier rounds, counted in place of this round's (``said``), which is not settled yet.

    ``own_outcome``, ``own_code`` and ``own_waived``: the same without findings about parts of the subject, where there
    are such.
    """

    subject: SubjectId
    check: CheckId
    outcome: Outcome
    code: str
    waived: bool
    said: Outcome
    own_outcome: Outcome | None = None
    own_code: str = ""
    own_waived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """Holds the result: ``units`` in the order of the tree, then agencies outside it; ``total`` counts everything once.

    ``held``: outcomes that this round changed and that are counted as before.
    """

    day: date
    total: UnitRollup
    units: tuple[UnitRollup, ...]
    spread: Mapping[str, Spread] = field(default_factory=dict)
    held: tuple[HeldOutcome, ...] = ()

    @property
    def failing(self) -> tuple[UnitRollup, ...]:
        """The units that fail a required check, by their own subjects or by those of units under them."""
        return tuple(unit for unit in self.units if unit.required_fails)

    def unit(self, agency: AgencyId) -> UnitRollup | None:
        return next((unit for unit in self.units if unit.agency == agency), None)


class Summing:
    """Takes subjects one by one; keeps only counts."""

    def __init__(
        self,
        organisation: Organisation,
        day: date,
        kpis: Iterable[Kpi] = KPIS.values(),
        *,
        recorder: Recorder | None = None,
    ) -> None:
        self._organisation, self._day, self._recorder = organisation, day, recorder
        self._kpis = tuple(kpis)
        self._province = _province(organisation, day)
        self._total = _UnitSum(self._kpis)
        self._units: dict[AgencyId | None, _UnitSum] = {}
        self._held: list[HeldOutcome] = []
        self._communes = {
            unit.code: Commune(unit) for unit in organisation.units_in_force(day) if fold(unit.level) in COMMUNES
        }

    def add(self, facts: SubjectFacts) -> None:
        line = self._line(facts.agency)
        facts = replace(facts, of_root=self._province is not None and facts.agency == self._province)
        self._to_commune(facts, line)
        self._held += _held(facts)
        if facts.kind is Kind.UNIT:
            self._count(facts, line, subject=False)
            return
        self._judge(facts, line)
        self._count(facts, line, subject=True)
        self._sum(facts.agency).add_own(facts)

    def add_changeable(self, facts: SubjectFacts) -> None:
        """Count a subject only in the figures that ``changeable`` returns."""
        facts = replace(facts, of_root=self._province is not None and facts.agency == self._province)
        self._to_commune(facts, self._line(facts.agency))
        if facts.kind is not Kind.UNIT:
            self._judge(facts, ())

    def _line(self, agency: AgencyId | None) -> tuple[AgencyId | None, ...]:
        """Return the agency and those above it, nearest first."""
        if agency is None or self._organisation.unit(agency) is None:
            return (agency,)
        return (agency, *(unit.code for unit in self._organisation.ancestors(agency)))

    def _sum(self, agency: AgencyId | None) -> "_UnitSum":
        unit_sum = self._units.get(agency)
        if unit_sum is None:
            unit_sum = self._units[agency] = _UnitSum(self._kpis)
        return unit_sum

    def _count(self, facts: SubjectFacts, line: Iterable[AgencyId | None], *, subject: bool) -> None:
        for unit_sum in (self._total, *(self._sum(agency) for agency in line)):
            unit_sum.count(facts, subject=subject)

    def _judge(self, facts: SubjectFacts, line: tuple[AgencyId | None, ...]) -> None:
        sums = (self._total, *(self._sum(agency) for agency in line))
        for kpi in self._kpis:
            place = kpi.judge(facts)
            if place is None:
                continue  # the figure does not count this subject
            if self._recorder is not None:
                self._recorder(kpi.id, facts, place)
            for unit_sum in sums:
                unit_sum.figures[kpi.id].add(place, facts)

    def _to_commune(self, facts: SubjectFacts, line: tuple[AgencyId | None, ...]) -> None:
        """Apply findings of a commune's points to the commune too."""
        if facts.kind is not Kind.UNIT and Kind.CONNECTION_POINT not in facts.kinds:
            return
        commune = next((self._communes[agency] for agency in line if agency in self._communes), None)
        if commune is not None and (facts.kind is not Kind.UNIT or facts.agency == commune.unit.code):
            commune.add(facts)

    def changeable(self) -> Mapping[str, Figure]:
        """Return the figures of the subjects that ``add_changeable`` took, without communes that none of them concerns.

        Two such sums of the same subjects can be compared. Used in place of ``rollup`` to count a few subjects of a
        large organisation.
        """
        for commune in self._communes.values():
            if commune.is_spoken_of:
                self._judge(commune.facts(), ())
        return self._total.sums()

    def rollup(self) -> Rollup:
        """Return the roll-up of the subjects added so far."""
        for commune in self._communes.values():
            self._judge(commune.facts(), self._line(commune.unit.code))
        known = [(unit, depth) for unit, depth in self._walk() if unit.in_force(self._day) or unit.code in self._units]
        units = [self._sum(unit.code).unit(unit, depth, in_force=unit.in_force(self._day)) for unit, depth in known]
        others = sorted(
            set(self._units) - {unit.code for unit in self._organisation.units}, key=lambda code: code or ""
        )
        units += [self._units[code].other(code) for code in others]
        roots = self._organisation.roots_in_force(self._day)
        name = roots[0].name if len(roots) == 1 else ""
        return Rollup(
            day=self._day,
            total=self._total.finished(agency=None, name=name),
            units=tuple(units),
            spread=_spread(units),
            held=tuple(sorted(self._held, key=lambda held_outcome: (held_outcome.subject, held_outcome.check))),
        )

    def _walk(self) -> Iterable[tuple[Unit, int]]:
        depths: dict[AgencyId, int] = {}
        for unit in self._organisation.walk():
            depths[unit.code] = 0 if unit.parent is None else depths[unit.parent] + 1
            yield unit, depths[unit.code]


def _province(organisation: Organisation, day: date) -> AgencyId | None:
    """Return the unit that is the province itself, or None.

    Where several units have no parent, it is the only one of that level, or unknown: an inventory without parents does
    not show to which province its agencies belong.
    """
    tops = organisation.roots_in_force(day)
    if len(tops) > 1:
        tops = tuple(unit for unit in tops if LEVEL_WORDS.get(fold(unit.level)) == "province")
    return tops[0].code if len(tops) == 1 else None


class _UnitSum:
    """Holds one unit while it is being counted."""

    def __init__(self, kpis: Iterable[Kpi]) -> None:
        self.figures = {kpi.id: FigureSum(kpi) for kpi in kpis}
        self._subjects = self._own = self._required = self._waived = 0
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()
        self._weighted: Counter[str] = Counter()
        self._weights: Counter[str] = Counter()
        self._scored: Counter[str] = Counter()
        self._unscored: Counter[str] = Counter()
        self._ladders: list[tuple[int, bool]] = []

    def count(self, facts: SubjectFacts, *, subject: bool) -> None:
        self._subjects += subject
        for folded_check in facts.seen.values():
            self._outcomes[folded_check.outcome] += 1
            self._reasons.update(folded_check.reasons)
            if folded_check.outcome is Outcome.FAIL:
                self._waived += folded_check.waived
                self._required += folded_check.level is Level.REQUIRED and not folded_check.waived

    def add_own(self, facts: SubjectFacts) -> None:
        self._own += 1
        weight = CLASS_WEIGHT.get(facts.kind, 1)
        for area, score in facts.scores.items():
            if score.coverage is None:
                continue
            if score.score is None:
                self._unscored[area] += 1
                continue
            self._scored[area] += 1
            self._weighted[area] += weight * score.score
            self._weights[area] += weight
        climbed = facts.ladders.get("service")
        if climbed is not None and facts.kind in _HEADLINE:
            self._ladders.append((climbed.level, climbed.at_least))

    def sums(self) -> Mapping[str, Figure]:
        return {name: figure.figure() for name, figure in self.figures.items()}

    def unit(self, unit: Unit, depth: int, *, in_force: bool) -> UnitRollup:
        return self.finished(
            agency=unit.code, name=unit.name, level=unit.level, parent=unit.parent, depth=depth, in_force=in_force
        )

    def other(self, agency: AgencyId | None) -> UnitRollup:
        return self.finished(agency=agency, name=agency or "")

    def finished(
        self,
        *,
        agency: AgencyId | None,
        name: str,
        level: str = "",
        parent: AgencyId | None = None,
        depth: int = 0,
        in_force: bool = True,
    ) -> UnitRollup:
        lowest = min(self._ladders, default=None, key=lambda ladder: (ladder[0], ladder[1]))
        return UnitRollup(
            agency=agency,
            name=name,
            level=level,
            parent=parent,
            depth=depth,
            in_force=in_force,
            subjects=self._subjects,
            own=self._own,
            outcomes={outcome: self._outcomes[outcome] for outcome in Outcome},
            reasons=dict(sorted(self._reasons.items())),
            required_fails=self._required,
            waived=self._waived,
            figures=self.sums(),
            areas={area: self._area(area) for area in AREAS if self._scored[area] + self._unscored[area]},
            ladder=None if lowest is None else Ladder(level=lowest[0], at_least=lowest[1]),
        )

    def _area(self, area: str) -> AreaScore:
        weight = self._weights[area]
        score = self._weighted[area] // weight if weight else None
        return AreaScore(score=score, scored=self._scored[area], unscored=self._unscored[area])


def _held(facts: SubjectFacts) -> Iterator[HeldOutcome]:
    for check, outcome in facts.held.items():
        seen = facts.seen[check]
        own = seen.itself
        yield HeldOutcome(
            subject=facts.id,
            check=check,
            outcome=seen.outcome,
            code=seen.code,
            waived=seen.waived,
            said=outcome,
            own_outcome=None if own is None else own.outcome,
            own_code="" if own is None else own.code,
            own_waived=own is not None and own.waived,
        )


def _scored(units: Iterable[UnitRollup], area: str) -> Iterator[tuple[int, AgencyId]]:
    for unit in units:
        of_area = unit.areas.get(area)
        if of_area is not None and of_area.score is not None and unit.agency is not None:
            yield of_area.score, unit.agency


def _spread(units: Sequence[UnitRollup]) -> dict[str, Spread]:
    found: dict[str, Spread] = {}
    for area in AREAS:
        ranked = sorted(_scored(units, area))
        if ranked:
            found[area] = Spread(
                median=int(percentile([score for score, _ in ranked], 50)),
                agencies=len(ranked),
                worst=tuple(agency for _, agency in ranked[: -(-len(ranked) // 10)]),
            )
    return found
