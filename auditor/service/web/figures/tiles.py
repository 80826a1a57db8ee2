"""Prepares the headline figures for drawing: the target that a regulation sets, and the runs before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.figures.compliance import as_asked, in_force
from auditor.figures.figure import Figure
from auditor.regulations.model import Framework, Requirement, RuleKind
from reports.earlier_runs import HistoryPoint
from reports.formats.html import trends


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureTarget:
    """Holds a figure's target in percent; ``reached`` is None if undecided subjects could change it."""

    sign: str
    value: float
    reached: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Holds one headline figure; ``trend`` is None with fewer than two runs."""

    name: str
    figure: Figure
    target: FigureTarget | None
    trend: trends.TrendLine | None


def tiles(
    figures: Mapping[str, Figure], frameworks: Sequence[Framework], day: date, points: Sequence[HistoryPoint]
) -> Iterator[Tile]:
    """Yield a tile for each figure, in their order."""
    drawn = {line.name: line for line in trends.lines(points)}
    targets = {name: asked for framework in reversed(frameworks) for name, asked in _targets(framework, day)}
    for name, figure in figures.items():
        yield Tile(name=name, figure=figure, target=_target(figure, targets.get(name)), trend=drawn.get(name))


def _targets(framework: Framework, day: date) -> Iterable[tuple[str, Requirement]]:
    """Yield the requirements with a target that count for the whole, the strictest of one framework last."""
    asked = [requirement for requirement in framework.requirements if _counts(framework, requirement, day)]
    return [(requirement.rule.kpi, requirement) for requirement in sorted(asked, key=_strictness)]


def _strictness(requirement: Requirement) -> float:
    target = requirement.rule.target or 0.0
    return target if requirement.rule.sign == ">=" else -target


def _counts(framework: Framework, requirement: Requirement, day: date) -> bool:
    has_target = requirement.rule.kind is RuleKind.KPI and requirement.rule.target is not None
    return has_target and not requirement.of_some and in_force(framework, requirement, day)


def _target(figure: Figure, asked: Requirement | None) -> FigureTarget | None:
    if asked is None or asked.rule.target is None:
        return None
    sign, value = asked.rule.sign, asked.rule.target
    return FigureTarget(sign=sign, value=value, reached=as_asked(asked, figure).reaches(sign, value))
