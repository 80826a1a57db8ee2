"""Defines the models of answers about agencies: their figures, scores and counts."""

from datetime import date

from auditor.service.web.api.models import Answered, Counts


class FigureRow(Answered):
    """Counts subjects of a figure: ``met`` of the ``of`` to which it applies, ``unknown`` of these undecided.

    ``planned`` of those not met are planned; ``low`` and ``high`` bound the share, and are null if it is of no
    subjects.
    """

    of: int
    met: int
    unknown: int
    decided: int
    exempt: int
    waived: int
    planned: int
    low: float | None
    high: float | None
    interval: bool
    reasons: dict[str, int]
    value: float | None = None
    median: float | None = None
    tenth: float | None = None
    backends: int | None = None
    planned_until: date | None = None


class AreaRow(Answered):
    score: int | None
    scored: int
    unscored: int


class AgencyRow(Answered):
    """Describes one organisation unit; ``code`` null: everything together.

    ``subjects``, ``outcomes`` and ``figures`` are of everything under it, ``own`` and ``areas`` of its own subjects.
    """

    code: str | None
    name: str
    level: str
    parent: str | None
    subjects: int
    own: int
    outcomes: Counts
    required_fails: int
    waived: int
    areas: dict[str, AreaRow]
    figures: dict[str, FigureRow]


class Agencies(Answered):
    """Lists agencies. ``total`` is of everything that the account may see, null if that was not added up."""

    total: AgencyRow | None
    items: list[AgencyRow]
    next: str | None
