"""Keeps waivers, each an accepted defect. Nothing is deleted: one that is ended says when and by whom."""

from datetime import datetime

from auditor.framework.waivers import WaiverRow
from auditor.service.store.records import KeptWaiver, StoreError
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.kept import kept_rows as rows


class WaiverStore:
    """Accepted defects; those in force are heeded by every judgement from now on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[KeptWaiver, ...]:
        """Also those that have ended, in the order in which they were written down."""
        with self._database.reading() as connection:
            return rows.waivers(connection)

    def add(self, row: WaiverRow, *, who: str, now: datetime) -> int:
        """Return the key of the new one."""
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
        """Raises StoreError where there is none in force."""
        with self._database.writing() as connection:
            if not rows.end_waiver(connection, key, now, who):
                raise StoreError("there is no accepted defect {key} in force", key=key)
