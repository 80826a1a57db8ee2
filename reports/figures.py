"""Renders the roll-up and the frameworks as plain data, and selects figures for a first page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS
from auditor.figures.rollup import HeldOutcome, Rollup, UnitRollup
from auditor.framework.findings import CheckId
from auditor.regulations.model import Framework, Requirement, Texts
from auditor.texts.translate import Texts as Words
from inventory.model import AgencyId
from probes.observations.declared import DeclaredValue
from reports.json_data import Plain, iso
from reports.report_texts import say

HEADLINES = ("K02", "K08", "K09", "K10", "K11", "K12", "K13.enabled", "K15", "K16", "K17", "K18")
"""The figures that stand beside each agency; the others are given for the whole alone."""

_STANDINGS = tuple(Compliance)
_GAP = 0.8


def plain_rollup(rollup: Rollup) -> Plain:
    return {
        "day": iso(rollup.day),
        "total": _unit(rollup.total),
        "units": [_unit(unit) for unit in rollup.units],
        "failing": [unit_rollup.agency for unit_rollup in rollup.failing if unit_rollup.agency is not None],
        "spread": {
            area: {"median": spread.median, "agencies": spread.agencies, "worst": list(spread.worst)}
            for area, spread in rollup.spread.items()
        },
        "held": [_held(held_outcome) for held_outcome in rollup.held],
    }


def _held(held: HeldOutcome) -> dict[str, Plain]:
    own: dict[str, Plain] | None = None
    if held.own_outcome is not None:
        own = {"outcome": held.own_outcome.value, "code": held.own_code, "waived": held.own_waived}
    return {
        "subject": held.subject,
        "check": held.check,
        "outcome": held.outcome.value,
        "code": held.code,
        "waived": held.waived,
        "said": held.said.value,
        "own": own,
    }


def _unit(unit: UnitRollup) -> dict[str, Plain]:
    return {
        "agency": unit.agency,
        "name": unit.name,
        "level": unit.level,
        "parent": unit.parent,
        "in_force": unit.in_force,
        "subjects": unit.subjects,
        "own": unit.own,
        "outcomes": {outcome.value: n for outcome, n in unit.outcomes.items()},
        "reasons": dict(unit.reasons),
        "required_fails": unit.required_fails,
        "waived": unit.waived,
        "figures": {name: plain_figure(figure) for name, figure in figures(unit)},
        "areas": {
            area: {"score": each.score, "scored": each.scored, "unscored": each.unscored}
            for area, each in unit.areas.items()
        },
        "ladder": None if unit.ladder is None else {"level": unit.ladder.level, "at_least": unit.ladder.at_least},
    }


def figures(unit: UnitRollup) -> Iterator[tuple[str, Figure]]:
    """Yield the indicators that speak of anything here, in the order of the catalogue."""
    for name in KPIS:
        figure = unit.figures.get(name)
        if figure is not None and (figure.of or figure.exempt):
            yield name, figure


def headlines(unit: UnitRollup) -> dict[str, Figure]:
    """Return the figures of ``HEADLINES`` that apply to this unit; figures stored long ago may lack some of them."""
    return {name: figure for name in HEADLINES if (figure := unit.figures.get(name)) is not None and figure.of}


def plain_figure(figure: Figure) -> dict[str, Plain]:
    """``low`` and ``high`` are shares of ``of``, truncated; the optional keys stand where the figure has them."""
    found: dict[str, Plain] = {
        "of": figure.of,
        "met": figure.met,
        "unknown": figure.unknown,
        "decided": figure.decided,
        "exempt": figure.exempt,
        "waived": figure.waived,
        "planned": figure.planned,
        "low": _ratio(figure.low),
        "high": _ratio(figure.high),
        "interval": figure.interval,
        "reasons": dict(figure.reasons),
    }
    optional = {"value": figure.value, "median": figure.median, "tenth": figure.tenth}
    found |= {name: _ratio(value) for name, value in optional.items() if value is not None}
    if figure.planned_until is not None:
        found["planned_until"] = iso(figure.planned_until)
    return found if figure.backends is None else {**found, "backends": figure.backends}


def _ratio(value: float | None) -> float | None:
    return None if value is None else int(value * 10_000 + 1e-9) / 10_000


def plain_framework(result: FrameworkResult) -> dict[str, Plain]:
    framework, counts = result.framework, result.counts
    return {
        "id": framework.id,
        "title": dict(framework.title),
        "source": dict(framework.source),
        "note": _texts(framework.note),
        "legal_status": framework.legal_status.value,
        "valid_from": iso(framework.valid_from),
        "valid_to": iso(framework.valid_to),
        "day": iso(result.day),
        "counts": {each.value: counts.get(each, 0) for each in _STANDINGS},
        "requirements": [_requirement(each) for each in result.results],
    }


def _requirement(result: RequirementResult) -> dict[str, Plain]:
    requirement = result.requirement
    return {
        "id": requirement.id,
        "article": requirement.article,
        "text": dict(requirement.text),
        "legal_status": requirement.legal_status.value,
        "valid_from": iso(requirement.valid_from),
        "valid_to": iso(requirement.valid_to),
        "due": iso(requirement.due),
        "networks": sorted(requirement.networks),
        "of_root": requirement.of_root,
        "exemptions": requirement.exemptions,
        "rule": str(requirement.rule),
        "manual": requirement.manual,
        "measured": [each.value for each in requirement.measured],
        "kinds": sorted(requirement.kinds),
        "checks": list(requirement.checks),
        "note": _texts(requirement.note),
        "standing": result.compliance.value,
        "figure": None if result.figure is None else plain_figure(result.figure),
        "declared": [
            {
                "value": each.value,
                "unit": _texts(requirement.unit),
                "as_of": iso(each.as_of),
                "source": each.source,
                "signatory": each.signatory,
                "note": each.note,
                "file": each.file,
                "row": each.row,
            }
            for each in result.declared
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """Describes a part of a ring whose circumference is 100: its length and its start, in these units."""

    standing: Compliance
    count: int
    length: float
    start: float

    @property
    def shown(self) -> float:
        """The drawn length: without the gap to the next part, where there is room for a gap."""
        return round(max(self.length - _GAP, self.length / 2), 2) if self.length < 100 else self.length


def ring(counts: Mapping[Compliance, int]) -> Iterator[Arc]:
    """The results of a framework's requirements as arcs of a ring in a fixed order; empty without requirements."""
    whole, start = sum(counts.values()), 0.0
    for standing in _STANDINGS:
        count = counts.get(standing, 0)
        if count:
            length = round(100 * count / whole, 2)
            yield Arc(standing=standing, count=count, length=length, start=round(start, 2))
            start += 100 * count / whole


