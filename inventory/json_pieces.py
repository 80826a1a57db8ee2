"""Reads and writes JSON documents piece by piece, so that one of many megabytes does not block other threads.

The ``json`` module holds the interpreter lock from the beginning of a document to its end, for seconds.
"""

import codecs
import json
from collections.abc import Callable, Iterator
from typing import cast

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
WHOLE = 2**17
"""Bytes up to which a document is one piece."""
DEPTH = 2
"""The depth in objects to which lists are read item by item: an inventory's subjects, and its organisation's units."""
LARGEST = 2**20
"""The largest number of characters of one value of ``members``."""
_WINDOW = 2**17
_BLANKS = " \t\n\r"
_MAY_GO_ON = ("", ".", "e", "E")
"""Texts after a number that the end of the window may have cut."""


def loads(data: bytes, made: Callable[[str, Json], object] = lambda name, item: item) -> Json:
    """Read a document like ``json.loads``, without NaN and Infinity. Raise ValueError, or RecursionError.

    ``made`` gives the replacement of each item of a list in the outermost object of a long document, from the list's
    name and the item, so that the document and its result need not be in memory together.
    """
    if len(data) <= WHOLE:
        return cast(Json, json.loads(data, parse_constant=_refuse_constant))
    window = _Window(data)
    value = window.value(DEPTH, lambda name: lambda item: made(name, item))
    window.end()
    return value


def members(data: bytes) -> Iterator[tuple[str, int, Json]]:
    """Yield the members of an object one by one: of a list each item, numbered from 1 under the list's name.

    Anything else, and a list without items, has number 0. Raise ValueError, also for a value of more than LARGEST
    characters, or RecursionError.
    """
    window = _Window(data, LARGEST)
    yield from window.members()
    window.end()


def _refuse_constant(text: str) -> Json:
    raise ValueError(f"{text} is not JSON")


class _Window:
    """Holds a part of the document as text, and how far it was read."""

    def __init__(self, data: bytes, largest: int | None = None) -> None:
        self._data, self._next, self._largest = memoryview(data), 0, largest
        self._text, self._at = "", 0
        self._decode: Callable[[bytes | memoryview, bool], str] = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode

    def value(self, depth: int, made: Callable[[str], Callable[[Json], object]] | None = None) -> Json:
        opening = self._peek()
        if depth < 0 or opening not in ("{", "["):
            return self._plain()
        self._at += 1
        if opening == "[":
            return [self._plain() for _ in self._items("]")]
        if made is None:
            return {self._name(): self.value(depth - 1) for _ in self._items("}")}
        return {name: self._member(depth, made(name)) for name in (self._name() for _ in self._items("}"))}

    def _member(self, depth: int, made: Callable[[Json], object]) -> Json:
        if self._peek() != "[":
            return self.value(depth - 1)
        self._at += 1
        return cast(Json, [made(self._plain()) for _ in self._items("]")])

    def members(self) -> Iterator[tuple[str, int, Json]]:
        if self._peek() != "{":
            raise ValueError("not an object")
        self._at += 1
        for _ in self._items("}"):
            name = self._name()
            if self._peek() != "[":
                yield name, 0, self._plain()
                continue
            self._at += 1
            number = 0
            for _ in self._items("]"):
                number += 1
                yield name, number, self._plain()
            if not number:
                yield name, 0, []

    def end(self) -> None:
        if self._peek(at_end=True):
            raise ValueError("more than one value")

    def _items(self, closing: str) -> Iterator[None]:
        if self._peek() == closing:
            self._at += 1
            return
        while True:
            yield
            mark = self._peek()
            self._at += 1
            if mark == closing:
                return
            if mark != ",":
                raise ValueError("no comma between two values")
            if self._peek() == closing:
                raise ValueError("a comma after the last value")

    def _name(self) -> str:
        if self._peek() != '"':
            raise ValueError("a name that is not text")
        name = self._plain()
        if self._peek() != ":":
            raise ValueError("a name without a value")
        self._at += 1
        return cast(str, name)

    def _plain(self) -> Json:
        """Return a value that is read at once; take in more text where the window ends inside it."""
        self._peek()
        while True:
            try:
                found, end = self._scan(self._text, self._at)
            except ValueError as error:
                if not self._more():
                    raise ValueError("not JSON") from error
                continue
            if self._text[end : end + 1] in _MAY_GO_ON and self._more():
                continue
            self._at = end
            return cast(Json, found)

    def _peek(self, *, at_end: bool = False) -> str:
        """Return the next character that is no blank; empty at the end of the document."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                if at_end:
                    return ""
                raise ValueError("the document ends too early")

    def _more(self) -> bool:
        """Read more of the document into the window, as much again as is left over of it; return False at its end."""
        if self._next >= len(self._data):
            return False
        left = len(self._text) - self._at
        if self._largest is not None and left > self._largest:
            raise ValueError(f"a value is longer than {self._largest} characters")
        size = max(_WINDOW, left)
        piece = self._data[self._next : self._next + size]
        self._next += len(piece)
        self._text = self._text[self._at :] + self._decode(piece, self._next >= len(self._data))
        self._at = 0
        return True
