"""Computes the reachability grid between vantages, per direction and family, and suggests where to look first.

Pure. A cell holds one vantage's observation of another; an unobserved cell is unknown and never counts as a failure.
Suggestions are not findings.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.figures.mesh_ways import WayDetail, way_details
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.mesh import MeshPath

FAMILIES = (6, 4)


class CellState(Enum):
    """Names how one point reached another.

    ``lossy`` answers, but not always or with loss; ``unknown`` was not seen, or by a point that could not see;
    ``no_address`` has none of that family; ``itself`` is the diagonal.
    """

    GOOD = "good"
    LOSSY = "lossy"
    DOWN = "down"
    UNKNOWN = "unknown"
    NO_ADDRESS = "no_address"
    ITSELF = "itself"


class HintCode(Enum):
    """Names the suggestions of the grid.

    ``uplink``: no point reaches this one over any family; ``family``: over this one, but answers over the other;
    ``core``: no point reaches another; ``outgoing``: a point is reached and reaches none; ``pair``: two points do not
    reach each other and others reach both; ``one_way``: one of two points does not reach the other, which reaches it;
    ``half_seen``: the same, where the way back was not seen; ``loss``: every way to a point loses packets; ``no_word``:
    a point has sent no samples.
    """

    UPLINK = "uplink"
    FAMILY = "family"
    CORE = "core"
    OUTGOING = "outgoing"
    PAIR = "pair"
    ONE_WAY = "one_way"
    HALF_SEEN = "half_seen"
    LOSS = "loss"
    NO_WORD = "no_word"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshLimits:
    """Holds the limits between the states of a path.

    ``good`` and ``down``: shares of answered samples from which a path is good, and below which it is down; ``loss``:
    the highest mean loss of a good one. The defaults are those of ``tslcd.site.reach`` and ``tslcd.site.loss`` (CHECKS
    §2.6).
    """

    good: float = 0.9
    down: float = 0.5
    loss: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class GridCell:
    """Holds how ``source`` reached ``target``.

    ``answered`` is the share of the hour's samples that were answered, ``loss`` a share too, ``rtt`` seconds; None
    where it is not known. ``samples`` is how many samples of the hour counted, ``round``: one round of the run stands
    for them.
    """

    source: str
    target: str
    state: CellState
    answered: float | None = None
    loss: float | None = None
    rtt: float | None = None
    samples: int = 0
    round: bool = False
    evidence: tuple[EvidenceId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """Holds the row of one point: a cell for each of the grid's names, in their order."""

    source: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyGrid:
    """Holds the grid of one family: a row for each of the grid's names, in their order."""

    family: int
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridHint:
    """Holds one suggestion: ``name`` is its point, ``other`` the second one of a pair, ``count`` the paths behind it.

    The texts are those of the group ``mesh_hint``, and take these values by their names.
    """

    code: HintCode
    family: int
    name: str = ""
    other: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Holds the grids of both families, IPv6 first; without names where no mesh is configured.

    ``ways`` has further measurements of each path.
    """

    names: tuple[str, ...] = ()
    families: tuple[FamilyGrid, ...] = ()
    hints: tuple[GridHint, ...] = ()
    ways: tuple[WayDetail, ...] = ()


def grid(evidence: EvidenceSet, limits: MeshLimits | None = None, *, sick: Collection[int] = frozenset()) -> Grid:
    """Return the grid of a run, from its evidence of the probe ``mesh``.

    Samples of the hour take precedence over a round of the run itself; a round is left out for families that did not
    work at the run's own vantage (``sick``).
    """
    bounds = limits or MeshLimits()
    ways: dict[tuple[int, str, str], tuple[EvidenceId, MeshPath]] = {}
    names_seen: set[str] = set()
    for envelope, step in evidence.of(MeshPath):
        names_seen |= {step.source, step.target}
        if not (step.round and step.family in sick):
            key = (step.family, step.source, step.target)
            ways[key] = max(ways.get(key, (envelope.id, step)), (envelope.id, step), key=lambda pair: _tells(pair[1]))
    names = tuple(sorted(names_seen))
    if not names:
        return Grid()
    families = tuple(
        FamilyGrid(
            family=family,
            rows=tuple(
                GridRow(source=source, cells=tuple(_cell(ways, family, source, target, bounds) for target in names))
                for source in names
            ),
        )
        for family in FAMILIES
    )
    hints = tuple(_hints(names, families))
    return Grid(names=names, families=families, hints=hints, ways=way_details(evidence))


def _tells(way: MeshPath) -> int:
    """Return the rank of an observation of a path: samples before a round, anything before nothing."""
    return 0 if not way.hour.counted else 1 if way.round else 2


_Ways = Mapping[tuple[int, str, str], tuple[EvidenceId, MeshPath]]


def _cell(ways: _Ways, family: int, source: str, target: str, limits: MeshLimits) -> GridCell:
    if source == target:
        return GridCell(source=source, target=target, state=CellState.ITSELF)
    pair = ways.get((family, source, target))
    if pair is None:
        return GridCell(source=source, target=target, state=CellState.UNKNOWN)
    id_, way = pair
    return GridCell(
        source=source,
        target=target,
        state=_state(way, limits),
        answered=way.hour.mean,
        loss=way.loss,
        rtt=way.rtt,
        samples=way.hour.counted,
        round=way.round,
        evidence=(id_,),
    )


def _state(way: MeshPath, limits: MeshLimits) -> CellState:
    answered = way.hour.mean
    if not way.addressed:
        return CellState.NO_ADDRESS
    if answered is None:
        return CellState.UNKNOWN
    if answered < limits.down:
        return CellState.DOWN
    lossy = answered < limits.good or (way.loss is not None and way.loss > limits.loss)
    return CellState.LOSSY if lossy else CellState.GOOD


_SEEN = frozenset({CellState.GOOD, CellState.LOSSY, CellState.DOWN})
_ANSWERED = frozenset({CellState.GOOD, CellState.LOSSY})


class _Table:
    """Holds the states of one family, by source and target."""

    def __init__(self, family_grid: FamilyGrid) -> None:
        self.family = family_grid.family
        self.at = {(cell.source, cell.target): cell.state for row in family_grid.rows for cell in row.cells}

    def into(self, name: str) -> list[CellState]:
        return [state for (_, target), state in self.at.items() if target == name and state in _SEEN]

    def out_of(self, name: str) -> list[CellState]:
        return [state for (source, _), state in self.at.items() if source == name and state in _SEEN]

    def seen(self) -> list[CellState]:
        return [state for state in self.at.values() if state in _SEEN]


def _hints(names: Sequence[str], families: Sequence[FamilyGrid]) -> Iterator[GridHint]:
    tables = [_Table(family) for family in families]
    for name in names:
        if not any(table.out_of(name) for table in tables):
            yield GridHint(code=HintCode.NO_WORD, family=0, name=name)
    told: set[tuple[HintCode, str]] = set()
    for table in tables:
        (other,) = (other_table for other_table in tables if other_table is not table)
        for hint in _of_family(names, table, other):
            if hint.family or (hint.code, hint.name) not in told:
                yield hint
            told.add((hint.code, hint.name))


def _of_family(names: Sequence[str], table: _Table, other: _Table) -> Iterator[GridHint]:
    seen = table.seen()
    if len(names) > 2 and len(seen) > 2 and not _ANSWERED.intersection(seen):
        yield GridHint(code=HintCode.CORE, family=table.family, count=len(seen))
        return
    cut = {name for name in names if _all_down(table.into(name))}
    mute = {name for name in names if name not in cut and _all_down(table.out_of(name)) and _answers(table.into(name))}
    for name in names:
        into = table.into(name)
        if name in cut:
            code = HintCode.FAMILY if _answers(other.into(name)) else HintCode.UPLINK
            family = table.family if code is HintCode.FAMILY else 0
            yield GridHint(code=code, family=family, name=name, count=len(into))
        elif name in mute:
            yield GridHint(code=HintCode.OUTGOING, family=table.family, name=name, count=len(table.out_of(name)))
        elif len(into) > 1 and set(into) == {CellState.LOSSY}:
            yield GridHint(code=HintCode.LOSS, family=table.family, name=name, count=len(into))
    yield from _pairs(table, cut, mute)


def _pairs(table: _Table, cut: Iterable[str], mute: Iterable[str]) -> Iterator[GridHint]:
    """Yield hints for paths that are down although nothing at either end explains it."""
    down = [way for way, state in table.at.items() if state is CellState.DOWN]
    explained = {way for way in down if way[1] in cut or way[0] in mute or way[0] in cut}
    for source, target in down:
        back = table.at.get((target, source), CellState.UNKNOWN)
        if (source, target) in explained or (back is CellState.DOWN and source > target):
            continue
        code = HintCode.HALF_SEEN if back not in _SEEN else HintCode.ONE_WAY
        code = HintCode.PAIR if back is CellState.DOWN else code
        yield GridHint(code=code, family=table.family, name=source, other=target, count=1)


def _all_down(states: Sequence[CellState]) -> bool:
    """True if at least two peers report every path down."""
    return len(states) > 1 and set(states) == {CellState.DOWN}


def _answers(states: Sequence[CellState]) -> bool:
    return bool(_ANSWERED.intersection(states))
