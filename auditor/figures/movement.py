"""Computes which subjects moved a figure between two counts: those that changed, joined or left, by agency.

Pure. A subject that was not decided is neither met nor not met: becoming decided is a change of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.figures.figure import Figure
from auditor.figures.kpis import Standing, SubjectFacts, SubjectStanding
from inventory.model import AgencyId, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStanding:
    """Holds the status of one subject in one figure, and the agency that it counts for."""

    agency: AgencyId | None
    standing: Standing


Recorder = Callable[[str, SubjectFacts, SubjectStanding], None]
"""Called with each figure, subject and its standing while a roll-up is counted."""


class StandingRecorder:
    """Keeps the status of every subject in every figure while a roll-up is counted."""

    def __init__(self) -> None:
        self.by_figure: dict[str, dict[SubjectId, KeptStanding]] = {}

    def __call__(self, figure: str, facts: SubjectFacts, place: SubjectStanding) -> None:
        kept = self.by_figure.setdefault(figure, {})
        kept[facts.id] = KeptStanding(agency=facts.agency, standing=place.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectMove:
    """Holds a subject whose status changed.

    ``before`` None: the figure did not count it then; ``after`` None: not now.
    """

    subject: SubjectId
    agency: AgencyId | None
    before: Standing | None
    after: Standing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyMove:
    """Holds the own subjects of an agency in a figure: met and counted before and after, and those that changed."""

    agency: AgencyId | None
    met_before: int
    of_before: int
    met_after: int
    of_after: int
    subjects: tuple[SubjectMove, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureMove:
    """Holds a figure at two counts, and the agencies that moved it.

    ``start`` None: it did not apply, or was not counted.
    """

    figure: str
    start: Figure | None
    end: Figure | None
    agencies: tuple[AgencyMove, ...] = field(default=())


_COUNTED = frozenset({Standing.MET, Standing.NOT_MET, Standing.UNKNOWN})
OfSubjects = Mapping[SubjectId, KeptStanding]
Standings = Mapping[str, OfSubjects]


def moves(
    names: Iterable[str],
    figures: tuple[Mapping[str, Figure], Mapping[str, Figure]],
    standings: tuple[Standings, Standings],
) -> Iterator[FigureMove]:
    """Yield each figure that applied at either count, with its values at both."""
    for name in names:
        start, end = figures[0].get(name), figures[1].get(name)
        if (start is not None and start.of) or (end is not None and end.of):
            agencies = tuple(_agencies(standings[0].get(name, {}), standings[1].get(name, {})))
            yield FigureMove(figure=name, start=start, end=end, agencies=agencies)


def _agencies(before: OfSubjects, after: OfSubjects) -> Iterator[AgencyMove]:
    changed: dict[AgencyId | None, list[SubjectMove]] = {}
    for move in _subjects(before, after):
        changed.setdefault(move.agency, []).append(move)
    met, of = (_met(before), _met(after)), (_counted(before), _counted(after))
    for agency in sorted(changed, key=lambda code: code or ""):
        yield AgencyMove(
            agency=agency,
            met_before=met[0][agency],
            of_before=of[0][agency],
            met_after=met[1][agency],
            of_after=of[1][agency],
            subjects=tuple(changed[agency]),
        )


def _subjects(before: OfSubjects, after: OfSubjects) -> Iterator[SubjectMove]:
    """Yield the subjects that changed; one that went to another agency left the first and joined the second."""
    for subject in sorted(before.keys() | after.keys()):
        old, new = before.get(subject), after.get(subject)
        if old == new:
            continue
        if old is not None and new is not None and old.agency == new.agency:
            yield SubjectMove(subject=subject, agency=new.agency, before=old.standing, after=new.standing)
            continue
        if old is not None:
            yield SubjectMove(subject=subject, agency=old.agency, before=old.standing, after=None)
        if new is not None:
            yield SubjectMove(subject=subject, agency=new.agency, before=None, after=new.standing)


def _met(standings: OfSubjects) -> Counter[AgencyId | None]:
    return Counter(kept.agency for kept in standings.values() if kept.standing is Standing.MET)


def _counted(standings: OfSubjects) -> Counter[AgencyId | None]:
    return Counter(kept.agency for kept in standings.values() if kept.standing in _COUNTED)
