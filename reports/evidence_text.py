"""Renders evidence as lines for a reviewer: the question, the answer, and the time it took.

Each kind of observation writes its own lines; here text from a target is escaped, and the number of lines is
bounded. What is cut says its size and hash, so that it can be told apart in the stored evidence. Fixed words stand in
the language that the caller names; evidence itself holds none of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.dns import DnsExchange
from probes.observations.text import Word, cut, failure_text
from reports.evidence_words import EVIDENCE_WORDS
from reports.failure_words import FAILURE_WORDS

LONGEST_LINE = 300
MOST_LINES = 120


def machine_word(text: str) -> str:
    """Leave words as they stand in the code."""
    return text


@cache
def reader_word(lang: str) -> Word:
    """Return the words of lines of evidence in a language; one look-up each, since reports hold very many lines."""
    texts = Texts(lang, {})
    known = {key: texts.get(f"evidence/{key}", english) for key, english in {**EVIDENCE_WORDS, **FAILURE_WORDS}.items()}
    known |= {kind.value: texts.word("failure", kind.value) for kind in FailureKind}
    return lambda text: known.get(text, text)


class StepLines(NamedTuple):
    """Holds the lines of one step; ``first`` is the number of the first among those of its evidence. ``words`` are
    those that it asked for, as they were given."""

    step: Observation
    first: int
    lines: Sequence[str]
    words: Mapping[str, str]


def by_step(evidence: Evidence, word: Word = machine_word) -> Iterator[StepLines]:
    """Yield the lines of each step as the step writes them, neither escaped nor bounded."""
    first = 0
    for step in evidence.steps:
        made = _lines_of(step, first, word)
        yield made
        first += len(made.lines)


def in_words(steps: Sequence[StepLines], word: Word) -> Sequence[StepLines]:
    """Give the same steps in other words. Most lines have none: those are not made again."""
    made = [
        each if [*map(word, each.words)] == [*each.words.values()] else _lines_of(each.step, each.first, word)
        for each in steps
    ]
    return steps if all(new is old for new, old in zip(made, steps, strict=True)) else made


class _Noted(dict[str, str]):
    """The words that a step asked for; a word that it asks for again takes no call."""

    def __init__(self, word: Word) -> None:
        super().__init__()
        self._word = word

    def __missing__(self, text: str) -> str:
        said = self[text] = self._word(text)
        return said


def _lines_of(step: Observation, first: int, word: Word) -> StepLines:
    words = _Noted(word)
    return StepLines(step, first, list(step.lines(words.__getitem__)), words)


def lines(evidence: Evidence, word: Word = machine_word) -> list[str]:
    """Return the lines of everything that one probe run recorded, at most MOST_LINES."""
    return shown(evidence, by_step(evidence, word), word)


def shown(evidence: Evidence, steps: Iterable[StepLines], word: Word = machine_word) -> list[str]:
    """Give the same lines of ``steps``, each bounded and without a line break in it."""
    told = [line for step in steps for line in step.lines]
    if evidence.failure is not None:
        told.append(f"{evidence.probe}: {failure_text(evidence.failure, word)}")
    if len(told) > MOST_LINES:
        rest = told[MOST_LINES - 1 :]
        return [*_bounded(told[: MOST_LINES - 1]), f"… (+{len(rest)}: {cut(rest)})"]
    return _bounded(told)


def _bounded(lines: list[str]) -> list[str]:
    """Make lines safe and short. Most are: all of them are looked at together first."""
    if "".join(lines).isprintable() and max(map(len, lines), default=0) <= LONGEST_LINE:
        return lines
    return [
        clean(line, LONGEST_LINE) if len(line) <= LONGEST_LINE else f"{clean(line, LONGEST_LINE)} ({cut([line])})"
        for line in lines
    ]


def headlines(evidence: Evidence, word: Word = machine_word, about: str = "") -> list[str]:
    """Return one line for each step: those that mention ``about`` first, then failures, then conclusions."""
    steps = [(step, list(step.lines(word))) for step in evidence.steps]

    def weight(pair: tuple[Observation, list[str]]) -> tuple[bool, bool, bool]:
        step, said = pair
        elsewhere = not about or not any(about in line for line in said)
        return elsewhere, step.failure is None, isinstance(step, DnsExchange)

    return [clean(step.headline(word), LONGEST_LINE) for step, _ in sorted(steps, key=weight)]
