"""What the inventory declares of itself, beside what the run found of its names."""

from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import Unplaced


@observation("inventory-review", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryReview(Unplaced):
    """The rows in force on ``day``. ``incomplete`` lack a field that every row should have (``id: fields``);
    ``gone`` are names that the DNS no longer knows. ``reconciled``: when somebody last compared the inventory with what
    is there, as declared; None: nobody said."""

    day: date
    rows: int = 0
    reconciled: date | None = None
    incomplete: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
