"""Limits how fast packets leave: per address, per prefix and overall.

Admission goes from narrow to wide: a call waits for its address, then for its prefix (/48 or /24), then for the whole,
so that one slow target never holds a place that others could use. A wait for admission moves the deadline of the
waiting probe (``DEADLINE``): deadlines bound network time and not our own rate limits. Concurrent waits move it once.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar
from types import TracebackType
from typing import Protocol, Self

from inventory.model import IPAddress
from probes.framework.profile import Pace


class DeadlineListener(Protocol):
    """Describes the budget that the deadlines of several probes share."""

    @property
    def left(self) -> float: ...

    def held(self, deadline: "Deadline", until: float) -> None: ...


class Deadline:
    """Limits the time of one probe run, or of a part of it inside the current one (``DEADLINE``).

    Use ``async with Deadline(seconds) as deadline``, which raises TimeoutError. ``held``: the seconds in which at least
    one of its dials waited for admission. Its timer checks the deadline when it fires and is set again if that has
    moved: a deadline moves at every wait for admission, and hundreds do whenever this machine was late.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._outer: Deadline | None = None
        self._listener: DeadlineListener | None = None
        self._held_until = -math.inf
        self._due = math.inf
        self.held = 0.0
        self.is_cut = False

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._loop, self._outer = asyncio.get_running_loop(), DEADLINE.get()
        self._due = self._loop.time() + self._seconds
        # in an empty context: the loop keeps a cancelled timer for a while, and with it the subject's context
        self._timer = self._loop.call_at(self._due, self._ring, context=Context())
        self._token = DEADLINE.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        DEADLINE.reset(self._token)
        self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def tell(self, listener: DeadlineListener) -> None:
        """Report every wait for admission to ``listener``, which may end the probe."""
        self._listener = listener

    def cut(self) -> None:
        """End the work now; later moves have no effect."""
        self.is_cut = True
        self._due = self._loop.time()
        self._end()

    @property
    def expired(self) -> bool:
        """True if the deadline has ended the work."""
        return self._timeout.expired()

    @property
    def left(self) -> float:
        """The seconds until this deadline, or the shared budget, ends the work."""
        own = self._due - self._loop.time()
        return min(own, math.inf if self._listener is None else self._listener.left)

    def hold(self, now: float, seconds: float) -> None:
        """Move the deadline by the part of this wait, from ``now`` on, that no earlier wait covers."""
        self.held += self.move(now, seconds)
        if self._listener is not None:
            self._listener.held(self, self._held_until)
        if self._outer is not None:
            self._outer.hold(now, seconds)

    def move(self, now: float, seconds: float) -> float:
        """Move the deadline for time that is not network time, from ``now`` on; return the seconds added."""
        until = now + seconds
        added = until - max(now, self._held_until)
        if added <= 0 or self.is_cut or self.expired:
            return 0.0
        self._due += added
        self._held_until = until
        return added

    def _ring(self) -> None:
        if self._due > self._loop.time() + _ROUNDING:
            self._timer = self._loop.call_at(self._due, self._ring, context=Context())
        else:
            self._end()

    def _end(self) -> None:
        if not self.expired:
            self._timeout.reschedule(self._loop.time())


INSIDE: ContextVar[bool] = ContextVar("INSIDE", default=False)
"""Whether the running probe measures something inside TSLCD: its names are then looked up there if possible."""
DEADLINE: ContextVar[Deadline | None] = ContextVar("DEADLINE", default=None)


_KEPT = 50_000
"""The number of buckets kept at most, even if none is idle."""
_PREFIX_SHIFTS = {4: 32 - 24, 6: 128 - 48}
_ROUNDING = 1e-6
"""Shorter waits are rounding errors and are skipped."""


def prefix_of(address: IPAddress) -> int:
    """Return the /48 or /24 of an address, as a number among those of its IP version."""
    return int(address) >> _PREFIX_SHIFTS[address.version]


class Bucket:
    """Limits a rate as a token bucket that stores only the time of the next exchange (GCRA), in monotonic seconds."""

    __slots__ = ("_burst", "_due", "_interval")

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1.0 / rate
        self._burst = self._interval * burst
        self._due = 0.0

    def reserve(self, now: float, amount: int) -> float:
        """Take room for ``amount`` exchanges and return the seconds to wait until the burst has room for all."""
        self._due = max(self._due, now) + self._interval * amount
        wait = self._due - self._burst - now
        return wait if wait > _ROUNDING else 0.0


class Buckets:
    """Holds token buckets of one rate and burst by key, as plain numbers: this runs before every packet.

    A bucket that is full again is dropped, as a new one is full: memory grows with current traffic, not with a run.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1.0 / rate
        self._burst = self._interval * burst
        self._due: OrderedDict[int, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def reserve(self, key: int, now: float, amount: int) -> float:
        """Take room for exchanges of a key as ``Bucket.reserve`` does."""
        due = self._due.get(key, 0.0)
        due = (due if due > now else now) + self._interval * amount
        self._due[key] = due
        self._due.move_to_end(key)
        if self._due[next(iter(self._due))] <= now or len(self._due) > _KEPT:
            self._due.popitem(last=False)
        wait = due - self._burst - now
        return wait if wait > _ROUNDING else 0.0

    def delay(self, key: int, now: float, amount: int) -> float:
        """Return the wait in seconds that ``reserve`` would return, without reserving."""
        wait = max(self._due.get(key, 0.0), now) + self._interval * amount - self._burst - now
        return wait if wait > _ROUNDING else 0.0


class Limits:
    """Bounds the rate of exchanges by a Pace. ``clock`` and ``sleep`` are parameters so that tests need not wait."""

    def __init__(
        self, pace: Pace, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._overall = Bucket(pace.packets_per_second, max(1, int(pace.packets_per_second / 10)))
        self._addresses, self._prefixes = (
            {version: Buckets(rate, burst) for version in (4, 6)}
            for rate, burst in (
                (pace.per_address_per_second, pace.per_address_burst),
                (pace.per_prefix_per_second, pace.per_prefix_burst),
            )
        )

    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Wait until ``packets`` exchanges with ``address`` may start."""
        version, number, now = address.version, int(address), self._clock()
        wait = self._addresses[version].reserve(number, now, packets)
        if wait:
            now = await self._hold(wait)
        wait = self._prefixes[version].reserve(prefix_of(address), now, packets)
        if wait:
            now = await self._hold(wait)
        wait = self._overall.reserve(now, packets)
        if wait:
            await self._hold(wait)

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        """Return the seconds until the address's own rate would let ``packets`` exchanges start."""
        return self._addresses[address.version].delay(int(address), self._clock(), packets)

    async def _hold(self, wait: float) -> float:
        """Wait, extend the deadline by it, and return the time afterwards."""
        deadline = DEADLINE.get()
        if deadline is not None:
            deadline.hold(self._clock(), wait)
        await self._sleep(wait)
        return self._clock()
