"""Lists the inventories that the service knows, by name, and reads one. Others cannot be audited.

The name is shown to operators and stored in jobs. Files have their path as their name; a kept inventory has the name
under which it was imported, which cannot be mistaken for a file's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.service.config.model import Config
from auditor.service.inventories.file_reading import load_files
from auditor.service.inventories.named_inventory import is_kept
from auditor.service.scheduler.model import ControlError
from auditor.service.store.api import Store
from auditor.service.store.records import StoreError
from inventory.inventory import Inventory


@dataclass(frozen=True, slots=True)
class KnownInventories:
    """Holds the ``files`` with which the service was started. Plain data: it is passed to other processes."""

    files: tuple[Path, ...] = ()

    def names(self, store: Store | None = None) -> Sequence[str]:
        """Return the names of the inventories in ``store``, followed by the files."""
        return [*(() if store is None else store.inventories()), *(str(file) for file in self.files)]

    def has(self, name: str, store: Store) -> bool:
        """True if the inventory can be audited: it is kept in ``store``, or is a known file that exists now."""
        file = next((file for file in self.files if str(file) == name), None)
        return file.exists() if file is not None else name in store.inventories()

    def load(self, name: str, store: Store | None = None) -> Inventory:
        """Read the inventory as it is now. Raises ControlError (NO_INVENTORY), InventoryError if it is unusable."""
        path = next((file for file in self.files if str(file) == name), None)
        if path is not None:
            return load_files([path]).inventory
        if store is None:
            raise ControlError("NO_INVENTORY")
        try:
            return store.inventory(name)
        except StoreError as error:
            raise ControlError("NO_INVENTORY") from error


def of_service(config: Config, files: Iterable[Path]) -> KnownInventories:
    """Return the files named on the command line and by the schedules, each once, without kept inventories."""
    scheduled = (Path(section.inventory) for section in config.schedule.values() if not is_kept([section.inventory]))
    return KnownInventories(tuple(dict.fromkeys((*files, *scheduled))))
