"""Renders evidence as lines for a reviewer: what was asked, what came back, how long it took.

Each kind of observation writes its own lines; here text from a target is escaped, and the number of lines is
bounded. What is cut says its size and hash, so that it can be told apart in the stored evidence. Only failures take a
word from the caller.
"""

import hashlib
from collections.abc import Sequence

from auditor.framework.message_format import clean
from probes.framework.evidence import Evidence, Observation
from probes.observations.dns import DnsExchange
from probes.observations.text import Word, failure_text

LONGEST_LINE = 300
MOST_LINES = 120
_HASH = 16


def machine_word(failure: str) -> str:
    return failure


def lines(evidence: Evidence, word: Word = machine_word) -> list[str]:
    """Everything one probe run recorded; at most MOST_LINES."""
    told = [line for step in evidence.steps for line in step.lines(word)]
    if evidence.failure is not None:
        told.append(f"{evidence.probe}: {failure_text(evidence.failure, word)}")
    if len(told) > MOST_LINES:
        rest = told[MOST_LINES - 1 :]
        return [*map(_bounded, told[: MOST_LINES - 1]), f"… (+{len(rest)}: {_identity(rest)})"]
    return [_bounded(line) for line in told]


def _bounded(line: str) -> str:
    shown = clean(line, LONGEST_LINE)
    return shown if len(line) <= LONGEST_LINE else f"{shown} ({_identity([line])})"


def _identity(cut: Sequence[str]) -> str:
    """Size and hash of text that is not shown as a whole."""
    data = "\n".join(cut).encode("utf-8", "backslashreplace")
    return f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:_HASH]}"


def headlines(evidence: Evidence, word: Word = machine_word, about: str = "") -> list[str]:
    """One line for each step: what speaks of ``about`` first, then failures, conclusions before single questions."""
    steps = [(step, list(step.lines(word))) for step in evidence.steps]

    def weight(pair: tuple[Observation, list[str]]) -> tuple[bool, bool, bool]:
        step, said = pair
        elsewhere = not about or not any(about in line for line in said)
        return elsewhere, step.failure is None, isinstance(step, DnsExchange)

    return [clean(step.headline(word), LONGEST_LINE) for step, _ in sorted(steps, key=weight)]
