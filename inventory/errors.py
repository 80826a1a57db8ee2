"""Problems in an inventory: collected, never raised one by one, and worded when they are shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from inventory.codes import WARNINGS, Code
from inventory.model import Origin
from inventory.quoting import plain, quoted
from inventory.texts import DID_YOU_MEAN, REASONS, TEXTS, Text

LISTED = 10_000  # problems kept in full; the rest are counted


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryProblem:
    """One thing wrong in one place. ``value`` is the cell's text as it stands; ``args`` fill the message."""

    code: Code
    source: str = ""
    row: int | None = None
    field: str = ""
    value: str = ""
    suggestion: str = ""
    args: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code in WARNINGS else Severity.ERROR

    @property
    def message(self) -> str:
        return self.text("en")

    def text(self, lang: str) -> str:
        """The message in ``vi`` or ``en``, with the suggestion, all foreign text made safe to show."""

        def worded(text: Text) -> str:
            return text.vi if lang.startswith("vi") else text.en

        shown = {
            name: worded(REASONS[each]) if name in ("why", "wanted") and each in REASONS else plain(each, 200)
            for name, each in self.args
        }
        message = worded(TEXTS[self.code]).format(value=quoted(self.value), **shown)
        if self.suggestion:
            message += worded(DID_YOU_MEAN).format(suggestion=plain(self.suggestion))
        return message

    def line(self, lang: str = "en") -> str:
        """``file:row:field: message``, leaving out what is not known."""
        place = [plain(self.source, 200), "" if self.row is None else str(self.row), plain(self.field)]
        where = ":".join(part for part in place if part)
        return f"{where}: {self.text(lang)}" if where else self.text(lang)


class InventoryError(Exception):
    """The operator's mistakes in everything that was read, all at once; warnings are among them."""

    def __init__(self, problems: Iterable[InventoryProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def lines(self, lang: str = "en") -> tuple[str, ...]:
        return tuple(problem.line(lang) for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(slots=True)
class Problems:
    """Collects problems while files are read. Keeps the first LISTED of each severity and counts the others."""

    _kept: dict[Severity, list[InventoryProblem]] = field(default_factory=lambda: {each: [] for each in Severity})
    _more: int = 0

    def add(self, problem: InventoryProblem) -> None:
        kept = self._kept[problem.severity]
        if len(kept) < LISTED:
            kept.append(problem)
        elif problem.severity is Severity.ERROR:
            self._more += 1

    @property
    def count(self) -> int:
        return sum(map(len, self._kept.values())) + self._more

    def of(self, severity: Severity) -> tuple[InventoryProblem, ...]:
        return tuple(self._kept[severity])

    def ordered(self, order: Sequence[str] = ()) -> tuple[InventoryProblem, ...]:
        """All of them: by file in the order given (the sheets of a workbook with it), then by row."""
        rank = {source: position for position, source in enumerate(order)}

        def key(problem: InventoryProblem) -> tuple[int, str, int]:
            source = problem.source if problem.source in rank else problem.source.rpartition("[")[0]
            return rank.get(source, len(rank)), problem.source, problem.row or 0

        return tuple(sorted((problem for kept in self._kept.values() for problem in kept), key=key))

    def raise_errors(self, order: Sequence[str] = ()) -> None:
        """Raise everything found if any of it is an error."""
        if self._kept[Severity.ERROR]:
            more = InventoryProblem(code=Code.TOO_MANY_PROBLEMS, args=(("count", str(self._more)),))
            raise InventoryError((*self.ordered(order), more) if self._more else self.ordered(order))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of text stands, so that what reads it can say what is wrong with it."""

    problems: Problems
    origin: Origin
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

    def at(self, column: str) -> "Place":
        return Place(self.problems, self.origin, column)


def where(origin: Origin) -> str:
    """``inventory.csv:12``, to point at another row in a message."""
    return origin.source if origin.row is None else f"{origin.source}:{origin.row}"
