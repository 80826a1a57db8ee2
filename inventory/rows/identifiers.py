"""Gives subjects their ids: the ``id`` column, else the name, with the agency before it where several share a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inventory.model import AgencyId, RowOrigin, Subject, SubjectId
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tables.columns import Column

ID_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Identified:
    """Holds subjects with their final ids; ``shared`` has the ids for each name that several agencies use."""

    subjects: tuple[Subject, ...]
    shared: Mapping[str, tuple[SubjectId, ...]]


def identify(subjects: Sequence[Subject], named: Sequence[bool], problems: ProblemCollector) -> Identified:
    """Give the subjects their ids.

    ``named`` tells for each subject whether its id is its name, and not that of the ``id`` column.
    """
    first: dict[str, AgencyId | None] = {}
    shared: dict[str, list[SubjectId]] = {}
    for subject, by_name in zip(subjects, named, strict=True):
        if by_name and subject.id:
            name = subject.id.casefold()
            if first.setdefault(name, subject.agency) != subject.agency:
                shared[name] = []
    identified: list[Subject] = []
    for subject, by_name in zip(subjects, named, strict=True):
        name = subject.id.casefold()
        if by_name and name in shared:
            subject = _with_agency(subject, problems, first=not shared[name])
            shared[name].append(subject.id)
        identified.append(subject)
    return Identified(tuple(identified), {name: tuple(ids) for name, ids in shared.items()})


def _with_agency(subject: Subject, problems: ProblemCollector, *, first: bool) -> Subject:
    if subject.agency is None:
        return subject
    place = CellPosition(problems, subject.origin or RowOrigin(source=""), Column.NAME)
    made = SubjectId(f"{subject.agency}/{subject.id}")
    if len(made) > ID_LIMIT:
        place.report(Code.CELL_TOO_LONG, made, limit=str(ID_LIMIT))
    if first:
        place.report(Code.NAME_OF_SEVERAL, subject.name, id=made)
    return replace(subject, id=made)
