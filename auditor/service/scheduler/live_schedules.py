"""Lists the current schedules: those of the configuration, and those that people made on the pages."""

import logging
from collections.abc import Iterator, Sequence
from typing import overload

from pydantic_core import PydanticCustomError

from auditor.service.config.holidays import read_holidays
from auditor.service.config.model import Config, ScheduleSection
from auditor.service.config.times import cron
from auditor.service.scheduler.schedules import Schedule, schedule_of, schedules
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from auditor.service.store.sql.database import Database

_log = logging.getLogger("auditor.service.scheduler")


class LiveSchedules(Sequence[Schedule]):
    """Holds schedules, read again after every change of the store; the configuration's take precedence by name."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config, self._database = config, database
        self._fixed = schedules(config)
        self._holidays = read_holidays(config.calendar)
        self._kept = KeptSchedules(database)
        self._read: tuple[int, tuple[Schedule, ...]] = (-1, ())

    def __len__(self) -> int:
        return len(self._now())

    @overload
    def __getitem__(self, index: int) -> Schedule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Schedule]: ...
    def __getitem__(self, index: int | slice) -> Schedule | Sequence[Schedule]:
        return self._now()[index]

    def __iter__(self) -> Iterator[Schedule]:
        return iter(self._now())

    def is_fixed(self, name: str) -> bool:
        """True if a schedule is from the configuration; the pages do not change it."""
        return any(schedule.name == name for schedule in self._fixed)

    def _now(self) -> tuple[Schedule, ...]:
        stamp = self._database.stamp()
        if self._read[0] != stamp:
            made = [self._made(row) for row in self._kept.all() if not self.is_fixed(row.name)]
            known = (*self._fixed, *(schedule for schedule in made if schedule is not None))
            self._read = (stamp, tuple(sorted(known, key=lambda schedule: schedule.name)))
        return self._read[1]

    def _made(self, row: KeptSchedule) -> Schedule | None:
        """Make a schedule of a kept row; None, with a line in the log, for an unusable one."""
        try:
            cron(row.cron)
            section = ScheduleSection.model_validate(
                {"cron": row.cron, "inventory": row.inventory, "profile": row.profile}
            )
        except (PydanticCustomError, ValueError):
            _log.warning("schedule %s cannot be used", row.name)
            return None
        return schedule_of(row.name, section, self._config, self._holidays)
