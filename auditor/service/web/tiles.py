"""Prepares the headline figures for drawing: the target that a regulation sets, and the runs before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.figures.figure import Figure
from auditor.frameworks.model import Framework, Requirement, RuleKind
from reports.earlier_runs import HistoryPoint
from reports.formats.html import trends


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A figure's target in percent; ``reached`` None where what is undecided decides it."""

    sign: str
    value: float
    reached: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One headline figure. ``trend`` None with fewer than two runs."""

    name: str
    figure: Figure
    target: Target | None
    trend: trends.TrendLine | None


def tiles(
    figures: Mapping[str, Figure], frameworks: Sequence[Framework], day: date, points: Sequence[HistoryPoint]
) -> Iterator[Tile]:
    """Yield a tile for each figure, in their order."""
    drawn = {line.name: line for line in trends.lines(points)}
    targets = {name: rule for framework in reversed(frameworks) for name, rule in _targets(framework, day)}
    for name, figure in figures.items():
        yield Tile(name=name, figure=figure, target=_target(figure, targets.get(name)), trend=drawn.get(name))


def _targets(framework: Framework, day: date) -> Iterable[tuple[str, tuple[str, float]]]:
    """Yield the targets that count for the whole, the strictest of one framework last."""
    rules = [requirement.rule for requirement in framework.requirements if _counts(requirement, day)]
    ordered = sorted(rules, key=lambda rule: rule.target or 0.0)
    return [(rule.kpi, (rule.sign, rule.target)) for rule in ordered if rule.target is not None]


def _counts(requirement: Requirement, day: date) -> bool:
    return requirement.rule.kind is RuleKind.KPI and not requirement.of_some and requirement.in_force(day)


def _target(figure: Figure, rule: tuple[str, float] | None) -> Target | None:
    if rule is None:
        return None
    sign, value = rule
    return Target(sign=sign, value=value, reached=figure.reaches(sign, value))
