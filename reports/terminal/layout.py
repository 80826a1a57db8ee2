"""Lays out terminal output: symbols, colours and line folding.

A verdict is a symbol and a word; colour only repeats it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.framework.findings import Outcome
from reports.shown_results import NOT_TESTED, with_untested

SYMBOLS: Mapping[Outcome, str] = {
    Outcome.PASS: "✔",
    Outcome.WARN: "▲",
    Outcome.FAIL: "✘",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.INCONCLUSIVE: "?",
    Outcome.ERROR: "‼",
}
_UNTESTED, _ASCII_UNTESTED = "○", "o"
RESULT_SYMBOLS: Mapping[str, str] = {
    result: _UNTESTED if result == NOT_TESTED else SYMBOLS[Outcome(result)] for result in with_untested(tuple(SYMBOLS))
}
_ASCII: Mapping[Outcome, str] = {
    Outcome.PASS: "+",
    Outcome.WARN: "!",
    Outcome.FAIL: "x",
    Outcome.NOT_APPLICABLE: "-",
    Outcome.INCONCLUSIVE: "?",
    Outcome.ERROR: "!!",
}
_COLORS: Mapping[Outcome, str] = {
    Outcome.PASS: "32",
    Outcome.WARN: "33",
    Outcome.FAIL: "31",
    Outcome.NOT_APPLICABLE: "2",
    Outcome.INCONCLUSIVE: "36",
    Outcome.ERROR: "35",
}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_BREAK = re.compile(r"(?<=\S)(?<!auditor)(?<!auditor checks)(?<!checks explain)(?= )")
"""The places where a line may be broken: not within a command, which readers copy as a whole."""
NARROWEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The appearance of verdicts. ``untested`` and ``waived`` are no outcomes but have a sign of their own."""

    color: bool
    symbols: Mapping[Outcome, str]
    untested: str
    waived: str

    def symbol(self, outcome: Outcome) -> str:
        return self.symbols[outcome]

    def counted(self, result: str, number: str, width: int = 0) -> str:
        """Return the sign of one of ``shown_results.RESULTS``, right-aligned in ``width``, with a number, in colour."""
        outcome = Outcome.INCONCLUSIVE if result == NOT_TESTED else Outcome(result)
        sign = self.untested if result == NOT_TESTED else self.symbol(outcome)
        return self.paint(outcome, f"{sign:>{width}} {number}")

    def paint(self, outcome: Outcome, text: str) -> str:
        return self._in(_COLORS[outcome], text)

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def dim(self, text: str) -> str:
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def style(*, color: bool, ascii_only: bool) -> Style:
    symbols, untested, waived = (_ASCII, _ASCII_UNTESTED, "#") if ascii_only else (SYMBOLS, _UNTESTED, "⛨")
    return Style(color=color, symbols=symbols, untested=untested, waived=waived)


def fold(text: str, width: int | None, indent: int) -> Iterator[str]:
    """``text`` on lines of at most ``width`` columns, later lines indented; a word longer than a line stays whole."""
    if width is None or _columns(text) <= max(width, NARROWEST):
        yield text
        return
    limit = max(width, NARROWEST)
    head = text[: len(text) - len(text.lstrip(" "))]
    line = head
    for word in _BREAK.split(text[len(head) :]):
        candidate = line + word
        if _columns(candidate) <= limit or not line.strip():
            line = candidate
        else:
            yield line
            line = " " * indent + word.lstrip(" ")
    yield line


def clip(text: str, width: int | None) -> str:
    """Return ``text`` cut to ``width`` columns; a cut text loses its colours too."""
    limit = None if width is None else max(width, NARROWEST)
    return text if limit is None or _columns(text) <= limit else _ESCAPE.sub("", text)[: limit - 1].rstrip() + "…"


def _columns(text: str) -> int:
    return len(_ESCAPE.sub("", text))
