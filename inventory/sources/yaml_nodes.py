"""Parses YAML text to plain nodes, within bounds: no aliases (hence no bombs), no depth, no implicit types, no tags.

Scalars stay the text that was written: ``no``, ``010`` and ``2026-01-01`` are not converted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from inventory.cells.decimals import of_number
from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

DEPTH_LIMIT = 8
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class ScalarNode:
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: "tuple[Node, ...]"
    row: int


@dataclass(frozen=True, slots=True)
class MappingNode:
    items: "tuple[tuple[ScalarNode, Node], ...]"
    row: int


Node = ScalarNode | SequenceNode | MappingNode


class _Refused(Exception):
    """Raised for a node that is not read any further; the rest of the document is not read."""


def read_nodes(text: str, place: CellPosition, depth: int = DEPTH_LIMIT) -> Node | None:
    """Return the first document of the text; nothing, with a problem, when it cannot be read."""
    try:
        return _Builder(text, place, depth).build()
    except _Refused:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        origin = RowOrigin(source=place.origin.source, row=mark.line + 1 if mark else None)
        CellPosition(place.problems, origin).report(Code.BROKEN_YAML, why=error.problem or "?")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        place.report(Code.BROKEN_YAML, why=str(error).splitlines()[0] if str(error) else type(error).__name__)
    return None


class _Builder:
    def __init__(self, text: str, place: CellPosition, depth: int) -> None:
        self._deepest = depth
        self._events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
        self._place = place

    def build(self) -> Node | None:
        for event in self._events:
            if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent):
                node = self._node(event, 0)
                for _ in self._events:  # the rest must be readable too
                    pass
                return node
        return None

    def _refuse(self, event: Event, code: Code, **args: str) -> _Refused:
        self._at(_row(event)).report(code, **args)
        return _Refused()

    def _at(self, row: int) -> CellPosition:
        return CellPosition(self._place.problems, RowOrigin(source=self._place.origin.source, row=row))

    def _node(self, event: Event, depth: int) -> Node:
        row = _row(event)
        if depth > self._deepest:
            raise self._refuse(event, Code.YAML_DEPTH)
        if isinstance(event, ScalarEvent):
            return ScalarNode(_scalar(event), row)
        if isinstance(event, SequenceStartEvent):
            return SequenceNode(tuple(self._items(depth)), row)
        if isinstance(event, MappingStartEvent):
            return MappingNode(tuple(self._pairs(depth)), row)
        raise self._refuse(event, Code.YAML_ALIAS)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> Iterator[tuple[ScalarNode, Node]]:
        seen: set[str] = set()
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, ScalarNode):
                raise self._refuse(event, Code.YAML_SHAPE, wanted="text")
            if key.text in seen:
                self._at(key.row).report(Code.YAML_KEY_TWICE, key.text)
            seen.add(key.text)
            yield key, value


def _row(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: ScalarEvent) -> str:
    """Return the text as written; a plain 1.125 is a number with a decimal point, never a Vietnamese thousand."""
    text: str = event.value
    plain = event.style in (None, "")
    if plain and text in _NULL:
        return ""
    return of_number(text) if plain else text
