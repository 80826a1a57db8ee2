"""Defines the tables of the report of a period, and the words for shares and units that several of them hold."""

from dataclasses import dataclass

from auditor.figures.period_report import PeriodReport
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from reports.period.texts import tell

NONE = "–"
"""Stands in a cell that does not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodTable:
    """A part of the report: its key, a title, a note, and rows under headings; ``note`` alone where there are none."""

    key: str
    title: str
    note: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def unit_name(report: PeriodReport, agency: AgencyId | None, texts: Texts) -> str:
    """Return the name of a unit, its code where it has none; words for no agency."""
    if agency is None:
        return tell(texts, "no_agency")
    unit = report.units.get(agency)
    return clean(unit.name if unit is not None and unit.name else agency)


def share_words(share: float | None, texts: Texts) -> str:
    """Give a share in percent with two decimals, cut: 99.999% of the time is not all of it."""
    return tell(texts, "no_measurement") if share is None else f"{texts.number(int(share * 10_000 + 1e-6) / 100)}%"
