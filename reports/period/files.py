"""Writes the report of a period in each of its file formats."""

from collections.abc import Callable, Mapping

from auditor.figures.period import Period
from auditor.figures.period_report import PeriodReport
from reports.period import data, page


def _official(name: str, report: PeriodReport) -> bytes:
    """Write the official form; the libraries for documents are slow to import and are imported on demand."""
    from reports.period import official

    return official.docx(report) if name == "docx" else official.pdf(report)


FORMATS: Mapping[str, Callable[[PeriodReport, str], bytes]] = {
    "html": page.html,
    "json": lambda report, lang: data.plain(report),
    "xlsx": page.workbook,
    "docx": lambda report, lang: _official("docx", report),
    "pdf": lambda report, lang: _official("pdf", report),
}
"""Writers by format; they take the reader's language, but data has none and the official form is Vietnamese."""


def file_name(period: Period, name: str) -> str:
    """Name the file of a format."""
    return f"period-{period.name}.{name}"
