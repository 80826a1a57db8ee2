"""Rolls up samples and deletes old ones.

After each hour, also at a centre that takes none itself and has those that its workers deliver.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from auditor.service.runs.forgetting import SERVICE, look_at_clock
from auditor.service.sampling.clock import HERE, Clock, machine, slot
from auditor.service.store.api import Store
from auditor.service.store.records import HOUR, Retention

_LATE = timedelta(minutes=10)
"""The time after its end at which an hour is rolled up."""


def roll_up(store: Store, at: datetime, keep: Retention | None) -> None:
    """Roll up the hours and days that are over at a time; delete samples older than ``keep`` (None: delete nothing)."""
    store.roll_up(slot(at - _LATE, HOUR), HERE, keep)


async def keep_delivered(store: Store, keep: Retention, clock: Clock = machine) -> None:
    """Roll up delivered samples at once and after each hour, until it is cancelled.

    Nothing is deleted by a clock that was set recently.
    """
    log = logging.getLogger("auditor.service.sampling")
    while True:
        now = clock().wall
        try:
            await asyncio.to_thread(_keep, store, keep, now)
        except Exception:  # no error here ends the service
            log.exception("samples could not be rolled up")
        since = (now - _LATE - slot(now - _LATE, HOUR)).total_seconds()
        await asyncio.sleep(HOUR - since + 1.0)


def _keep(store: Store, keep: Retention, now: datetime) -> None:
    roll_up(store, now, keep if look_at_clock(store, SERVICE, now) else None)
