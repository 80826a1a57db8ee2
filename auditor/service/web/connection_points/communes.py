"""Prepares the communes, their map and the strip of connection points for the overview."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.framework.findings import CheckId, Outcome
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.judged_runs.account_view import AccountView
from inventory.model import Kind
from reports.formats.html.commune_map import MOST, CommuneCell, CommuneMap, commune_cells, commune_map

REACH = CheckId("tslcd.site.reach")
POINTS = (Kind.DATACENTRE, Kind.CONNECTION_POINT)
_STATES = {Outcome.PASS: "up", Outcome.WARN: "up", Outcome.FAIL: "down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCell:
    """Describes one connection point; ``state`` is ``up``, ``down`` or ``unknown`` in the run."""

    line: SubjectLine
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointStrip:
    """Holds the connection points, those that do not answer first; ``of`` counts them by state."""

    shown: Sequence[PointCell]
    of: Counter[str]


def communes(view: AccountView) -> Sequence[CommuneCell]:
    """Return the visible communes with subjects, in the order of the tree; an empty sequence if there is only one."""
    return commune_cells(view.units())


def drawn(view: AccountView) -> CommuneMap | None:
    """Return the map of the visible communes; None where the inventory has no coordinates of them."""
    return commune_map(communes(view), view.digest.positions)


def strip(view: AccountView) -> PointStrip:
    """Return the states of the visible connection points in the run."""
    lines = view.of_kinds(*POINTS)[:MOST]
    outcomes = view.outcomes_of(REACH, lines)
    cells = [PointCell(line=line, state=_state(outcomes.get(line.id))) for line in lines]
    return PointStrip(
        shown=sorted(cells, key=lambda cell: _ORDER.index(cell.state)), of=Counter(cell.state for cell in cells)
    )


def silent_first(view: AccountView, lines: Sequence[SubjectLine]) -> Sequence[SubjectLine]:
    """Return connection points in the order of the strip: silent ones, undecided ones, those that answered."""
    outcomes = view.outcomes_of(REACH, lines)
    return sorted(lines, key=lambda line: _ORDER.index(_state(outcomes.get(line.id))))


_ORDER = ("down", "unknown", "up")


def _state(outcome: Outcome | None) -> str:
    return "unknown" if outcome is None else _STATES.get(outcome, "unknown")
