"""Tells which subjects are cut off by another that is down: those behind an aggregation node that does not answer.

The tag ``parent=ID`` declares what a subject is reached through; of several, any is a way. A node counts as down only
where it was asked, gave no sign of life, and nothing behind it did either: one that merely hides from us forwards.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from auditor.context import short_name
from inventory.model import AgencyId, Subject, SubjectId

PARENT = "parent"
"""The tag that names the node through which a subject is reached."""
_LONGEST = 32
"""Nodes one behind the other."""


def parents_of(subjects: Iterable[Subject]) -> Mapping[SubjectId, tuple[SubjectId, ...]]:
    """The declared nodes of each subject that names any that the inventory has; by id, else by name, that of its own
    agency before that of others."""
    every = tuple(subjects)
    ids = {one.id.casefold(): one.id for one in every}
    names: dict[tuple[AgencyId | None, str], SubjectId] = {}
    owners: dict[str, set[SubjectId]] = {}
    for one in every:
        names[one.agency, short_name(one.name)] = one.id
        owners.setdefault(short_name(one.name), set()).add(one.id)
    only = {name: next(iter(owned)) for name, owned in owners.items() if len(owned) == 1}
    found = {one.id: tuple(_named(one, ids, names, only)) for one in every}
    return {id_: tuple(dict.fromkeys(named)) for id_, named in found.items() if named}


def _named(
    subject: Subject,
    ids: Mapping[str, SubjectId],
    names: Mapping[tuple[AgencyId | None, str], SubjectId],
    only: Mapping[str, SubjectId],
) -> Iterator[SubjectId]:
    """The nodes that a subject names; a name that several other agencies use stands for none."""
    for text in subject.tag_values(PARENT):
        name = short_name(text)
        node = ids.get(text.casefold()) or names.get((subject.agency, name)) or only.get(name)
        if node is not None and node != subject.id:
            yield node


def nodes(parents: Mapping[SubjectId, tuple[SubjectId, ...]]) -> frozenset[SubjectId]:
    """Every subject that others are reached through."""
    return frozenset(node for named in parents.values() for node in named)


def shadows(
    parents: Mapping[SubjectId, tuple[SubjectId, ...]], asked: Collection[SubjectId], alive: Collection[SubjectId]
) -> Mapping[SubjectId, tuple[SubjectId, ...]]:
    """The silent subjects of which every way is closed, with the nodes that close them: the first on each way."""
    ways = _Ways(parents, asked, _forwarding(parents, alive))
    found = {one: ways.closed(one) for one in parents if one not in alive}
    return {one: down for one, down in found.items() if down}


def _forwarding(
    parents: Mapping[SubjectId, tuple[SubjectId, ...]], alive: Collection[SubjectId]
) -> frozenset[SubjectId]:
    """Those that answered, and the only node on the way to any of these."""
    found: set[SubjectId] = set()
    waiting = list(alive)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += parents.get(one, ()) if len(parents.get(one, ())) == 1 else ()
    return frozenset(found)


class _Ways:
    """The ways to each subject, of which some are known to be open."""

    def __init__(
        self,
        parents: Mapping[SubjectId, tuple[SubjectId, ...]],
        asked: Collection[SubjectId],
        forwarding: frozenset[SubjectId],
    ) -> None:
        self._parents = parents
        self._asked = asked
        self._forwarding = forwarding
        self._open = {frozenset(parents[one]) for one in forwarding if one in parents}
        """Sets of nodes of which at least one forwards."""
        self._known: dict[SubjectId, tuple[SubjectId, ...]] = {}

    def closed(self, one: SubjectId) -> tuple[SubjectId, ...]:
        """The nodes that close every way; none where one may be open, or where the ways go round in a circle."""
        return self._closed(one, frozenset()) or ()

    def _closed(self, one: SubjectId, passed: frozenset[SubjectId]) -> tuple[SubjectId, ...] | None:
        """None: a circle, or a chain longer than any network has."""
        if one in passed or len(passed) > _LONGEST:
            return None
        if one not in self._known:
            found = self._closing(one, passed)
            if found is None:
                return None
            self._known[one] = found
        return self._known[one]

    def _closing(self, one: SubjectId, passed: frozenset[SubjectId]) -> tuple[SubjectId, ...] | None:
        ways = self._parents.get(one, ())
        if any(some <= set(ways) for some in self._open):
            return ()
        found: dict[SubjectId, None] = {}
        for node in ways:
            if node in self._forwarding:
                return ()
            above = self._closed(node, passed | {one})
            if above is None:
                return None
            if not above and node not in self._asked:
                return ()
            found.update(dict.fromkeys(above or (node,)))
        return tuple(found)
