"""Serves the frameworks that a run is judged against: the standing of each requirement and the value that it rests on.

As on the page: an account that is bound to an agency gets its own figures, without standings and declared values.
"""

from datetime import date

from auditor.figures.compliance import FrameworkResult, RequirementResult
from auditor.service.web.api import models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.results import seen
from auditor.service.web.api.rollup_models import FigureRow
from auditor.service.web.figures.requirements import RequirementLine, framework_lines, held_frameworks
from auditor.service.web.site import run_in_thread, site_of
from reports.figures import plain_figure
from reports.json_data import Plain, iso

operations = Operations("results")


class DeclaredRow(models.Answered):
    """A value that somebody declared, with its day, source and signatory."""

    value: float
    as_of: date
    source: str
    signatory: str


class RequirementRow(models.Answered):
    """A requirement in force. ``source``: measured, declared or missing; ``standing`` null for an agency."""

    id: str
    article: str
    text: dict[str, str]
    rule: str
    unit: dict[str, str] | None
    due: date | None
    standing: str | None
    source: str
    figure: FigureRow | None
    declared: list[DeclaredRow]


class FrameworkRow(models.Answered):
    """A framework with its requirements in force on a day; ``counts`` by standing."""

    id: str
    title: dict[str, str]
    day: date
    counts: dict[str, int]
    requirements: list[RequirementRow]


class Frameworks(models.Answered):
    items: list[FrameworkRow]


@operations.get("/runs/{run}/frameworks", answer=Frameworks, query=models.Sent)
async def run_frameworks(call: Call[models.Sent, EmptyModel]) -> Answer:
    view, site = await seen(call), site_of(call.request)
    held = await run_in_thread(held_frameworks, view, site.digests, site.store)
    return Frameworks(items=[framework_row(each, whole=view.whole) for each in held])


def framework_row(held: FrameworkResult, *, whole: bool) -> FrameworkRow:
    """Convert a framework with its requirements in force."""
    return rows.made(FrameworkRow, _framework(held, whole=whole))


def _framework(held: FrameworkResult, *, whole: bool) -> dict[str, Plain]:
    shown = framework_lines(held, whole=whole)
    results = {result.requirement.id: result for result in held.results}
    return {
        "id": held.framework.id,
        "title": dict(held.framework.title),
        "day": iso(held.day),
        "counts": {standing.value: n for standing, n in shown.counts.items()},
        "requirements": [_requirement(line, results[line.requirement.id]) for line in shown.lines],
    }


def _requirement(line: RequirementLine, result: RequirementResult) -> Plain:
    requirement = line.requirement
    return {
        "id": requirement.id,
        "article": requirement.article,
        "text": dict(requirement.text),
        "rule": str(requirement.rule),
        "unit": None if requirement.unit is None else dict(requirement.unit),
        "due": iso(requirement.due),
        "standing": None if line.standing is None else line.standing.value,
        "source": line.source,
        "figure": None if line.figure is None else plain_figure(line.figure),
        "declared": [
            {"value": value.value, "as_of": iso(value.as_of), "source": value.source, "signatory": value.signatory}
            for value in result.declared
        ],
    }
