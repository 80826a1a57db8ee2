"""Takes, measures and delivers batch after batch until the worker ends.

Measuring does not wait for the centre: evidence lies in the spool, and is delivered when the centre can be reached,
even if that is hours later. A process that was killed continues from the spool. Evidence that the centre cannot accept
(under a lease that was lost, or refused) is deleted, with a line in the log.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from auditor.framework.catalogue import Catalogue
from auditor.framework.operator_problems import OperatorError
from auditor.service.config.model import Config
from auditor.service.leases.model import LeaseLost
from auditor.service.leases.order import BAD_ORDER, read_order
from auditor.service.pipeline.measuring.collecting import OpenNet
from auditor.service.pipeline.version import program_version
from auditor.service.store.api import Store
from auditor.service.store.evidence.evidence_files import FILE
from auditor.service.store.records import Digest, StoreError
from auditor.service.worker.centre import Asking, Centre, Declined, Unreachable
from auditor.service.worker.measuring import measure, planned
from auditor.service.worker.spool import LeasedFolder, Spool
from inventory.inventory import Inventory
from inventory.problems.problem import InventoryError

T = TypeVar("T")
BEAT = 60.0
"""Seconds between two heartbeats."""
_LOOK = 1.0
"""Seconds between two checks for evidence to deliver."""
_FIRST, _LONGEST = 1.0, 300.0
"""Seconds of the first pause when the centre cannot be reached, and of the longest."""
REFUSED = 600.0
"""Seconds before work is asked for again after the centre refused something."""
_UNUSABLE = (OperatorError, InventoryError, StoreError, *BAD_ORDER)
_log = logging.getLogger("auditor.worker")


@dataclass(slots=True)
class Backoff:
    """Computes pauses that double, each a random part of that, so that many workers do not come back at once."""

    chance: Callable[[], float] = random.random
    seconds: float = 0.0

    def grown(self) -> float:
        self.seconds = min(max(_FIRST, 2 * self.seconds), _LONGEST)
        return self.seconds * (0.5 + 0.5 * self.chance())

    def reset(self) -> None:
        self.seconds = 0.0


@dataclass(slots=True, kw_only=True)
class Worker:
    """Runs the worker: ``run`` until it is cancelled; everything that was measured is in the spool then."""

    config: Config
    centre: Centre
    spool: Spool
    store: Store
    catalogue: Catalogue
    open_net: OpenNet
    beat: float = BEAT
    pause: float = REFUSED
    backoff: Backoff = field(default_factory=Backoff)

    async def run(self) -> None:
        for folder in self.spool.leases():
            _log.info("going on with lease %s", folder.key)
            await self._finish(folder)
        while True:
            leased = await self._next()
            if leased is not None:
                await self._finish(leased)

    async def _next(self) -> LeasedFolder | None:
        """Ask for a batch, with a wait at the centre, and a longer one if that cannot be reached or refuses."""
        vantage = self.config.vantage
        asking = Asking(
            worker=self.spool.name, vantage=vantage.name, networks=vantage.networks, version=program_version()
        )
        try:
            fields = await self.patiently(lambda: self.centre.lease(asking))
        except (Declined, LeaseLost) as error:
            await self._pause(error)
            return None
        if fields is None:
            return None
        try:
            order = read_order(fields)
        except BAD_ORDER as error:
            await self._pause(error)
            return None
        _log.info("lease %s: %d subjects of run %s", order.key, len(order.subjects), order.run.id)
        return self.spool.add(fields, order)

    async def _finish(self, folder: LeasedFolder) -> None:
        """Measure, deliver and end one batch."""
        try:
            await self._done(folder)
        except* LeaseLost as lost:
            _log.warning("lease %s is lost: what was measured under it is thrown away (%s)", folder.key, lost)
            folder.discard()
        except* Declined as declined:
            folder.discard()
            await self._pause(declined)
        except* _UNUSABLE as error:
            await self._pause(error)

    async def _done(self, folder: LeasedFolder) -> None:
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(folder))
            if not folder.is_measured:
                blobs = [await self._blob(folder, digest) for digest in _digests(folder)]
                made = planned(folder.order, Inventory.from_json(blobs[0]), self.config, self.catalogue)
                measuring = group.create_task(measure(folder, blobs, made, self.store, self.open_net))
                await self._deliver(folder, measuring.done)
                await measuring
            await self._deliver(folder, lambda: True)
            await self.patiently(lambda: self.centre.end(folder.key))
            beating.cancel()
        _log.info("lease %s is measured and delivered", folder.key)
        folder.discard()

    async def _blob(self, folder: LeasedFolder, digest: Digest) -> bytes:
        found = self.spool.blob(digest)
        if found is None:
            found = await self.patiently(lambda: self.centre.blob(folder.key, digest))
            self.spool.keep_blob(digest, found)
        return found

    async def _deliver(self, folder: LeasedFolder, is_last: Callable[[], bool]) -> None:
        """Deliver the evidence in a folder as it comes, until ``is_last`` is true and all is delivered."""
        while True:
            last = is_last()
            lines, end = folder.unsent() if (folder.path / FILE).exists() else (b"", 0)
            if lines:
                await self.patiently(partial(self.centre.deliver, folder.key, lines))
                folder.mark_sent(end)
            elif last:
                return
            else:
                await asyncio.sleep(_LOOK)

    async def _beat(self, folder: LeasedFolder) -> None:
        while True:
            try:
                await self.centre.beat(folder.key)
            except Unreachable as error:
                _log.info("no sign of life came through: %s", error)
            await asyncio.sleep(self.beat)

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Repeat a request until the centre answers."""
        while True:
            try:
                answer = await ask()
            except Unreachable as error:
                pause = self.backoff.grown()
                _log.warning("the centre cannot be reached (%s); trying again in %.0f s", error, pause)
                await asyncio.sleep(pause)
            else:
                self.backoff.reset()
                return answer

    async def _pause(self, error: Exception) -> None:
        _log.error("%s; asking again in %.0f s", _told(error), self.pause)
        await asyncio.sleep(self.pause)


def _digests(folder: LeasedFolder) -> tuple[Digest, ...]:
    run = folder.order.run
    return run.inventory, run.reference, run.policy


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(map(_told, error.exceptions))
    return f"{type(error).__name__}: {error}"
