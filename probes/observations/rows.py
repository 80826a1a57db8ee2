"""What the inventory declares, as evidence: where it stands and what it says. Read from the plan, never measured."""

from dataclasses import dataclass
from datetime import date

from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import observation
from probes.observations.places import Unplaced


@observation("declared-row", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow(Unplaced):
    """The row of a subject: file and row number (1-based, as a spreadsheet counts; None where it has none)."""

    source: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPoint:
    """One connection point as registered. What the row leaves out is empty or None; ``site`` is its postal address."""

    subject: SubjectId
    source: str = ""
    row: int | None = None
    addresses: tuple[IPAddress, ...] = ()
    site: str = ""
    device: str = ""
    channel: str = ""
    provider: str = ""
    bandwidth_mbps: float | None = None
    activated: date | None = None
    secondary: bool = False


@observation("declared-unit", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredUnit(Unplaced):
    """One unit of the organisation and the connection points in force that are its own.

    ``level`` is the word of the tree (``commune``); ``listed`` counts the connection points of the whole inventory.
    """

    code: str
    level: str = ""
    listed: int = 0
    points: tuple[DeclaredPoint, ...] = ()
