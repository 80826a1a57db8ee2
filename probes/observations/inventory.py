"""Defines the observation of the inventory's own claims, beside what the run found of its names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, end, rows


@observation("inventory-review", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryReview(NotMeasured):
    """The rows in force on ``day``. ``incomplete`` lack a field that every row should have (``id: fields``);
    ``gone`` are names that the DNS no longer knows. ``reconciled``: when somebody last compared the inventory with what
    is there, as declared; None: nobody said."""

    day: date
    rows: int = 0
    reconciled: date | None = None
    incomplete: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        last = "never" if self.reconciled is None else str(self.reconciled)
        text = f"{len(self.incomplete)} incomplete, {len(self.gone)} gone"
        yield f"inventory on {self.day}: {self.rows} rows, compared with reality {last} → {end(self, text, word)}"
        yield from rows(self.incomplete, lambda each_text: f"incomplete {each_text}")
        yield from rows(self.gone, lambda each_text: f"gone       {each_text}")
