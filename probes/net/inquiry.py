"""Many hellos to one endpoint, politely: five connections at once to an address, counted, bounded, given up in time.

A server that goes silent may mean "no" or "enough". So after each silence the hello that worked before, the control, is
said again: with an answer to it the silence was a refusal, without one the enumeration ends as limited by the server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from weakref import WeakValueDictionary

from inventory.model import IPAddress
from probes.framework.evidence import Failure
from probes.framework.limits import DEADLINE
from probes.net.hellos import Hellos, Reply, Target
from probes.observations.tls import Stopped
from probes.wire.tls.hello import Offer
from probes.wire.tls.ssl2 import Ssl2Hello

AT_ONCE = 5
HELLOS = 500
_PATIENCE = 1.0
_PAUSES = (0.2, 1.0)
"""Seconds before the control is said again, and once more."""


Gate = AbstractAsyncContextManager[object, bool | None]
"""Entered around each connection of an inquiry, by several of them at once."""


class Gates:
    """One gate for each address, whichever endpoints and probes are busy with it; and one enumeration at a time."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[IPAddress, asyncio.Semaphore] = WeakValueDictionary()
        self._scans: WeakValueDictionary[IPAddress, asyncio.Lock] = WeakValueDictionary()

    def of(self, address: IPAddress) -> asyncio.Semaphore:
        gate = self._gates.get(address)
        if gate is None:
            gate = self._gates[address] = asyncio.Semaphore(AT_ONCE)
        return gate

    @asynccontextmanager
    async def scan(self, address: IPAddress) -> AsyncIterator[None]:
        """The only enumeration of ``address``; waiting for it moves the deadline, as any wait for admission does."""
        lock = self._scans.get(address)
        if lock is None:
            lock = self._scans[address] = asyncio.Lock()
        while not await _taken(lock):
            deadline = DEADLINE.get()
            if deadline is not None:
                deadline.hold(asyncio.get_running_loop().time() - _PATIENCE, _PATIENCE)
        try:
            yield
        finally:
            lock.release()


async def _taken(lock: asyncio.Lock) -> bool:
    """Whether the lock could be had within the patience of one look at the deadline."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await lock.acquire()
    except TimeoutError:
        return False


class Halt(Exception):
    """The enumeration is over before its end; ``Inquiry.stopped`` says why."""


class Inquiry:
    """The hellos of one enumeration."""

    def __init__(self, hellos: Hellos, target: Target, gate: Gate) -> None:
        self._hellos = hellos
        self._target = target
        self._gate = gate
        self.control: Offer | None = None
        self.stopped = Stopped.NO
        self.count = 0

    async def ask(self, offer: Offer) -> Reply:
        """The answer to ``offer``; a silence is only handed back when the control was answered after it. Or Halt."""
        reply = await self.once(offer)
        if reply.silent and self.control is not None:
            await self._control()
            reply = await self.once(offer)
        return reply

    async def once(self, offer: Offer) -> Reply:
        """The answer to one hello, whatever it is. Or Halt."""
        async with self._gate:
            self._spend()
            return await self._hellos.say(self._target, offer)

    async def ssl2(self) -> Ssl2Hello | Failure:
        """See Hellos.say_ssl2."""
        async with self._gate:
            self._spend()
            return await self._hellos.say_ssl2(self._target)

    async def early_data(self, server_name: str | None) -> int | None:
        """See Hellos.early_data."""
        async with self._gate:
            self._spend()
            return await self._hellos.early_data(self._target, server_name)

    async def _control(self) -> None:
        assert self.control is not None
        for pause in (0.0, *_PAUSES):
            await asyncio.sleep(pause)
            if (await self.once(self.control)).hello is not None:
                return
        self.stopped = Stopped.RATE
        raise Halt

    def _spend(self) -> None:
        if self.stopped is Stopped.NO and self.count >= HELLOS:
            self.stopped = Stopped.COUNT
        if self.stopped is not Stopped.NO:
            raise Halt
        self.count += 1
