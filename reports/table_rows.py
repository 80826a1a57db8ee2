"""Renders one finding as one row of a table, for the CSV file and the workbook.

Text from a target stays text: unsafe characters are escaped, and an apostrophe precedes what a spreadsheet would take
for a formula.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor.figures.scoring import area_of
from auditor.framework.findings import Finding
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from inventory.tables.formula_guard import guarded
from reports.area_names import area_name
from reports.document import AgencyReport, Report, SealInfo, SubjectReport
from reports.report_texts import say
from reports.seen_from import by_vantage

LONGEST_CELL = 2_000
"""Characters of one cell; a spreadsheet takes 32,767, a reader far fewer."""


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """A finding with its subject and agency. ``seal``: of its run."""

    agency: AgencyReport
    subject: SubjectReport
    finding: Finding
    seal: SealInfo | None = None


Cell = Callable[[PlacedFinding, Texts], str]


def safe(text: str) -> str:
    """Text from anywhere as a cell that no spreadsheet computes and no terminal obeys."""
    return guarded(clean(text, LONGEST_CELL))


def _waived(finding: Finding, texts: Texts) -> str:
    if finding.waived is None:
        return ""
    until = "" if finding.waived.until is None else f", {texts.day(finding.waived.until)}"
    return f"{finding.waived.reason} ({finding.waived.owner}{until})"


def _seal(seal: SealInfo | None, texts: Texts) -> str:
    """Return the text of the seal; empty if the run is not sealed."""
    return "" if seal is None else say(texts, "seal_within" if seal.covers else "seal_outside")


COLUMNS: Mapping[str, Cell] = {
    "agency_code": lambda at, _: at.agency.agency or "",
    "agency": lambda at, _: at.agency.name,
    "subject": lambda at, _: at.subject.subject.id,
    "kind": lambda at, texts: texts.word("kind", at.subject.subject.kind.value),
    "address": lambda at, _: "" if at.finding.address is None else written(at.finding.address),
    "detail": lambda at, texts: texts.detail(at.finding.check, at.finding.detail),
    "area": lambda at, texts: area_name(texts, area_of(at.finding.check)),
    "check": lambda at, _: at.finding.check,
    "problem": lambda at, texts: texts.defect(at.finding),
    "title": lambda at, texts: texts.title(at.finding.check),
    "result": lambda at, texts: texts.outcome(at.finding.outcome),
    "severity": lambda at, texts: texts.severity(at.finding.severity),
    "level": lambda at, texts: texts.level(at.finding.level),
    "level_basis": lambda at, texts: texts.basis(at.finding.level_basis),
    "reason": lambda at, _: "" if at.finding.reason is None else at.finding.reason.value,
    "message": lambda at, texts: texts.message(at.finding),
    "remedy": lambda at, texts: texts.remedy(at.finding) or "",
    "waived": lambda at, texts: _waived(at.finding, texts),
    "vantage": lambda at, _: at.finding.vantage,
    "code": lambda at, _: at.finding.code,
    "outcome": lambda at, _: at.finding.outcome.value,
    "finding": lambda at, _: at.finding.id,
    "evidence": lambda at, _: " ".join(at.finding.evidence),
    "seal": lambda at, texts: _seal(at.seal, texts),
    "vantages": lambda at, texts: by_vantage(texts, at.finding),
}
"""The columns in the order of the file. ``result`` is a word in the reader's language, ``outcome`` the code."""


def places(report: Report) -> Iterator[PlacedFinding]:
    """Yield every finding with its agency and subject, agency by agency."""
    seal = report.header.seal
    for agency in report.agencies():
        for subject in agency.subjects:
            for finding in subject.findings:
                yield PlacedFinding(agency, subject, finding, seal)


def row(at: PlacedFinding, texts: Texts) -> list[str]:
    """Return the cells of a finding, in the order of ``COLUMNS``."""
    return [safe(cell(at, texts)) for cell in COLUMNS.values()]
