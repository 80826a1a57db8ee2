"""Reads and writes rows about inventories that are retired, each function within a transaction."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from auditor.service.store.database.account_schema import inventory_retirement
from auditor.service.store.records import Retirement


def decide(connection: Connection, name: str, when: datetime, who: str, *, retired: bool) -> None:
    """Add a decision, which holds from now on."""
    connection.execute(insert(inventory_retirement).values(name=name, retired=retired, made=when, who=who))


def retirements(connection: Connection) -> Mapping[str, Retirement]:
    """Return the last decision about each inventory that is retired, by name."""
    found: dict[str, Retirement] = {}
    for row in connection.execute(select(inventory_retirement).order_by(inventory_retirement.c.key)):
        found.pop(row.name, None)
        if row.retired:
            found[row.name] = Retirement(name=row.name, made=row.made, who=row.who)
    return dict(sorted(found.items()))
