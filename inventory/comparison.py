"""Compares two inventories: subjects that are new, gone or described differently. Pure.

The position of a row is no difference. Subjects are matched by their ids, which are never used again.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from enum import Enum

from inventory.dataclass_json import encode
from inventory.inventory import Inventory
from inventory.model import AgencyId, DeclaredFacts, Subject, SubjectId

_NO_DIFFERENCE = frozenset({"id", "kinds", "origin", "candidates", "derived_from"})


class ChangeType(Enum):
    """Names the changes of a subject between two inventories."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Holds the difference of one subject between two inventories.

    ``fields`` are those that differ, by name (those of ``declared`` by their own), before and after as they would be
    stored.
    """

    turn: ChangeType
    before: Subject | None
    after: Subject | None
    fields: Mapping[str, tuple[str, str]]

    @property
    def subject(self) -> Subject:
        """The subject after the change, else the one before it."""
        subject = self.after or self.before
        assert subject is not None
        return subject

    @property
    def id(self) -> SubjectId:
        return self.subject.id


@dataclass(frozen=True, slots=True, kw_only=True)
class IdChange:
    """Holds two ids of apparently one subject, under the second of which its history does not go on."""

    former: SubjectId
    present: SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDifferences:
    """Holds all differences, by agency and then by id. ``units``, ``exemptions``: numbers of new and of gone ones."""

    subjects: tuple[Difference, ...]
    units: tuple[int, int]
    exemptions: tuple[int, int]

    def of(self, turn: ChangeType) -> int:
        return sum(subject.turn is turn for subject in self.subjects)

    @property
    def none(self) -> bool:
        return not self.subjects and self.units == self.exemptions == (0, 0)

    @property
    def id_changes(self) -> tuple[IdChange, ...]:
        """Pair subjects that are gone with new ones of the same kind, host and addresses, where there is one of each.
        An id is made of names where no column gives it: it changes with a name, a merged agency, or a namesake."""
        gone, new = (self._by_place(turn) for turn in (ChangeType.REMOVED, ChangeType.ADDED))
        return tuple(
            IdChange(former=former[0], present=new[place][0])
            for place, former in gone.items()
            if len(former) == len(new.get(place, ())) == 1
        )

    def _by_place(self, turn: ChangeType) -> Mapping[object, list[SubjectId]]:
        found: dict[object, list[SubjectId]] = {}
        for difference in self.subjects:
            subject = difference.subject
            if difference.turn is turn and (subject.host or subject.addresses):
                place = subject.kind, subject.host, frozenset(subject.addresses)
                found.setdefault(place, []).append(difference.id)
        return found

    def by_agency(self) -> Mapping[AgencyId | None, tuple[Difference, ...]]:
        differences_by_agency: dict[AgencyId | None, list[Difference]] = {}
        for subject in self.subjects:
            differences_by_agency.setdefault(subject.subject.agency, []).append(subject)
        return {agency: tuple(some) for agency, some in differences_by_agency.items()}


def differences(before: Inventory | None, after: Inventory) -> InventoryDifferences:
    """Return the differences between two inventories. ``before`` None: everything is new."""
    old = before or Inventory()
    found = sorted(_subjects(old, after), key=lambda subject: f"{subject.subject.agency or ''}\0{subject.id}")
    return InventoryDifferences(
        subjects=tuple(found),
        units=_counts(set(old.organisation.units), set(after.organisation.units)),
        exemptions=_counts(set(old.exemptions), set(after.exemptions)),
    )


def _subjects(before: Inventory, after: Inventory) -> Iterator[Difference]:
    old = {subject.id: subject for subject in before.subjects}
    new = {subject.id: subject for subject in after.subjects}
    for subject in after.subjects:
        held = old.get(subject.id)
        if held is None:
            yield Difference(turn=ChangeType.ADDED, before=None, after=subject, fields={})
        elif told := dict(_fields(held, subject)):
            yield Difference(turn=ChangeType.CHANGED, before=held, after=subject, fields=told)
    for gone in before.subjects:
        if gone.id not in new:
            yield Difference(turn=ChangeType.REMOVED, before=gone, after=None, fields={})


def _fields(old: Subject, new: Subject) -> Iterator[tuple[str, tuple[str, str]]]:
    for field in fields(Subject):
        if field.name in _NO_DIFFERENCE:
            continue
        before, other = getattr(old, field.name), getattr(new, field.name)
        if before == other:
            continue
        if field.name == "declared":
            yield from _declared(old.declared, new.declared)
        else:
            yield field.name, (_written(before), _written(other))


def _declared(old: DeclaredFacts, new: DeclaredFacts) -> Iterator[tuple[str, tuple[str, str]]]:
    for field in fields(DeclaredFacts):
        before, other = getattr(old, field.name), getattr(new, field.name)
        if before != other:
            yield field.name, (_written(before), _written(other))


def _written(value: object) -> str:
    return _flat(encode(value))


def _flat(plain: object) -> str:
    match plain:
        case None:
            return ""
        case dict():
            return " ".join(f"{_flat(each)}" for each in plain.values())
        case list():
            return ", ".join(map(_flat, plain))
        case _:
            return str(plain)


def _counts(before: AbstractSet[object], after: AbstractSet[object]) -> tuple[int, int]:
    return len(after - before), len(before - after)
