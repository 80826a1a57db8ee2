"""Defines the observation of the inventory's own claims, beside the results of the run for its names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, end, rows


@observation("inventory-review", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryReview(NotMeasured):
    """Reviews the rows in force on ``day``.

    ``incomplete`` lack a field that every row should have (``id: fields``); ``gone`` are names that the DNS no longer
    knows. ``reconciled``: when the inventory was last compared with the real systems, as declared; None: not declared.
    """

    day: date
    rows: int = 0
    reconciled: date | None = None
    incomplete: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        last = word("never") if self.reconciled is None else str(self.reconciled)
        text = word("{} incomplete, {} gone").format(len(self.incomplete), len(self.gone))
        asked = word("inventory on {}: {} rows, compared with reality {}").format(self.day, self.rows, last)
        yield f"{asked} → {end(self, text, word)}"
        yield from rows(self.incomplete, lambda each_text: f"{word('incomplete')} {each_text}")
        yield from rows(self.gone, lambda each_text: f"{word('gone'):10} {each_text}")
