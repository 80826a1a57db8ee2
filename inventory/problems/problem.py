"""Collects the problems of an inventory, which are never raised one by one and are worded when shown."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inventory.model import RowOrigin
from inventory.problems.codes import WARNINGS, Code
from inventory.problems.reasons import REASONS
from inventory.problems.texts import ALSO_THERE, DID_YOU_MEAN, TEXTS, Text
from inventory.quoting import plain, quoted
from inventory.tables.display_names import column_name, word_name
from inventory.tables.layout import TableLayout

LISTED = 10_000  # problems kept in full; the rest are counted
ALSO_COUNT, ALSO_ROWS = "also_count", "also_rows"
"""Arguments of a problem that stands for further rows as well: how many they are, and which."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ABOUT_COLUMNS = frozenset({Code.UNKNOWN_COLUMN, Code.COLUMN_AS_NOTE, Code.COLUMN_LEFT_OUT})


class ProblemSeverity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryProblem:
    """Describes one mistake in one place. ``value`` is the cell's text as it stands; ``args`` fill the message."""

    code: Code
    source: str = ""
    row: int | None = None
    field: str = ""
    value: str = ""
    suggestion: str = ""
    args: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> ProblemSeverity:
        return ProblemSeverity.WARNING if self.code in WARNINGS else ProblemSeverity.ERROR

    @property
    def told(self) -> int:
        """The number of problems that this one reports: itself, and those of the further rows that it stands for."""
        return 1 + int(dict(self.args).get(ALSO_COUNT, "0"))

    @property
    def message(self) -> str:
        return self.text("en")

    def field_name(self, lang: str) -> str:
        """Return the column's name as people call it; a title of the operator's own is made safe to show."""
        return plain(column_name(self.field, lang))

    def text(self, lang: str) -> str:
        """Return the message in ``vi`` or ``en``, with the suggestion, all foreign text made safe to show."""

        shown = {name: self._argument(name, each, lang) for name, each in self.args}
        message = _in(TEXTS[self.code], lang).format(value=quoted(self.value), **shown)
        if self.suggestion:
            suggestion = self._word(self.suggestion, lang)
            message += _in(DID_YOU_MEAN, lang).format(suggestion=plain(suggestion))
        return message + _in(ALSO_THERE, lang).format_map(shown) if ALSO_ROWS in shown else message

    def _argument(self, name: str, value: str, lang: str) -> str:
        match name:
            case "why" | "wanted" | "missing" if value in REASONS:
                return _in(REASONS[value], lang)
            case "what" | "column":
                return plain(column_name(value, lang), 200)
            case "columns":
                return plain(" / ".join(column_name(each, lang) for each in value.split()), 200)
            case "kind":
                return plain(word_name("kind", value, lang), 200)
            case "number" | "end" if lang.startswith("vi") and _DAY.fullmatch(value):
                return "/".join(reversed(value.split("-")))
            case "known" if self.code is Code.UNKNOWN_WORD:
                return ", ".join(self._word(each, lang) for each in value.split())
            case _:
                return plain(value, 200)

    def _word(self, word: str, lang: str) -> str:
        if self.code in _ABOUT_COLUMNS:
            return column_name(word, lang)
        return word_name(self.field, word, lang) if self.code is Code.UNKNOWN_WORD else word

    def line(self, lang: str = "en") -> str:
        """Return ``file:row:field: message``, without the parts that are not known."""
        place = [plain(self.source, 200), "" if self.row is None else str(self.row), self.field_name(lang)]
        where = ":".join(part for part in place if part)
        return f"{where}: {self.text(lang)}" if where else self.text(lang)


class InventoryError(Exception):
    """Raised with the operator's mistakes in everything that was read, all at once; warnings are among them.

    ``layouts`` tell how the readable tables were read.
    """

    def __init__(self, problems: Iterable[InventoryProblem], layouts: Sequence[TableLayout] = ()) -> None:
        self.problems = tuple(problems)
        self.layouts = tuple(layouts)
        super().__init__(self.problems)

    def lines(self, lang: str = "en") -> tuple[str, ...]:
        return tuple(problem.line(lang) for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _in(text: Text, lang: str) -> str:
    return text.vi if lang.startswith("vi") else text.en


@dataclass(slots=True)
class ProblemCollector:
    """Collects problems while files are read. Keeps the first LISTED of each severity and counts the others."""

    wrong_rows: set[tuple[str, int | None]] = field(default_factory=set)
    """The source and row of every error, also of those that are only counted."""
    _kept: dict[ProblemSeverity, list[InventoryProblem]] = field(
        default_factory=lambda: {each: [] for each in ProblemSeverity}
    )
    _more: int = 0

    def add(self, problem: InventoryProblem) -> None:
        if problem.severity is ProblemSeverity.ERROR:
            self.wrong_rows.add((problem.source, problem.row))
        kept = self._kept[problem.severity]
        if len(kept) < LISTED:
            kept.append(problem)
        elif problem.severity is ProblemSeverity.ERROR:
            self._more += 1

    @property
    def count(self) -> int:
        return sum(map(len, self._kept.values())) + self._more

    def of(self, severity: ProblemSeverity) -> tuple[InventoryProblem, ...]:
        return tuple(self._kept[severity])

    def ordered(self, order: Sequence[str] = ()) -> tuple[InventoryProblem, ...]:
        """Return all problems by file in the order given (the sheets of a workbook with it), then by row."""
        rank = {source: position for position, source in enumerate(order)}

        def key(problem: InventoryProblem) -> tuple[int, str, int]:
            source = problem.source if problem.source in rank else problem.source.rpartition("[")[0]
            return rank.get(source, len(rank)), problem.source, problem.row or 0

        return tuple(sorted((problem for kept in self._kept.values() for problem in kept), key=key))

    def raise_errors(self, order: Sequence[str] = (), layouts: Sequence[TableLayout] = ()) -> None:
        """Raise InventoryError with all problems if any of them is an error."""
        if self._kept[ProblemSeverity.ERROR]:
            raise InventoryError(self.whole(order), layouts)

    def whole(self, order: Sequence[str] = ()) -> tuple[InventoryProblem, ...]:
        """Return all problems in order, and at the end the number of further ones, if any."""
        more = InventoryProblem(code=Code.TOO_MANY_PROBLEMS, args=(("count", str(self._more)),))
        return (*self.ordered(order), more) if self._more else self.ordered(order)


@dataclass(frozen=True, slots=True)
class CellPosition:
    """Holds the position of a cell's text, with which its reader reports problems."""

    problems: ProblemCollector
    origin: RowOrigin
    field: str = ""

    def report(self, code: Code, value: str = "", *, suggestion: str = "", **args: str) -> None:
        self.problems.add(
            InventoryProblem(
                code=code,
                source=self.origin.source,
                row=self.origin.row,
                field=self.field,
                value=value,
                suggestion=suggestion,
                args=tuple(args.items()),
            )
        )

    def at(self, column: str) -> "CellPosition":
        return CellPosition(self.problems, self.origin, column)


def where(origin: RowOrigin) -> str:
    """Return ``inventory.csv:12``, to point at another row in a message."""
    return origin.source if origin.row is None else f"{origin.source}:{origin.row}"
