"""Keeps the schedules that people make in the pages, beside those of the configuration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from auditor.service.store.database.schema import kept_schedule, schedule
from auditor.service.store.records import StoreError
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.keys import upserting

MOST_SCHEDULES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSchedule:
    """Holds one schedule: its cron expression in the calendar's zone, the inventory and the profile.

    ``who`` changed it last.
    """

    name: str
    cron: str
    inventory: str
    profile: str
    who: str
    made: datetime


class KeptSchedules:
    """Keeps schedules by name. A changed or new one counts from then on: earlier times are not made up for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[KeptSchedule, ...]:
        with self._database.reading() as connection:
            return tuple(map(_kept, connection.execute(select(kept_schedule).order_by(kept_schedule.c.name))))

    def keep(self, row: KeptSchedule) -> None:
        """Keep a schedule, in place of one of its name. Raises StoreError for one too many."""
        values = {
            "cron": row.cron,
            "inventory": row.inventory,
            "profile": row.profile,
            "who": row.who,
            "made": row.made,
        }
        with self._database.writing() as connection:
            others = select(func.count()).select_from(kept_schedule).where(kept_schedule.c.name != row.name)
            if connection.execute(others).scalar_one() >= MOST_SCHEDULES:
                raise StoreError("at most {most} schedules are kept", most=MOST_SCHEDULES)
            connection.execute(upserting(connection, kept_schedule, {"name": row.name}, values))
            connection.execute(update(schedule).where(schedule.c.name == row.name).values(mark=row.made))

    def drop(self, name: str) -> bool:
        """Forget a schedule; False if there is none of this name."""
        with self._database.writing() as connection:
            gone = connection.execute(delete(kept_schedule).where(kept_schedule.c.name == name)).rowcount
            if gone:
                connection.execute(delete(schedule).where(schedule.c.name == name))
        return bool(gone)


def _kept(row: Row[Any]) -> KeptSchedule:
    return KeptSchedule(
        name=str(row.name),
        cron=str(row.cron),
        inventory=str(row.inventory),
        profile=str(row.profile),
        who=str(row.who),
        made=row.made,
    )
