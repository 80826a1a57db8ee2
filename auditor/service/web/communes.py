"""Prepares the map of communes and the strip of connection points for the overview."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.figures.kpis import COMMUNES
from auditor.figures.rollup import UnitRollup
from auditor.framework.findings import CheckId, Outcome
from auditor.service.pipeline.subject_lines import SubjectLine
from auditor.service.web.account_view import AccountView
from inventory.model import AgencyId, Kind
from inventory.word_matching import fold
from reports.formats.html.tslcd_grid import CommuneState

REACH = CheckId("tslcd.site.reach")
POINTS = (Kind.DATACENTRE, Kind.CONNECTION_POINT)
MOST = 400
"""Communes or connection points that are drawn."""
_STATES = {Outcome.PASS: "up", Outcome.WARN: "up", Outcome.FAIL: "down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneCell:
    """One commune: how its required checks stand."""

    agency: AgencyId
    name: str
    state: CommuneState
    fails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCell:
    """One connection point: ``up``, ``down`` or ``unknown`` in the run."""

    line: SubjectLine
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointStrip:
    """The connection points, those that do not answer first; ``of`` of them in each state."""

    shown: Sequence[PointCell]
    of: Counter[str]


def communes(view: AccountView) -> Sequence[CommuneCell]:
    """Return the visible communes with subjects, in the order of the tree; none where there is only one."""
    units = [unit for unit in view.units() if unit.in_force and fold(unit.level) in COMMUNES]
    cells = [_cell(unit) for unit in units[:MOST]]
    return [cell for cell in cells if cell is not None] if len(cells) > 1 else []


def _cell(unit: UnitRollup) -> CommuneCell | None:
    if unit.agency is None:
        return None
    if unit.required_fails:
        state = CommuneState.NOT_MET
    else:
        state = CommuneState.MET if unit.outcomes.get(Outcome.PASS) else CommuneState.UNDECIDED
    return CommuneCell(agency=unit.agency, name=unit.name, state=state, fails=unit.required_fails)


def strip(view: AccountView) -> PointStrip:
    """Return how the visible connection points answered in the run."""
    lines = view.of_kinds(*POINTS)[:MOST]
    outcomes = view.outcomes_of(REACH, lines)
    cells = [PointCell(line=line, state=_state(outcomes.get(line.id))) for line in lines]
    order = ("down", "unknown", "up")
    return PointStrip(
        shown=sorted(cells, key=lambda cell: order.index(cell.state)), of=Counter(cell.state for cell in cells)
    )


def _state(outcome: Outcome | None) -> str:
    return "unknown" if outcome is None else _STATES.get(outcome, "unknown")
