"""The inventories that the service knows, by name, and how one is read. What is not known by a name cannot be audited.

A name is what an operator sees and what a job keeps. Files have their path as their name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.config.model import Config
from auditor.scheduler.model import ControlError
from inventory.inventory import Inventory
from inventory.loader import load_with_warnings


@dataclass(frozen=True, slots=True)
class Inventories:
    """``files``: those that the service was started with. Plain data: it is handed to other processes."""

    files: tuple[Path, ...] = ()

    def names(self) -> Sequence[str]:
        return [str(one) for one in self.files]

    def load(self, name: str) -> Inventory:
        """As it is now. Raises ControlError (NO_INVENTORY), InventoryError for one that cannot be used."""
        found = next((one for one in self.files if str(one) == name), None)
        if found is None:
            raise ControlError("NO_INVENTORY")
        return load_with_warnings([found]).inventory


def of_service(config: Config, files: Iterable[Path]) -> Inventories:
    """Those named on the command line and those of the schedules, each once."""
    scheduled = (Path(one.inventory) for one in config.schedule.values())
    return Inventories(tuple(dict.fromkeys((*files, *scheduled))))
