"""Sends notices of ended jobs, and sends undelivered ones again, also after a restart.

Each ended job and channel has one row in the store, created once: a delivered notice is not sent twice, and a job that
ended while the service or a mail host was down is announced afterwards. A receiver that hangs does not delay the
notices of others: each has a queue of its own, and so has the mail host, which is one for all its recipients.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from auditor.service.notify.attaching import KeptAttachments
from auditor.service.notify.composing import awaits_repeat, compose
from auditor.service.notify.model import (
    Channel,
    Chat,
    JobEnd,
    JobEvent,
    MailRecipient,
    Notice,
    NotifySettings,
    Undelivered,
)
from auditor.service.notify.sending import send
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import StoreError
from auditor.service.store.sql.jobs import notice_rows as rows
from probes.framework.evidence import RunId

EVERY = 10.0
"""Seconds between two searches for notices to send."""
BACK = timedelta(days=1)
"""The time after its end within which a job is announced, so that a new channel does not get the past."""
PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 360, *[720] * 9))
"""The waits after each failed attempt; after the last one the notice is given up.
In total five days, as mail hosts wait, so that a host that is down over a long holiday loses nothing."""
AHEAD = timedelta(days=1)
"""The longest wait that is believed, longer than every pause; a later due time was set by a wrong clock."""
_AT_ONCE = 50
_SAID = 300
_ENDINGS = [ending.value for ending in JobEnd]
_log = logging.getLogger("auditor.service.notify")


class Notifier:
    """Sends notices until its ``run`` is cancelled. ``now`` is the clock."""

    def __init__(
        self, setting: NotifySettings, store: DatabaseStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ):
        self._setting, self._store, self._now = setting, store, now
        self._channels = {channel.key: channel for channel in setting.channels}
        self._written = KeptAttachments()
        self._delivered = set[int]()
        """Rows that were delivered, but are not yet recorded so in the store."""

    async def run(self) -> None:
        await asyncio.to_thread(self._drop)
        async with asyncio.TaskGroup() as group:
            for keys in _queues(self._channels.values()):
                group.create_task(self._keep(keys))

    async def _keep(self, keys: Collection[str]) -> None:
        while True:
            try:
                await self.look(keys)
            except Exception:
                _log.exception("notices could not be looked after")
            await asyncio.sleep(EVERY)

    async def look(self, keys: Collection[str] | None = None) -> None:
        """Record new events, then send the notices that are due, one after the other.

        ``keys``: only those of these channels; None for all.
        """
        wanted = self._channels.keys() if keys is None else keys
        await asyncio.to_thread(self._note, wanted)
        for row in await asyncio.to_thread(self._due, wanted):
            await self._tell(row)

    def _drop(self) -> None:
        with self._store.database.writing() as connection:
            values = {"state": "dropped", "ended": self._now(), "said": "the channel is configured no more"}
            rows.change_others(connection, self._channels.keys(), values)

    def _note(self, keys: Collection[str]) -> None:
        """Record new events; if there are none, as nearly always, without a write transaction."""
        with self._store.database.reading() as connection:
            if not self._new(connection, keys):
                return
        with self._store.database.writing() as connection:
            rows.add(connection, self._new(connection, keys))

    def _new(self, connection: Connection, keys: Collection[str]) -> Sequence[Mapping[str, object]]:
        now = self._now()
        jobs = [row for row in rows.ended(connection, _ENDINGS, now - BACK) if not _is_addition(row)]
        known = rows.known(connection, [job.key for job in jobs])
        return [
            {
                "job": job.key,
                "channel": key,
                "state": rows.WAITING,
                "attempts": 0,
                "due": now,
                "ended": None,
                "said": "",
            }
            for job in jobs
            for key in keys
            if (job.key, key) not in known
        ]

    def _due(self, keys: Collection[str]) -> Sequence[Row[Any]]:
        with self._store.database.reading() as connection:
            now = self._now()
            return rows.due(connection, keys, now, now + AHEAD, _AT_ONCE)

    async def _tell(self, row: Row[Any]) -> None:
        if row.key in self._delivered:
            return await self._arrived(row)
        channel = self._channels[row.channel]
        try:
            if await asyncio.to_thread(lambda: awaits_repeat(self._event(row.job), self._store)):
                return await asyncio.to_thread(self._change, row.key, {"due": self._now() + PAUSES[0]})
            told = await asyncio.to_thread(lambda: self._composed(row, channel))
            if told is None:
                return await self._write(row, "needless")
            if not await asyncio.to_thread(self._attempt, row):
                return None
            await send(told, channel, self._setting, self._now())
        except StoreError as error:
            await self._failed(row, channel, Undelivered(str(error)))
        except Undelivered as error:
            await self._failed(row, channel, error)
        except Exception as error:  # a bug with one notice must not delay others
            where = "".join(traceback.format_tb(error.__traceback__)[-1:])  # its text may be a secret URL
            _log.error("job %d: %s: %s\n%s", row.job, channel.key, type(error).__name__, where)
            await self._failed(row, channel, Undelivered(type(error).__name__))
        else:
            _log.info("job %d: told %s", row.job, channel.key)
            self._delivered.add(row.key)
            await self._arrived(row)
        return None

    def _composed(self, row: Row[Any], channel: Channel) -> Notice | None:
        return compose(self._event(row.job), channel, self._setting, self._store, self._written.of)

    def _attempt(self, row: Row[Any]) -> bool:
        """Record an attempt before it is made; False if another service over the store makes it.

        If it cannot be recorded, as on a full disk, nothing is sent: the delivery could not be recorded either, and the
        notice would be sent again and again.
        """
        pause = PAUSES[min(row.attempts, len(PAUSES) - 1)]
        values = {"attempts": row.attempts + 1, "due": self._now() + pause}
        with self._store.database.writing() as connection:
            return rows.change_waiting(connection, row.key, row.attempts, values)

    async def _arrived(self, row: Row[Any]) -> None:
        await self._write(row, "sent")
        self._delivered.discard(row.key)

    async def _failed(self, row: Row[Any], channel: Channel, error: Undelivered) -> None:
        _log.warning("job %d: %s was not told: %s", row.job, channel.key, error.why)
        if error.for_good or row.attempts >= len(PAUSES):
            await self._write(row, rows.GIVEN_UP, said=error.why)
            return
        values = {"attempts": row.attempts + 1, "due": self._now() + PAUSES[row.attempts], "said": error.why[:_SAID]}
        await asyncio.to_thread(self._change, row.key, values)

    async def _write(self, row: Row[Any], state: str, said: str = "") -> None:
        values = {"state": state, "ended": self._now(), "attempts": row.attempts + 1, "said": said[:_SAID]}
        await asyncio.to_thread(self._change, row.key, values)

    def _change(self, key: int, values: dict[str, object]) -> None:
        with self._store.database.writing() as connection:
            rows.change(connection, key, values)

    def _event(self, job: int) -> JobEvent:
        with self._store.database.reading() as connection:
            row = rows.one_job(connection, job)
        return JobEvent(
            job=row.key,
            ending=JobEnd(row.state),
            inventory=row.inventory,
            ended=row.ended,
            name=row.wanted["name"],
            run=RunId(row.run) if row.run else None,
            problem=row.problem,
        )


def _queues(channels: Collection[Channel]) -> Collection[Sequence[str]]:
    """Return the keys of the channels in groups that share a queue.

    All mail is sent by one thread, and so are all chats, because the pages need threads too.
    """
    found: dict[object, list[str]] = {}
    for channel in channels:
        together = next((kind for kind in (MailRecipient, Chat) if isinstance(channel, kind)), None)
        found.setdefault(together or channel.key, []).append(channel.key)
    return found.values()


def _is_addition(job: Row[Any]) -> bool:
    """True if the job checks only a few subjects; its requester watches it in the pages."""
    return bool(job.wanted["subjects"])
