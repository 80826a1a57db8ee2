"""Reads and writes the rows of links to reports, within a transaction of the caller."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from auditor.service.store.database.account_schema import account, share

_DISABLED = account.c.disabled.label("maker_disabled")
_READ = select(share, account.c.role.label("maker_role"), _DISABLED).outerjoin(account, account.c.name == share.c.who)
"""Selects links with the present role and state of their maker's account; NULL if it does not exist."""


def add(connection: Connection, values: Mapping[str, object]) -> int:
    """Add a link and return its number."""
    return int(connection.execute(insert(share).values(dict(values)).returning(share.c.key)).scalar_one())


def of_digest(connection: Connection, digest: str) -> Row[Any] | None:
    return connection.execute(_READ.where(share.c.digest == digest)).one_or_none()


def of_key(connection: Connection, key: int) -> Row[Any] | None:
    return connection.execute(_READ.where(share.c.key == key)).one_or_none()


def every(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(_READ.order_by(share.c.key.desc())))


def end(connection: Connection, key: int, now: datetime) -> None:
    connection.execute(update(share).where(share.c.key == key).values(ended=now))
