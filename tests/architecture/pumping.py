"""Texts that make a regular expression work as hard as it can: a part of them is repeated, and in the end nothing
matches. Derived from the expression itself."""

import re
from collections.abc import Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

LONG = 8
"""A repetition of more than this many is worth pumping."""
_USUAL = "aA0z \t\n\r\x0b.-_:;,\"'<>/=%*\\([{#@!\x00\u00a0á"
_ENDS = ("", "\x00", "!\n")
_MOST_LETTERS = 60


def pumped(pattern: "re.Pattern[Any]") -> "list[tuple[str, str, str]]":
    """Return prefix, part to repeat and suffix, each triple once."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    letters = list(dict.fromkeys(_USUAL + "".join(sorted(set(text)))))[:_MOST_LETTERS]
    whole = _sample(tree)
    heads = {"", *_heads(tree, "")}
    parts = set(letters) | {whole, *heads, *_bodies(tree)} - {""}
    parts |= {head + letter for head in heads for letter in " a<" if head and len(head) < 12}
    triples = {(head, part, end) for head in heads for part in parts for end in _ENDS if len(head) < 200}
    return sorted((head, part, end) for head, part, end in triples if 0 < len(part) <= 64)


def _heads(tree: Any, before: str) -> Iterator[str]:
    """Yield a sample of the text before each repetition."""
    for op, value in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            _, high, body = value
            if high > LONG:
                yield before
            yield from _heads(body, before)
        elif op is sre.SUBPATTERN:
            yield from _heads(value[3], before)
        elif op is sre.ATOMIC_GROUP:
            yield from _heads(value, before)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from _heads(branch, before)
        before += _sample([(op, value)])


def _bodies(tree: Any) -> Iterator[str]:
    """Yield a sample of each repeated part."""
    for op, value in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            yield _sample(value[2])
            yield from _bodies(value[2])
        elif op is sre.SUBPATTERN:
            yield from _bodies(value[3])
        elif op is sre.ATOMIC_GROUP:
            yield from _bodies(value)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield _sample(branch)
                yield from _bodies(branch)


def _sample(tree: Any) -> str:
    """Return a text that the pattern matches, as far as that is possible without evaluating lookarounds."""
    made = ""
    for op, value in tree:
        if op is sre.LITERAL:
            made += chr(value)
        elif op is sre.NOT_LITERAL:
            made += "a" if value != ord("a") else "b"
        elif op is sre.ANY:
            made += "a"
        elif op is sre.IN:
            made += _member(value)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            made += _sample(value[2]) * max(1, min(value[0], 64))
        elif op is sre.SUBPATTERN:
            made += _sample(value[3])
        elif op is sre.ATOMIC_GROUP:
            made += _sample(value)
        elif op is sre.BRANCH:
            made += _sample(value[1][0])
    return made


def _member(parts: Sequence[Any]) -> str:
    for letter in "a0 A-_.;\x00é" + "".join(chr(number) for number in range(33, 127)):
        if _contains(parts, letter):
            return letter
    return next((chr(value) for op, value in parts if op is sre.LITERAL), "a")


def _contains(parts: Sequence[Any], letter: str) -> bool:
    inside, negated = False, False
    for op, value in parts:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            inside |= ord(letter) == value
        elif op is sre.RANGE:
            inside |= value[0] <= ord(letter) <= value[1]
        elif op is sre.CATEGORY:
            inside |= re.fullmatch(_CATEGORIES[value], letter) is not None
    return inside != negated


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}
