"""Renders evidence as lines for a reviewer: what was asked, what came back, how long it took.

Each kind of observation writes its own lines; here text from a target is escaped, and the number of lines is
bounded. Only failures take a word from the caller.
"""

from auditor.framework.message_format import clean
from probes.framework.evidence import Evidence, Observation
from probes.observations.dns import DnsExchange
from probes.observations.text import Word, failure_text

LONGEST_LINE = 300
MOST_LINES = 60


def machine_word(failure: str) -> str:
    return failure


def lines(evidence: Evidence, word: Word = machine_word) -> list[str]:
    """Everything one probe run recorded; at most MOST_LINES."""
    found = [clean(line, LONGEST_LINE) for step in evidence.steps for line in step.lines(word)]
    if evidence.failure is not None:
        found.append(clean(f"{evidence.probe}: {failure_text(evidence.failure, word)}", LONGEST_LINE))
    if len(found) > MOST_LINES:
        return [*found[: MOST_LINES - 1], f"… (+{len(found) - MOST_LINES + 1})"]
    return found


def headlines(evidence: Evidence, word: Word = machine_word, about: str = "") -> list[str]:
    """One line for each step: what speaks of ``about`` first, then failures, conclusions before single questions."""
    steps = [(step, list(step.lines(word))) for step in evidence.steps]

    def weight(pair: tuple[Observation, list[str]]) -> tuple[bool, bool, bool]:
        step, said = pair
        elsewhere = not about or not any(about in line for line in said)
        return elsewhere, step.failure is None, isinstance(step, DnsExchange)

    return [clean(step.headline(word), LONGEST_LINE) for step, _ in sorted(steps, key=weight)]
