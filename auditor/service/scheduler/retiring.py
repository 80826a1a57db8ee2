"""Takes an inventory out of use: its data stays, it is no longer audited, and its schedules are paused."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.schedules import Schedule
from auditor.service.store.kept.inventories import Inventories


def schedules_of(name: str, schedules: Iterable[Schedule], jobs: JobQueue) -> Sequence[Schedule]:
    """Return the schedules that audit an inventory and are not paused."""
    standings = jobs.standings()
    paused = {schedule for schedule, standing in standings.items() if standing.paused}
    return [each for each in schedules if each.wanted.inventory == name and each.name not in paused]


def retire(
    name: str,
    stock: Inventories,
    jobs: JobQueue,
    schedules: Iterable[Schedule],
    *,
    who: str,
    address: str,
    now: datetime,
) -> None:
    """Retire an inventory and pause its schedules. They stay paused when it is reinstated.

    Raises StoreError if the store has no inventory of this name or it is retired already.
    """
    stock.retire(name, who=who, now=now)
    for schedule in schedules_of(name, schedules, jobs):
        jobs.first_seen(schedule.name, now)
        jobs.pause(schedule.name, who, address, paused=True)
