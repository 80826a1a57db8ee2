"""Writes the report of a period in each of its file formats."""

from collections.abc import Callable, Mapping

from auditor.figures.period import Period
from auditor.figures.period_report import PeriodReport
from reports import period_data, period_page


def _official(name: str, report: PeriodReport) -> bytes:
    """What makes documents and prints takes long to load: only where it is asked for."""
    from reports import period_official

    return period_official.docx(report) if name == "docx" else period_official.pdf(report)


FORMATS: Mapping[str, Callable[[PeriodReport, str], bytes]] = {
    "html": period_page.html,
    "json": lambda report, lang: period_data.plain(report),
    "xlsx": period_page.workbook,
    "docx": lambda report, lang: _official("docx", report),
    "pdf": lambda report, lang: _official("pdf", report),
}
"""By name, with the language of a reader: data is free of it, the official form is always in Vietnamese."""


def file_name(period: Period, name: str) -> str:
    """Name the file of a format."""
    return f"period-{period.name}.{name}"
