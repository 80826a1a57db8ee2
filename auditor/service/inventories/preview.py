"""Summarises an inventory before it is kept: its first rows, and its differences from the version before.

Plain data of bounded size, however large the inventory: it is sent from the program that compares to the pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.service.inventories.agency_view import InventoryView
from inventory.comparison import ChangeType, Difference, IdChange, InventoryDifferences
from inventory.model import WEB_KINDS, AgencyId, Kind, Subject

SHOWN = 300
"""Lines of one list that are shown; the rest is counted."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """Holds one field of a subject, before and after, as it would be stored."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectChange:
    """Holds the change of one subject, with the later of its two descriptions."""

    turn: ChangeType
    subject: Subject
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyName:
    code: AgencyId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Summarises an inventory and its differences from the version before.

    ``subjects`` are the first of ``of``; ``changes`` the first of those that ``turns`` counts, in the order of
    ``ChangeType``; ``units`` and ``exemptions``: how many are new and how many are gone; ``agencies``: those named in
    it. ``id_changes``: the first of ``ids_changed`` subjects that continue under another id. ``lacks_mail``: there
    are web sites and no mail domain, so that mail would not be checked.
    """

    subjects: tuple[Subject, ...] = ()
    of: int = 0
    changes: tuple[SubjectChange, ...] = ()
    turns: tuple[int, ...]
    units: tuple[int, ...]
    exemptions: tuple[int, ...]
    agencies: tuple[AgencyName, ...] = ()
    lacks_mail: bool = False
    id_changes: tuple[IdChange, ...] = ()
    ids_changed: int = 0

    @property
    def more(self) -> int:
        """The number of changes that are only counted."""
        return sum(self.turns) - len(self.changes)

    @property
    def same(self) -> bool:
        return not any((*self.turns, *self.units, *self.exemptions))

    @property
    def names(self) -> Mapping[AgencyId, str]:
        return {agency.code: agency.name for agency in self.agencies}

    def by_agency(self) -> Mapping[AgencyId | None, Sequence[SubjectChange]]:
        subject_changes_by_agency: dict[AgencyId | None, list[SubjectChange]] = {}
        for change in self.changes:
            subject_changes_by_agency.setdefault(change.subject.agency, []).append(change)
        return subject_changes_by_agency


def preview_of(view: InventoryView, differences: InventoryDifferences) -> Preview:
    subjects, some = view.subjects[:SHOWN], differences.subjects[:SHOWN]
    id_changes = differences.id_changes
    kinds = frozenset(kind for subject in view.subjects for kind in subject.kinds)
    return Preview(
        subjects=subjects,
        of=len(view.subjects),
        changes=tuple(map(_change, some)),
        turns=tuple(differences.of(turn) for turn in ChangeType),
        units=differences.units,
        exemptions=differences.exemptions,
        agencies=tuple(_agencies(view, (*subjects, *(difference.subject for difference in some)))),
        id_changes=id_changes[:_EXAMPLES],
        ids_changed=len(id_changes),
        lacks_mail=bool(kinds & WEB_KINDS) and Kind.MAIL not in kinds,
    )


def _change(difference: Difference) -> SubjectChange:
    fields = (FieldChange(name=name, before=old, after=new) for name, (old, new) in difference.fields.items())
    return SubjectChange(turn=difference.turn, subject=difference.subject, fields=tuple(fields))


def _agencies(view: InventoryView, subjects: Iterable[Subject]) -> Iterable[AgencyName]:
    names = view.names
    for code in dict.fromkeys(subject.agency for subject in subjects):
        if code is not None and code in names:
            yield AgencyName(code=code, name=names[code])
