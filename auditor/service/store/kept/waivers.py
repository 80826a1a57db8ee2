"""Keeps waivers, each an accepted defect. Nothing is deleted: an ended one records when and by which account."""

from datetime import datetime

from auditor.framework.waivers import WaiverRow
from auditor.service.store.records import KeptWaiver, StoreError
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.kept import kept_rows as rows


class WaiverStore:
    """Keeps accepted defects; every later judgement applies those in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[KeptWaiver, ...]:
        """Return all waivers, also ended ones, in the order of entry."""
        with self._database.reading() as connection:
            return rows.waivers(connection)

    def add(self, row: WaiverRow, *, who: str, now: datetime) -> int:
        """Add a waiver and return its key."""
        values = {
            "subject": row.subject or "",
            "agency": row.agency or "",
            "check_id": row.check,
            "reason": row.reason,
            "owner": row.owner,
            "until": row.until,
            "made": now,
            "who": who,
            "ended": None,
            "ended_by": "",
        }
        with self._database.writing() as connection:
            return rows.add_waiver(connection, values)

    def end(self, key: int, *, who: str, now: datetime) -> None:
        """End a waiver. Raises StoreError if none with this key is in force."""
        with self._database.writing() as connection:
            if not rows.end_waiver(connection, key, now, who):
                raise StoreError("there is no accepted defect {key} in force", key=key)
