"""Reads and writes rows of kept inventories and accepted defects, each function within a transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from auditor.framework.waivers import WaiverRow
from auditor.service.store.database.account_schema import declared_value
from auditor.service.store.database.schema import kept_inventory, waiver
from auditor.service.store.records import DeclaredEntry, Digest, InventoryVersion, KeptWaiver, StoreError, unknown
from auditor.service.store.sql.kept.retirement_rows import retirements
from inventory.model import AgencyId, SubjectId

Values = Mapping[str, object]
_COLUMNS = tuple(column for column in kept_inventory.c if column.name != "key")


def add_version(connection: Connection, values: Values) -> None:
    connection.execute(insert(kept_inventory).values(dict(values)))


def versions(connection: Connection, name: str) -> tuple[InventoryVersion, ...]:
    """Return the versions of an inventory, the latest first."""
    wanted = select(*_COLUMNS).where(kept_inventory.c.name == name).order_by(kept_inventory.c.number.desc())
    return tuple(map(_version, connection.execute(wanted)))


def latest_version(connection: Connection, name: str) -> InventoryVersion:
    """Return the latest version of an inventory; an unknown name is a StoreError."""
    found = versions(connection, name)
    if not found:
        raise unknown("inventory", name, (latest_version.name for latest_version in latest_versions(connection)))
    return found[0]


def audited_version(connection: Connection, name: str) -> InventoryVersion:
    """Return the latest version for an audit; an unknown name or a retired inventory is a StoreError."""
    version = latest_version(connection, name)
    if name in retirements(connection):
        raise StoreError("inventory '{name}' is retired; auditor inventory reinstate takes it up again", name=name)
    return version


def latest_versions(connection: Connection, *, retired: bool = False) -> tuple[InventoryVersion, ...]:
    """Return the last version of every inventory in use, or of every ``retired`` one, by name."""
    last = (
        select(kept_inventory.c.name, func.max(kept_inventory.c.number).label("number"))
        .group_by(kept_inventory.c.name)
        .subquery()
    )
    of_last = (kept_inventory.c.name == last.c.name) & (kept_inventory.c.number == last.c.number)
    wanted = select(*_COLUMNS).join(last, of_last).order_by(kept_inventory.c.name)
    gone = retirements(connection)
    return tuple(found for found in map(_version, connection.execute(wanted)) if (found.name in gone) is retired)


def _version(row: Row[Any]) -> InventoryVersion:
    values = row._mapping
    return InventoryVersion(
        name=values["name"],
        number=values["number"],
        made=values["made"],
        who=values["who"],
        files=tuple(values["files"]),
        digest=Digest(values["digest"]),
        subjects=values["subjects"],
    )


def add_waiver(connection: Connection, values: Values) -> int:
    made = connection.execute(insert(waiver).values(dict(values)))
    (key,) = made.inserted_primary_key or (0,)
    return int(key)


def waivers(connection: Connection) -> tuple[KeptWaiver, ...]:
    """Return all waivers in the order of entry."""
    return tuple(map(_waiver, connection.execute(select(waiver).order_by(waiver.c.key))))


def end_waiver(connection: Connection, key: int, when: datetime, who: str) -> bool:
    """End a waiver; True if it existed and had not been ended."""
    ended = update(waiver).where(waiver.c.key == key, waiver.c.ended.is_(None)).values(ended=when, ended_by=who)
    return connection.execute(ended).rowcount == 1


def _waiver(row: Row[Any]) -> KeptWaiver:
    values = row._mapping
    return KeptWaiver(
        key=values["key"],
        row=WaiverRow(
            subject=SubjectId(values["subject"]) if values["subject"] else None,
            agency=AgencyId(values["agency"]) if values["agency"] else None,
            check=values["check_id"],
            reason=values["reason"],
            owner=values["owner"],
            until=values["until"],
        ),
        made=values["made"],
        who=values["who"],
        ended=values["ended"],
        ended_by=values["ended_by"],
    )


def declared_entries(connection: Connection) -> tuple[DeclaredEntry, ...]:
    """Return all declared values in the order of entry."""
    rows = connection.execute(select(declared_value).order_by(declared_value.c.key))
    return tuple(
        DeclaredEntry(**{name: value for name, value in row._mapping.items() if name != "key"}) for row in rows
    )
