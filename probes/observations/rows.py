"""Defines observations of inventory rows: their place and their content. Read from the plan, never measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, also, end, listed, rows, short


@observation("declared-row", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class RowPosition(NotMeasured):
    """Records the row of a subject: file and row number (1-based, as a spreadsheet counts; None where it has none)."""

    source: str = ""
    row: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        row = word("no row number") if self.row is None else word("row {}").format(self.row)
        yield word("declared in {} → {}").format(self.source or word("no file"), end(self, row, word))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPoint:
    """Holds one connection point as registered. Empty or None: not in the row; ``site`` is its postal address."""

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
class DeclaredUnit(NotMeasured):
    """Records one unit of the organisation and the connection points in force that are its own.

    ``level`` is the word of the tree (``commune``); ``listed`` counts the connection points of the whole inventory.
    """

    code: str
    level: str = ""
    listed: int = 0
    points: tuple[DeclaredPoint, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        level = f" ({self.level})" if self.level else ""
        text = word("{} connection points, of {} in the inventory").format(len(self.points), self.listed)
        yield f"{word('unit')} {self.code}{level} → {end(self, text, word)}"
        yield from rows(self.points, lambda point: _point_text(point, word))


def _point_text(point: DeclaredPoint, word: Word) -> str:
    row = "" if point.row is None else point.row
    text = also(word("site"), short(point.site)) + also(word("device"), point.device)
    text += also(word("channel"), point.channel)
    more = also(word("provider"), short(point.provider)) + also("Mbit/s", point.bandwidth_mbps)
    since = also(word("in use from"), point.activated) + (word(", secondary") if point.secondary else "")
    addresses = listed(point.addresses) or word("no address")
    return f"{point.subject}: {addresses}{also(word('row'), row)}{text}{more}{since}"
