"""Limits the hellos to one endpoint: five connections at once to an address, counted, and ended in time.

A server that goes silent may mean "no" or "enough". So after each silence the hello that worked before, the control, is
sent again: with an answer to it the silence was a refusal, without one the enumeration ends as limited by the server.
For a server that once left a refused hello unanswered on an open connection, the wait is shorter: several times its own
slowest answer is enough, if it has acknowledged the hello and answers the control after it. A server that once closed
the connection at a refused hello is not asked the same again, except for the questions from before there was a control.
For such a server the next answer proves as much as a control: the control is sent only if the next question meets with
silence too, or if no question follows. Once a control itself was not answered at the first time, the server is known to
limit connections, and a silence that was taken for a refusal, before or after, may have been the limit: the enumeration
then counts as limited by the server, however far it came.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from weakref import WeakValueDictionary

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core.gate import deadline_held
from probes.net.tls.client_hello import HelloReply, Hellos, HelloTarget
from probes.observations.tls import Stopped
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.ssl2 import Ssl2Hello

AT_ONCE = 5
HELLOS = 500
_CERTIFICATES = 4
"""Different messages with certificates that are kept of one server: it may have a key of each kind."""
_PAUSES = (0.2, 1.0)
"""Seconds before the control is sent again, and once more."""
_SHORTEST, _TIMES = 1.5, 5.0
"""The short wait: the least seconds, in which a lost segment is sent again twice, and the multiple of the slowest
answer of the server."""


Gate = AbstractAsyncContextManager[object, bool | None]
"""Entered around each connection of an inquiry, by several of them at once."""


class Gates:
    """Holds one gate for each address, for all its endpoints and probes; and one enumeration at a time."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[IPAddress, asyncio.Semaphore] = WeakValueDictionary()
        self._scans: WeakValueDictionary[IPAddress, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, address: IPAddress) -> asyncio.Semaphore:
        gate = self._gates.get(address)
        if gate is None:
            gate = self._gates[address] = asyncio.Semaphore(AT_ONCE)
        return gate

    @asynccontextmanager
    async def scan(self, address: IPAddress) -> AsyncIterator[None]:
        """Hold the only enumeration of ``address``; waiting moves the deadline, as any wait for admission does."""
        lock = self._scans.get(address)
        if lock is None:
            lock = self._scans[address] = asyncio.Semaphore(1)
        with deadline_held() if lock.locked() else nullcontext():
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()


class Halt(Exception):
    """Signals that the enumeration is over before its end; ``Inquiry.stopped`` is the reason."""


async def until_halt(question: Coroutine[None, None, None]) -> None:
    """Run a question until it ends or a halt stops it."""
    with suppress(Halt):
        await question


class Inquiry:
    """Sends the hellos of one enumeration. ``serial``: the gate lets one connection at a time through.

    ``certificates``: the different messages with chains that came before TLS 1.3. ``limits``: a control was left
    without an answer.
    """

    def __init__(self, hellos: Hellos, target: HelloTarget, gate: Gate, *, serial: bool = False) -> None:
        self._hellos = hellos
        self._target = target
        self._gate = gate
        self._slowest = 0.0
        self._leaves_lying = False
        self._hangs_up = False
        self._owed = 0
        self._when_proven: list[Callable[[], None]] = []
        self._believed = False
        self.limits = False
        self.serial = serial
        self.control: HelloOffer | None = None
        self.stopped = Stopped.NO
        self.count = 0
        self.certificates: dict[bytes, None] = {}

    async def ask(self, offer: HelloOffer, first: HelloReply | None = None, *, at_once: bool = False) -> HelloReply:
        """Return the answer to ``offer``; return a silence only if the control was answered after it. Or raise Halt.

        ``first``: the answer to the offer from before there was a control. Unless it must be proven ``at_once``, one
        silence of a server that closes the connection is returned ahead of its proof, see ``prove`` and
        ``when_proven``.
        """
        reply = first or await self.once(offer)
        if not reply.silent or self.control is None:
            return reply
        as_usual = self._hangs_up and reply.hung_up and first is None
        if as_usual and not at_once and not self._owed:
            self._owed, self._believed = self.count, True
            return reply
        await self.confirm()
        long_enough = reply.left_lying and reply.seconds >= self._short
        if (self._leaves_lying and long_enough) or as_usual:
            self._believed = True
            return reply
        again = await self._said(offer, self._short if long_enough else None)
        self._believed = self._believed or again.silent
        self._hangs_up = self._hangs_up or (reply.hung_up and again.hung_up)
        self._leaves_lying = self._leaves_lying or (reply.left_lying and again.left_lying)
        return again

    async def once(self, offer: HelloOffer) -> HelloReply:
        """Return any answer to one hello, or raise Halt."""
        return await self._said(offer, self._wait)

    async def _said(self, offer: HelloOffer, wait: float | None) -> HelloReply:
        async with self._gate:
            self._spend()
            number = self.count
            reply = await self._hellos.say(self._target, offer, wait)
        if reply.flight.certificates and len(self.certificates) < _CERTIFICATES:
            self.certificates[reply.flight.certificates] = None
        if not reply.silent:
            self._slowest = max(self._slowest, reply.seconds)
        if reply.hello is not None and number > self._owed:
            self._proven()
        return reply

    async def prove(self) -> None:
        """Send the control if a silence is still without its proof; raise Halt if that is not answered."""
        if self._owed:
            await self.confirm()

    def when_proven(self, note: Callable[[], None]) -> None:
        """Call ``note`` once all earlier silences are proven to be refusals; never, if that fails."""
        self._when_proven.append(note)
        if not self._owed:
            self._proven()

    def _proven(self) -> None:
        self._owed, waiting, self._when_proven = 0, self._when_proven, []
        for note in waiting:
            note()

    async def ssl2(self) -> Ssl2Hello | Failure:
        """Send an SSL 2.0 hello; return a silence only if the control was answered after it. Or raise Halt."""
        async with self._gate:
            self._spend()
            found = await self._hellos.say_ssl2(self._target, self._wait)
        if isinstance(found, Failure) and found.kind is FailureKind.TIMEOUT and self.control is not None:
            await self.confirm()
            self._believed = True
        return found

    async def early_data(self, server_name: str | None) -> int | None:
        """Return the 0-RTT bytes that the server allows, see Hellos.early_data."""
        async with self._gate:
            self._spend()
            return await self._hellos.early_data(self._target, server_name)

    async def confirm(self) -> None:
        """Make sure that the server still answers a hello that it answered before, or raise Halt."""
        assert self.control is not None
        for pause in (0.0, *_PAUSES):
            await asyncio.sleep(pause)
            if (await self._said(self.control, None)).hello is not None:  # with the full time limit
                return
            self.limits = True
        self.stopped = Stopped.RATE
        raise Halt

    def end(self) -> Stopped:
        """Return the reason why the results are incomplete, once all questions are done."""
        doubtful = self.stopped is Stopped.NO and self.limits and self._believed
        return Stopped.RATE if doubtful else self.stopped

    @property
    def _short(self) -> float:
        return max(_SHORTEST, _TIMES * self._slowest)

    @property
    def _wait(self) -> float | None:
        return self._short if self._leaves_lying else None

    def _spend(self) -> None:
        if self.stopped is Stopped.NO and self.count >= HELLOS:
            self.stopped = Stopped.COUNT
        if self.stopped is not Stopped.NO:
            raise Halt
        self.count += 1
