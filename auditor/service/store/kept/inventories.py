"""Keeps inventories by name with their versions. Nothing is changed or deleted; changes add a version."""

import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from auditor.service.store.kept.inventory_names import is_name
from auditor.service.store.long_lived import long_lived
from auditor.service.store.records import Digest, InventoryVersion, Retirement, StoreError, digest_of
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.kept import kept_rows as rows
from auditor.service.store.sql.kept import retirement_rows
from auditor.service.store.sql.runs.run_rows import blob, put_packed
from inventory.inventory import Inventory

_KEPT = 4
_SUBJECTS_KEPT = 100_000
"""Subjects of all cached inventories besides the latest, at most; a thousand take four megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Holds an inventory as it is stored: compressed, a fiftieth of the size of its subjects as values.

    ``files`` are its sources, ``subjects`` their number, ``digest`` that of the document inside.
    """

    body: bytes
    digest: Digest
    files: tuple[str, ...]
    subjects: int

    @classmethod
    def of(cls, document: bytes, files: tuple[str, ...], subjects: int) -> "Packed":
        """Compress a ``document`` that ``Inventory.to_json`` wrote."""
        return cls(body=zlib.compress(document), digest=digest_of(document), files=files, subjects=subjects)

    @property
    def document(self) -> bytes:
        return zlib.decompress(self.body)


def pack(inventory: Inventory) -> Packed:
    return Packed.of(inventory.to_json(), tuple(source.name for source in inventory.sources), len(inventory.subjects))


class Moved(StoreError):
    """Raised if somebody else added a version in the meantime."""


class IsRetired(StoreError):
    """Raised if the inventory is retired: nothing is added to it."""


class Inventories:
    """Keeps inventories by name, each with all its versions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[Digest, Inventory] = OrderedDict()
        self._turn = Lock()

    def latest(self) -> tuple[InventoryVersion, ...]:
        """Return the audited version of every name, by name."""
        with self._database.reading() as connection:
            return rows.latest_versions(connection)

    def retirements(self) -> Mapping[str, Retirement]:
        """Return the retired inventories by name, each with the time and the account that retired it."""
        with self._database.reading() as connection:
            return retirement_rows.retirements(connection)

    def retire(self, name: str, *, who: str, now: datetime) -> None:
        """Remove an inventory from lists and audits. Its content stays. Raises StoreError, IsRetired."""
        with self._database.writing() as connection:
            rows.latest_version(connection, name)
            _must_be_in_use(connection, name)
            retirement_rows.decide(connection, name, now, who, retired=True)

    def reinstate(self, name: str, *, who: str, now: datetime) -> None:
        """Reinstate a retired inventory. Raises StoreError if none of this name is retired."""
        with self._database.writing() as connection:
            rows.latest_version(connection, name)
            if name not in retirement_rows.retirements(connection):
                raise StoreError("inventory '{name}' is not retired", name=name)
            retirement_rows.decide(connection, name, now, who, retired=False)

    def versions(self, name: str) -> tuple[InventoryVersion, ...]:
        """Return the versions of a name, the latest first; empty for an unknown name."""
        with self._database.reading() as connection:
            return rows.versions(connection, name)

    def version(self, name: str, number: int | None = None) -> InventoryVersion:
        """Return a version, by default the latest. Raises StoreError if there is none."""
        with self._database.reading() as connection:
            if number is None:
                return rows.latest_version(connection, name)
            version = next(
                (each_version for each_version in rows.versions(connection, name) if each_version.number == number),
                None,
            )
        if version is None:
            raise StoreError("the store holds no version {number} of inventory '{name}'", name=name, number=number)
        return version

    def read(self, version: InventoryVersion) -> Inventory:
        return self.of(version.digest)

    def of(self, digest: Digest) -> Inventory:
        """Return the inventory with a digest: a version, or that of a run.

        Reading thousands of subjects takes a second, so the last ones are cached; the content of a digest never
        changes.
        """
        with self._turn:
            inventory = self._known.get(digest)
            if inventory is None:
                document = self.document(digest)
                with long_lived(len(document)):
                    inventory = Inventory.from_json(document)
            self._known[digest] = inventory
            self._known.move_to_end(digest)
            while len(self._known) > 1 and self._is_full():
                self._known.popitem(last=False)
            return inventory

    def _is_full(self) -> bool:
        beyond = sum(len(inventory.subjects) for inventory in list(self._known.values())[:-1])
        return len(self._known) > _KEPT or beyond > _SUBJECTS_KEPT

    def document(self, digest: Digest) -> bytes:
        """Return the document with a digest, as ``Inventory.to_json`` wrote it."""
        with self._database.reading() as connection:
            return blob(connection, digest)

    def add(self, name: str, inventory: Packed, *, who: str, now: datetime, on: int) -> InventoryVersion:
        """Add a new version after number ``on`` (0: the first).

        Raises Moved if that is not the latest any more, IsRetired, and StoreError for a bad name.
        """
        if not is_name(name):
            raise StoreError("'{name}' cannot be the name of an inventory: letters, digits, blanks, . and -", name=name)
        with self._database.writing() as connection:
            _must_be_in_use(connection, name)
            before = next((version.number for version in rows.versions(connection, name)), 0)
            if before != on:
                raise Moved(
                    "inventory '{name}' has been changed in the meantime: it has version {number}",
                    name=name,
                    number=before,
                )
            made = InventoryVersion(
                name=name,
                number=before + 1,
                made=now,
                who=who,
                files=inventory.files,
                digest=inventory.digest,
                subjects=inventory.subjects,
            )
            put_packed(connection, inventory.digest, inventory.body)
            values = {field: getattr(made, field) for field in made.__slots__}
            rows.add_version(connection, {**values, "files": list(made.files)})
        return made


def _must_be_in_use(connection: Connection, name: str) -> None:
    if name in retirement_rows.retirements(connection):
        raise IsRetired("inventory '{name}' is retired; auditor inventory reinstate takes it up again", name=name)
