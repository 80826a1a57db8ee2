"""Defines the models of answers about agencies: their figures, scores and counts."""

from datetime import date

from auditor.service.web.api.models import Answered, Counts


class FigureRow(Answered):
    """``met`` of the ``of`` subjects to which it applies, ``unknown`` of these not decided, ``planned`` of those not
    met planned; ``low`` and ``high`` bound the share, and are null of nothing."""

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
    """One organisation unit. ``subjects``, ``outcomes`` and ``figures`` are of everything under it, ``own`` and
    ``areas`` of its own subjects. ``code`` null: everything together."""

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
    """``total`` is of everything that the asker may see, null where that was not added up."""

    total: AgencyRow | None
    items: list[AgencyRow]
    next: str | None
