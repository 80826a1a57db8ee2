"""Loads the inventory that an operator names: files, or one that the store keeps by name."""

from collections.abc import Sequence
from pathlib import Path

from auditor.service.inventories.file_reading import load_files
from auditor.service.store.api import Store
from auditor.service.store.kept.inventory_names import is_name
from inventory.loader import LoadedInventory


def is_kept(words: Sequence[str]) -> bool:
    """True if these words can only mean an inventory of the store: one word that is a name and no existing file."""
    return len(words) == 1 and is_name(words[0]) and not Path(words[0]).exists()


def load_named(words: Sequence[str], store: Store) -> LoadedInventory:
    """Load the files, or the inventory of the store. Raises InventoryError, or StoreError for an unknown name."""
    if is_kept(words):
        return LoadedInventory(inventory=store.inventory(words[0]), warnings=())
    return load_files([Path(word) for word in words])