def requirements_of(frameworks: Sequence[FrameworkResult], check: CheckId) -> list[tuple[Framework, RequirementResult]]:
    """Return the requirements that ask for a check, of each article the first: a reader looks for the article."""
    asked: dict[tuple[str, str], tuple[Framework, RequirementResult]] = {}
    for each in frameworks:
        for result in each.results:
            if result.requirement.names(check):
                asked.setdefault((each.framework.id, result.requirement.article), (each.framework, result))
    return list(asked.values())


def declared(texts: Words, requirement: Requirement, value: DeclaredValue) -> str:
    """Return a declared value with its author, date and source."""
    unit = "" if requirement.unit is None else requirement.unit[texts.lang]
    args = {"value": value.value, "day": value.as_of, "source": value.source, "signatory": value.signatory}
    late = requirement.due is not None and value.as_of > requirement.due
    return say(texts, "declared_late" if late else "declared", unit=unit, due=requirement.due, **args)


def measured(texts: Words, result: RequirementResult, day: date) -> str:
    """The figure of a requirement, with both dates where it was measured after the target's; empty without one."""
    if result.figure is None:
        return ""
    return "; ".join((texts.figure(result.figure), *measured_late(texts, result, day)))


def measured_late(texts: Words, result: RequirementResult, day: date) -> Iterator[str]:
    """Yield both dates of a figure that was measured after the day of its target; nothing for other figures."""
    if result.late:
        yield say(texts, "measured_late", due=result.requirement.due, day=day)


def _texts(texts: Texts | None) -> Plain:
    return None if texts is None else dict(texts)


def named_units(rollup: Rollup) -> Iterator[UnitRollup]:
    """Yield the units a first page lists: those with subjects, or in force and expected to have some."""
    for unit in rollup.units:
        if unit.agency is not None and (unit.subjects or any(figure.of for figure in unit.figures.values())):
            yield unit


def brief(figure: Figure, texts: Words) -> str:
    """``3/5`` or ``3/5 ?1``: met of applicable, and how many of these were not decided; ``12.5% ?1`` of a share."""
    met = f"{figure.met}/{figure.of}" if figure.value is None else texts.percent(figure.value)
    return met + (f" ?{figure.unknown}" if figure.unknown else "")


def stated(figure: Figure, texts: Words) -> str:
    """Return ``3/5 · 1 inconclusive``: the text of ``brief`` for places without a legend."""
    met = f"{texts.number(figure.met)}/{texts.number(figure.of)}"
    met = met if figure.value is None else texts.percent(figure.value)
    return f"{met} · {say(texts, 'unknown', n=figure.unknown)}" if figure.unknown else met


def agency_names(rollup: Rollup | None) -> dict[AgencyId, str]:
    """Give the names of the agencies that a roll-up counts."""
    return {} if rollup is None else {unit.agency: unit.name for unit in rollup.units if unit.agency is not None}
