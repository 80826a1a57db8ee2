"""Reads one row of the table of exemptions: the checks, their subjects or agencies, the reason, and the signatory."""

import re
from collections.abc import Mapping
from itertools import islice

from inventory.model import Exemption, SubjectId
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.rows.subject_row import Cells
from inventory.rows.units import Directory
from inventory.tables.columns import Column
from inventory.word_matching import nearest

_CHECK = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_SUGGESTED_FROM = 5_000  # identifiers compared for a suggestion
_NAMED = 5


def read_exemption(
    cells: Cells, subjects: Mapping[str, tuple[SubjectId, ...]], directory: Directory
) -> Exemption | None:
    """Read a row of the table of exemptions.

    ``subjects`` are the ids by their case-folded spelling, several where a name stands for several of them.
    """
    subject_text, agency_text = cells.line(Column.SUBJECT), cells.line(Column.AGENCY)
    if bool(subject_text) == bool(agency_text):
        cells.place.at(Column.SUBJECT).report(Code.EXEMPTION_OF_NOTHING)
    subject = _subject(subject_text, subjects, cells.place.at(Column.SUBJECT))
    agency = directory.find(agency_text) if agency_text else None
    if agency_text and agency is None:
        close = nearest(agency_text, [unit.code for unit in directory.organisation.units])
        cells.place.at(Column.AGENCY).report(Code.EXEMPTION_UNKNOWN, agency_text, suggestion=close)
    start, until = cells.dates(Column.FROM, Column.UNTIL)
    prefix = cells.read(Column.CHECK_PREFIX, _parse_prefix)
    _check_complete(cells)
    if prefix is None or (subject is None and agency is None):
        return None
    return Exemption(
        subject=subject,
        agency=agency,
        check_prefix=prefix,
        reason=cells.line(Column.REASON),
        signatory=cells.line(Column.SIGNATORY),
        valid_from=start,
        until=until,
    )


def _subject(text: str, subjects: Mapping[str, tuple[SubjectId, ...]], place: CellPosition) -> SubjectId | None:
    if not text:
        return None
    ids = subjects.get(text.casefold(), ())
    if not ids:
        near = nearest(text, [each for each, *_ in islice(subjects.values(), _SUGGESTED_FROM)])
        place.report(Code.EXEMPTION_UNKNOWN, text, suggestion=near)
    elif len(ids) > 1:
        place.report(Code.EXEMPTION_AMBIGUOUS, text, known=", ".join(ids[:_NAMED]))
    return ids[0] if len(ids) == 1 else None


def _parse_prefix(text: str, place: CellPosition) -> str | None:
    prefix = text.strip().removesuffix("*").removesuffix(".")
    if _CHECK.fullmatch(prefix):
        return prefix
    place.report(Code.NOT_A_CHECK, text)
    return None


def _check_complete(cells: Cells) -> None:
    for column in (Column.CHECK_PREFIX, Column.REASON):
        if not cells.text(column) and column not in cells.row.absent:
            cells.place.at(column).report(Code.EXEMPTION_INCOMPLETE, column=column)
    if not cells.text(Column.SIGNATORY):
        subject = cells.line(Column.SUBJECT) or cells.line(Column.AGENCY)
        cells.place.at(Column.SIGNATORY).report(Code.EXEMPTION_UNSIGNED, subject, missing=Column.SIGNATORY)
