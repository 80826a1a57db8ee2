"""Tells which subjects are cut off by another that is down: those behind a silent aggregation node.

The tag ``parent=ID`` declares the node through which a subject is reached; of several, each is a way. Without it the
way on which an earlier run found the subject counts. A node is down only if it was asked and neither it nor anything
behind it answered: a node that only does not answer us still forwards.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from auditor.framework.inventory_index import short_name
from inventory.model import AgencyId, Subject, SubjectId
from probes.observations.series import EarlierConnections

PARENT = "parent"
"""The tag that names the node through which a subject is reached."""
_LONGEST = 32
"""Largest number of nodes in a chain."""


class _Names:
    """Finds subjects by the texts that name them: by id, else by name, first in the same agency, then in others."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        every = tuple(subjects)
        self._ids = {subject.id.casefold(): subject.id for subject in every}
        self._names: dict[tuple[AgencyId | None, str], SubjectId] = {}
        owners: dict[str, set[SubjectId]] = {}
        for subject in every:
            self._names[subject.agency, short_name(subject.name)] = subject.id
            owners.setdefault(short_name(subject.name), set()).add(subject.id)
        self._only = {name: next(iter(owned)) for name, owned in owners.items() if len(owned) == 1}

    def found(self, subject: Subject, texts: Iterable[str]) -> Iterator[SubjectId]:
        """Yield the subjects that a subject names; a name that several other agencies use matches none."""
        for text in texts:
            name = short_name(text)
            node = self._ids.get(text.casefold()) or self._names.get((subject.agency, name)) or self._only.get(name)
            if node is not None and node != subject.id:
                yield node


def parents_of(subjects: Iterable[Subject]) -> Mapping[SubjectId, tuple[SubjectId, ...]]:
    """Return the declared nodes of each subject that names any from the inventory."""
    every = tuple(subjects)
    names = _Names(every)
    subjects_by_subject = {subject.id: tuple(names.found(subject, subject.tag_values(PARENT))) for subject in every}
    return {id_: tuple(dict.fromkeys(named)) for id_, named in subjects_by_subject.items() if named}


def seen_before(
    subjects: Iterable[Subject], ways: Mapping[SubjectId, EarlierConnections]
) -> Mapping[SubjectId, tuple[SubjectId, ...]]:
    """Return the nodes through which an earlier run saw subjects connected: the hops before them, else neighbours.

    A subject's own equipment is no node: its outage is that of the subject.
    """
    every = {subject.id: subject for subject in subjects}
    names = _Names(every.values())
    held = {address: subject.id for subject in every.values() for address in subject.addresses}
    held |= {address: id_ for id_, way in ways.items() if id_ in every for address in way.own}
    at_links = {str(address): id_ for address, id_ in held.items()}
    subjects_by_subject: dict[SubjectId, tuple[SubjectId, ...]] = {}
    for id_, way in ways.items():
        if id_ not in every:
            continue
        hops = [held[hop] for hop in way.before if hop in held]
        linked = [at_links[text] for text in way.neighbours if text in at_links]
        named = hops or [*linked, *names.found(every[id_], way.neighbours)]
        apart = tuple(dict.fromkeys(subject_id for subject_id in named if _are_apart(every[id_], every[subject_id])))
        if apart:
            subjects_by_subject[id_] = apart
    return subjects_by_subject


def _are_apart(subject: Subject, other: Subject) -> bool:
    """True if the other is not equipment of the same site, or, without sites, not of the same agency."""
    if other.id in (subject.id, subject.declared.device):
        return False
    if subject.declared.site and other.declared.site:
        return (subject.agency, subject.declared.site) != (other.agency, other.declared.site)
    return subject.agency != other.agency


def nodes(parents: Mapping[SubjectId, tuple[SubjectId, ...]]) -> frozenset[SubjectId]:
    """Return every subject through which others are reached."""
    return frozenset(node for named in parents.values() for node in named)


def shadows(
    parents: Mapping[SubjectId, tuple[SubjectId, ...]], asked: Collection[SubjectId], alive: Collection[SubjectId]
) -> Mapping[SubjectId, tuple[SubjectId, ...]]:
    """Return the silent subjects without an open way, with the nodes that close the ways: the first on each."""
    ways = _Ways(parents, asked, _forwarding(parents, alive))
    subjects_by_subject = {subject_id: ways.closed(subject_id) for subject_id in parents if subject_id not in alive}
    return {subject_id: down for subject_id, down in subjects_by_subject.items() if down}


def _forwarding(
    parents: Mapping[SubjectId, tuple[SubjectId, ...]], alive: Collection[SubjectId]
) -> frozenset[SubjectId]:
    """Return the subjects that answered, and each node that is the only way to one of these."""
    subject_ids: set[SubjectId] = set()
    waiting = list(alive)
    while waiting:
        subject_id = waiting.pop()
        if subject_id not in subject_ids:
            subject_ids.add(subject_id)
            waiting += parents.get(subject_id, ()) if len(parents.get(subject_id, ())) == 1 else ()
    return frozenset(subject_ids)


class _Ways:
    """Decides which ways to a subject are closed, given the subjects known to forward."""

    def __init__(
        self,
        parents: Mapping[SubjectId, tuple[SubjectId, ...]],
        asked: Collection[SubjectId],
        forwarding: frozenset[SubjectId],
    ) -> None:
        self._parents = parents
        self._asked = asked
        self._forwarding = forwarding
        self._open = {frozenset(parents[subject_id]) for subject_id in forwarding if subject_id in parents}
        """Sets of nodes at least one of which forwards."""
        self._known: dict[SubjectId, tuple[SubjectId, ...]] = {}

    def closed(self, subject_id: SubjectId) -> tuple[SubjectId, ...]:
        """Return the nodes that close every way; empty if one may be open, or if the ways form a circle."""
        return self._closed(subject_id, frozenset()) or ()

    def _closed(self, subject_id: SubjectId, passed: frozenset[SubjectId]) -> tuple[SubjectId, ...] | None:
        """Return the nodes that close every way, None for a circle or a chain longer than any network has."""
        if subject_id in passed or len(passed) > _LONGEST:
            return None
        if subject_id not in self._known:
            subject_ids = self._closing(subject_id, passed)
            if subject_ids is None:
                return None
            self._known[subject_id] = subject_ids
        return self._known[subject_id]

    def _closing(self, subject_id: SubjectId, passed: frozenset[SubjectId]) -> tuple[SubjectId, ...] | None:
        ways = self._parents.get(subject_id, ())
        if any(some <= set(ways) for some in self._open):
            return ()
        found: dict[SubjectId, None] = {}
        for node in ways:
            if node in self._forwarding:
                return ()
            above = self._closed(node, passed | {subject_id})
            if above is None:
                return None
            if not above and node not in self._asked:
                return ()
            found.update(dict.fromkeys(above or (node,)))
        return tuple(found)
