"""Keeps values declared for a period, with source, day and signatory; every correction is one more row."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from auditor.service.store.database.account_schema import declared_value
from auditor.service.store.records import DeclaredEntry
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.kept import kept_rows


class DeclaredValues:
    """Keeps entries of declared values in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entries: Iterable[DeclaredEntry], *, who: str, now: datetime) -> int:
        """Add the entries that differ from the last ones of their keys; return how many there are."""
        with self._database.writing() as connection:
            said = {entry.key: _said(entry) for entry in kept_rows.declared_entries(connection)}
            new: list[dict[str, Any]] = []
            for entry in entries:
                if said.get(entry.key) != _said(entry):
                    said[entry.key] = _said(entry)
                    new.append(asdict(replace(entry, made=now, who=who)))
            if new:
                connection.execute(insert(declared_value), new)
        return len(new)

    def entries(self) -> tuple[DeclaredEntry, ...]:
        """Return all entries in the order of entry."""
        with self._database.reading() as connection:
            return kept_rows.declared_entries(connection)


def holding(entries: Sequence[DeclaredEntry]) -> tuple[DeclaredEntry, ...]:
    """Return the last entry of each key, which no later one corrects."""
    return tuple({entry.key: entry for entry in entries}.values())


def _said(entry: DeclaredEntry) -> tuple[object, ...]:
    return entry.period, entry.value, entry.source, entry.signatory, entry.note
