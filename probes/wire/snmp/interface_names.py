"""Finds the interfaces with a name in ifName, ifDescr or ifAlias, ignoring case."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from probes.wire.snmp import oids
from probes.wire.snmp.tree import Tree


def interface_names(tree: Tree) -> Mapping[str, int]:
    """Return ifIndex by case-folded name. A name of one interface takes precedence over a description of another.

    A text that several interfaces have in the same column names none of them: a description may be on all ports of a
    bundle, or still on a spare port after the line was moved.
    """
    found: dict[str, int] = {}
    for texts in _columns(tree):
        found |= {text: min(indexes) for text, indexes in texts.items() if len(indexes) == 1}
    return found


def called(tree: Tree, name: str) -> frozenset[int]:
    """Return the ifIndex of every interface that has a name in any of the columns."""
    return frozenset().union(*(texts.get(name.casefold(), frozenset[int]()) for texts in _columns(tree)))


def _columns(tree: Tree) -> Iterator[Mapping[str, frozenset[int]]]:
    """Yield the interfaces by case-folded text, one column at a time; names come last, as they take precedence."""
    for column in (oids.IF_ALIAS, oids.IF_DESCR, oids.IF_NAME):
        texts: defaultdict[str, set[int]] = defaultdict(set)
        for index, text in tree.texts(column).items():
            if len(index) == 1 and text:
                texts[text.casefold()].add(index[0])
        yield {text: frozenset(indexes) for text, indexes in texts.items()}
