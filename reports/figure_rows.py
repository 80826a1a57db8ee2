"""Picks the subjects behind the figures of a report: those that are not met, and those that were not decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.figures.compliance import Compliance
from auditor.figures.kpis import Standing
from auditor.figures.movement import OfSubjects, Standings
from inventory.model import SubjectId

SHOWN = 20
"""Subjects of each kind that stand under a figure; of more the number is said."""
_ROWS = {Standing.NOT_MET: Compliance.NOT_MET, Standing.UNKNOWN: Compliance.UNDECIDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRows:
    """The subjects of one standing in a figure: how many there are, and the first of them by id."""

    standing: Compliance
    count: int
    first: tuple[SubjectId, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.first)


def figure_rows(standings: Standings) -> Mapping[str, tuple[FigureRows, ...]]:
    """Return the rows under each figure, not met before undecided; figures met by all subjects are omitted."""
    rows = ((figure, tuple(_rows(subjects))) for figure, subjects in standings.items())
    return {figure: found for figure, found in rows if found}


def _rows(subjects: OfSubjects) -> list[FigureRows]:
    found = []
    for standing, compliance in _ROWS.items():
        ids = sorted(subject for subject, kept in subjects.items() if kept.standing is standing)
        if ids:
            found.append(FigureRows(standing=compliance, count=len(ids), first=tuple(ids[:SHOWN])))
    return found
