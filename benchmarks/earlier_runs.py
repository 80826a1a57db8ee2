"""Builds the earlier runs of a large report: the most changes shown for an agency, and the history of every defect."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from auditor.figures.comparison import Change, ChangeKind
from auditor.figures.figure import Figure
from auditor.figures.held_states import DefectAge, HeldState
from auditor.figures.rollup import Rollup, UnitRollup
from auditor.figures.scoring import AREAS
from auditor.framework.findings import DEFECTS, Finding, FindingId, Outcome, outline
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId
from reports.earlier_runs import BETWEEN, MOST_LISTED, EarlierRuns, HistoryPoint, LatestChanges, ListedChange, Timelines
from tests.unit.reports.sample import NOW

_TOLD = (ChangeKind.NEW, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE)
_BEFORE = NOW - timedelta(days=90)


def history(agencies: Mapping[AgencyId, Iterable[Finding]]) -> EarlierRuns:
    """``agencies``: some failing findings of each, to be told of as changed in every way."""
    counts = dict.fromkeys(ChangeKind, 50)
    since = LatestChanges(
        run=RunId("r"),
        name="",
        started=_BEFORE,
        judgement="j",
        counts=counts,
        agencies=dict.fromkeys(agencies, counts),
        listed={
            agency: [_listed(kind, finding) for kind in _TOLD for finding in some] for agency, some in agencies.items()
        },
    )
    points = [
        HistoryPoint(run=RunId(f"r{n}"), name="", started=_BEFORE, judgement=f"j{n}", figures=FIGURES) for n in range(8)
    ]
    return EarlierRuns(since=since, points=points)


def _listed(kind: ChangeKind, finding: Finding) -> ListedChange:
    change = Change(kind=kind, id=finding.id, subject=finding.subject, before=outline(finding), after=outline(finding))
    return ListedChange(change=change, before=finding, after=finding)


def few(findings: Iterable[Finding]) -> list[Finding]:
    """The first that fail, as many as are told."""
    found: list[Finding] = []
    for finding in findings:
        if finding.outcome is Outcome.FAIL:
            found.append(finding)
        if len(found) == MOST_LISTED:
            break
    return found


def lives(findings: Iterable[Finding]) -> dict[FindingId, DefectAge]:
    state = HeldState(outcome=Outcome.FAIL, since=_BEFORE, seen=NOW)
    return {
        finding.id: DefectAge(first=_BEFORE, since=_BEFORE, rounds=4, state=state)
        for finding in findings
        if finding.outcome in DEFECTS
    }


def timelines(subjects: Iterable[SubjectId]) -> Timelines:
    """Eight rounds that said something else of every subject in every area."""
    strips = {}
    for number, subject in enumerate(subjects):
        areas = [f"{number * 7 + area:08b}".replace("0", "p").replace("1", "f")[-8:] for area in range(len(AREAS))]
        strips[subject] = BETWEEN.join(areas)
    return Timelines(when=[_BEFORE + timedelta(days=10 * n) for n in range(8)], strips=strips)


FIGURES = {f"K{number:02}": Figure(of=100, met=number) for number in range(1, 21)}


def rollup(agencies: Iterable[AgencyId]) -> Rollup:
    total = UnitRollup(agency=None, name="Tỉnh", figures=FIGURES)
    units = (UnitRollup(agency=agency, name=agency, level="xã", subjects=100, figures=FIGURES) for agency in agencies)
    return Rollup(day=NOW.date(), total=total, units=tuple(units))
