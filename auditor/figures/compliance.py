"""Applies a framework to a roll-up: the status of each requirement, the figure it rests on, and its declared value.

Pure. A declared value is never called measured, and an undecided requirement is called neither met nor not met.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import partial

from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS, Kpi, all_of, within
from auditor.figures.rollup import Rollup
from auditor.regulations.model import Framework, Requirement, RuleKind
from probes.observations.declared import DeclaredValue


class Compliance(Enum):
    """Names the status of a requirement. The ``declared`` ones rest only on a declaration."""

    MET = "met"
    NOT_MET = "not_met"
    UNDECIDED = "undecided"
    NO_TARGET = "no_target"
    NOTHING = "nothing"
    DECLARED_MET = "declared_met"
    DECLARED_NOT_MET = "declared_not_met"
    MANUAL = "manual"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """Holds the status of one requirement, with its figure (None where nothing is counted) and declared values.

    ``declared`` has the newest first. ``late``: the figure was measured after the day by which its target was to be
    reached.
    """

    requirement: Requirement
    compliance: Compliance
    figure: Figure | None = None
    late: bool = False
    declared: tuple[DeclaredValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkResult:
    """Holds the results of one framework on one day."""

    framework: Framework
    day: date
    results: tuple[RequirementResult, ...]

    @property
    def counts(self) -> Mapping[Compliance, int]:
        return Counter(result.compliance for result in self.results)


def rules(frameworks: Iterable[Framework], day: date) -> tuple[Kpi, ...]:
    """Return the figures that the requirements in force need of a roll-up beside the indicators.

    These are the figures of requirements with the rule ``all``, and indicators for a part of the subjects.
    """
    kpis = (
        _rule(framework, requirement)
        for framework in frameworks
        for requirement in framework.requirements
        if requirement.in_force(day)
    )
    return tuple(kpi for kpi in kpis if kpi is not None)


def _rule(framework: Framework, requirement: Requirement) -> Kpi | None:
    if requirement.rule.kind is RuleKind.ALL:
        kpi = Kpi(id="", judge=partial(all_of, checks=requirement.checks, kinds=requirement.kinds))
    elif requirement.of_some and requirement.rule.kpi in KPIS:
        kpi = KPIS[requirement.rule.kpi]
    else:
        return None
    judge = partial(within, networks=requirement.networks, of_root=requirement.of_root, judge=kpi.judge)
    return replace(kpi, id=figure_id(framework, requirement), judge=judge)


def figure_id(framework: Framework, requirement: Requirement) -> str:
    return f"{framework.id}/{requirement.id}"


def judge_framework(
    framework: Framework, rollup: Rollup, declared: Sequence[DeclaredValue] = (), *, until: date | None = None
) -> FrameworkResult:
    """Return every requirement with its status, also manual ones and those not in force on the roll-up's day.

    ``until``: the last day of which declared values count, by default the roll-up's.
    """
    last = rollup.day if until is None else until
    of_it = [
        declared_value
        for declared_value in declared
        if declared_value.framework == framework.id and declared_value.as_of <= last
    ]
    results = []
    for requirement in framework.requirements:
        declared_values = [declared_value for declared_value in of_it if declared_value.requirement == requirement.id]
        declared_values.sort(key=lambda declared_value: declared_value.as_of)
        results.append(_result(framework, requirement, rollup, tuple(reversed(declared_values))))
    return FrameworkResult(framework=framework, day=rollup.day, results=tuple(results))


def _result(
    framework: Framework, requirement: Requirement, rollup: Rollup, declared: tuple[DeclaredValue, ...]
) -> RequirementResult:
    figure = _figure(framework, requirement, rollup)
    return RequirementResult(
        requirement=requirement,
        compliance=_compliance(framework, requirement, rollup.day, figure, declared),
        figure=figure,
        late=figure is not None and requirement.due is not None and rollup.day > requirement.due,
        declared=declared,
    )


def _figure(framework: Framework, requirement: Requirement, rollup: Rollup) -> Figure | None:
    of_all = requirement.rule.kind is RuleKind.KPI and not requirement.of_some
    return rollup.total.figures.get(requirement.rule.kpi if of_all else figure_id(framework, requirement))


def in_force(framework: Framework, requirement: Requirement, day: date) -> bool:
    """True if a requirement and its framework are in force on a day."""
    begun = framework.valid_from is None or framework.valid_from <= day
    return begun and (framework.valid_to is None or day <= framework.valid_to) and requirement.in_force(day)


def as_asked(requirement: Requirement, figure: Figure) -> Figure:
    """Return a figure as a requirement counts it: exempt subjects are left out only if it allows exemptions."""
    return figure if requirement.exemptions else figure.with_exempt()


def _compliance(
    framework: Framework,
    requirement: Requirement,
    day: date,
    figure: Figure | None,
    declared: tuple[DeclaredValue, ...],
) -> Compliance:
    rule = requirement.rule
    if not in_force(framework, requirement, day):
        return Compliance.NOT_IN_FORCE
    if rule.kind is RuleKind.DECLARED and declared and rule.target is not None:
        value = declared[0].value
        met = value >= rule.target if rule.sign == ">=" else value <= rule.target
        return Compliance.DECLARED_MET if met else Compliance.DECLARED_NOT_MET
    if requirement.manual:
        return Compliance.MANUAL
    figure = None if figure is None else as_asked(requirement, figure)
    if figure is None or not figure.of:
        return Compliance.NOTHING
    if rule.kind is RuleKind.KPI and rule.target is None:
        return Compliance.NO_TARGET
    sign, target = (rule.sign, rule.target or 0.0) if rule.kind is RuleKind.KPI else (">=", 100.0)
    reached = figure.reaches(sign, target)
    return {True: Compliance.MET, False: Compliance.NOT_MET, None: Compliance.UNDECIDED}[reached]
