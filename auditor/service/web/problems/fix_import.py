"""Reads back the sheet of problems to fix, as people filled it in: the new state, person and day of each problem.

Only cells that differ from their content when the sheet was written are changes, so that an old sheet reverts nothing
that was changed in the pages meanwhile.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

from auditor.framework.message_format import clean
from auditor.service.store.kept.problem_states import ProblemState, WantedChange
from auditor.service.web.problems.work import LONGEST_COMMENT, LONGEST_OWNER
from auditor.texts.translate import Texts
from inventory.sources.sheet import Sheet
from inventory.word_matching import fold
from reports.formats.xlsx.fix_columns import EDITABLE, heading, state_word

MOST_ROWS = 20_000
MOST_BAD = 200
"""The most wrong cells that are reported."""
_NONE = frozenset("-–—")
"""A dash means none: it removes an owner or a deadline; an empty deadline changes nothing."""
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_READ = (*EDITABLE, "key", "was")
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """Describes a cell that cannot be used; ``code`` is a key of the pages' words, ``column`` one of the sheet's."""

    source: str
    row: int
    column: str
    value: str
    code: str


@dataclass(slots=True, kw_only=True)
class FixRows:
    """Holds the changes that the sheets of a file ask for, by problem key, and the wrong cells."""

    wanted: dict[str, WantedChange] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    bad: list[BadCell] = field(default_factory=list)
    found: bool = False
    """True if any sheet has the columns."""


class _BadValue(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_fixes(sheets: Sequence[Sheet], languages: Sequence[Texts]) -> FixRows:
    """Read every sheet that has the columns, in any of the languages."""
    made = FixRows()
    states = {fold(word): state for state in ProblemState for word in _state_words(state, languages)}
    for sheet in sheets:
        columns, rows = _columns(sheet, languages)
        if not columns:
            continue
        made.found = True
        for number, cells in rows:
            if len(made.places) == MOST_ROWS:
                made.bad.append(BadCell(source=sheet.source, row=number, column="key", value="", code="TOO_MANY_ROWS"))
                return made
            texts = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
            if texts["key"]:
                _read_row(made, (sheet.source, number), texts, states)
    return made


def _state_words(state: ProblemState, languages: Sequence[Texts]) -> Iterator[str]:
    yield state.value
    for texts in languages:
        yield state_word(texts, state.value)


def _columns(sheet: Sheet, languages: Sequence[Texts]) -> tuple[Mapping[str, int], Sequence[tuple[int, Sequence[str]]]]:
    """Find the row with the headings; the rows to read are below it."""
    known = {fold(heading(texts, name)): name for texts in languages for name in _READ}
    for at, (_, cells) in enumerate(sheet.records):
        columns = {known[fold(text)]: column for column, text in enumerate(cells) if fold(text) in known}
        if "key" in columns and columns.keys() & set(EDITABLE):
            return columns, sheet.records[at + 1 :]
    return {}, ()


def _read_row(
    made: FixRows, place: tuple[str, int], texts: Mapping[str, str], states: Mapping[str, ProblemState]
) -> None:
    key, bad = texts["key"], len(made.bad)
    if key in made.places:
        _tell(made, place, "key", key, "ROW_TWICE")
        return
    made.places[key] = place
    state_was, day_was, owner_was = _was(texts.get("was", ""))
    values: dict[str, object] = {}
    readers: Mapping[str, Callable[[str], object]] = {
        "state": lambda text: states.get(fold(text)) or _refuse("BAD_STATE"),
        "deadline": _day,
        "owner": lambda text: _short(text, LONGEST_OWNER),
        "comment": lambda text: _short(text, LONGEST_COMMENT),
    }
    for name, read in readers.items():
        text = texts.get(name, "")
        try:
            values[name] = read(text) if text and text not in _NONE else None
        except _BadValue as error:
            _tell(made, place, name, text, error.code)
    if len(made.bad) > bad:
        return
    state, day, owner = values["state"], values["deadline"], values["owner"] or ""
    change = WantedChange(
        state=state if isinstance(state, ProblemState) and state.value != state_was else None,
        owner=str(owner) if "owner" in texts and owner != owner_was else None,
        deadline=day if isinstance(day, date) and day.isoformat() != day_was else None,
        no_deadline=bool(day_was) and texts.get("deadline") in _NONE,
        comment=str(values["comment"] or ""),
    )
    if not change.is_empty:
        made.wanted[key] = change


def _tell(made: FixRows, place: tuple[str, int], column: str, value: str, code: str) -> None:
    if len(made.bad) < MOST_BAD:
        source, row = place
        made.bad.append(BadCell(source=source, row=row, column=column, value=clean(value, 100), code=code))


def _was(text: str) -> tuple[str, str, str]:
    """Return the earlier content of the cells for state, day and person; without it, that of a new problem."""
    parts = text.split("|", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (ProblemState.NEW.value, "", "")


def _day(text: str) -> date:
    """Return a day as a spreadsheet or a person writes it: 31/12/2026 or 2026-12-31."""
    match = _DAY.fullmatch(text)
    try:
        day = date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(text)
    except ValueError as error:
        raise _BadValue("BAD_DAY") from error
    return day if day.year in _YEARS else _refuse("BAD_DAY")


def _short(text: str, most: int) -> str:
    return clean(text) if len(text) <= most else _refuse("TOO_LONG")


def _refuse(code: str) -> NoReturn:
    raise _BadValue(code)
