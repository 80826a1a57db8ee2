"""Provides texts that count their comparisons, for code that must not compare all of many texts with each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Comparisons:
    """Counts the comparisons."""

    times: int = 0


class _Counted(str):
    """Counts each comparison of a text with another one."""

    __slots__ = ("made",)
    made: Comparisons

    def __eq__(self, other: object) -> bool:
        self.made.times += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


@contextmanager
def no_more_than(each: int, many: int = 200) -> Iterator[list[str]]:
    """``many`` texts, all different, for a block that may compare ``each`` times as many pairs of them in all."""
    comparisons = Comparisons()
    texts: list[str] = []
    for number in range(many):
        text = _Counted(f"front{number}.example")
        text.made = comparisons
        texts.append(text)
    yield texts
    assert comparisons.times <= each * many, comparisons.times
