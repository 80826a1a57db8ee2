"""Holds the state of iteration: zone cuts, budgets, caches of a run, and questions that wait for each other."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.dns.classify import ReadAnswer, is_below, is_within

EXCHANGES = 60  # for one lookup, all further lookups that it needs included
DEPTH = 3  # levels of name servers that need the address of another name server
BOTH = frozenset({4, 6})

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Holds a zone with its name servers, as the parent delegates it.

    ``glue`` is all that the referral held; ``addresses`` the trusted part of it: names within the parent.
    """

    zone: str
    parent: str
    servers: tuple[str, ...]
    glue: tuple[tuple[str, IPAddress], ...] = ()
    addresses: tuple[tuple[str, IPAddress], ...]

    def of(self, families: frozenset[int]) -> list[IPAddress]:
        return list(dict.fromkeys(address for _, address in self.addresses if address.version in families))

    def without_address(self, families: frozenset[int]) -> list[str]:
        """Return the name servers that must be looked up first; one below its own zone without glue cannot be."""
        known = {name for name, address in self.addresses if address.version in families}
        return [name for name in self.servers if name not in known and not is_within(name, self.zone)]


def cut_of(referral: ReadAnswer, parent: str) -> Cut:
    believed = tuple(pair for pair in referral.glue if is_within(pair[0], parent))
    return Cut(zone=referral.zone, parent=parent, servers=referral.servers, glue=referral.glue, addresses=believed)


class Exhausted(Exception):
    """Signals that a lookup has used up its questions: the zone is an attack (NXNSAttack), or badly broken."""


EXHAUSTED = Failure(kind=FailureKind.PROTOCOL, detail=f"no end after {EXCHANGES} exchanges")


@dataclass(slots=True)
class Budget:
    left: int = EXCHANGES

    def spend(self) -> None:
        if self.left <= 0:
            raise Exhausted
        self.left -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Holds one lookup under way, or one that serves it; they share the budget and the reason for running."""

    rec: Recorder
    families: frozenset[int] = BOTH
    budget: Budget = field(default_factory=Budget)
    because: str | None = None
    level: int = 0
    seeking: frozenset[str] = frozenset()
    dnssec_ok: bool = False

    def for_server(self, name: str, zone: str) -> "Walk | None":
        """Return the walk that looks up a name server's address; None if it would loop or go too deep."""
        if name in self.seeking or self.level >= 2 * DEPTH:
            return None
        because = f"address of {name} for {zone}"
        seeking = self.seeking | {name}
        return replace(self, because=because, level=self.level + 2, seeking=seeking, dnssec_ok=False)


class Memory(Generic[V]):
    """Maps keys to values that expire, up to a bound; expired entries are removed as others are added."""

    def __init__(self, clock: Callable[[], float], *, size: int = 20_000) -> None:
        self._clock = clock
        self._size = size
        self._held: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        pair = self._held.get(key)
        if pair is None:
            return None
        if pair[0] < self._clock():
            del self._held[key]
            return None
        return pair[1]

    def put(self, key: Hashable, value: V, seconds: float) -> None:
        self._held[key] = (self._clock() + seconds, value)
        self._held.move_to_end(key)
        if len(self._held) > self._size or self._held[next(iter(self._held))][0] < self._clock():
            self._held.popitem(last=False)


class Flights:
    """Lets a lookup wait for another one that is asking the same question already.

    Walks nest: to ask a zone, another walk may have to find its server first. A walk at level n leads flights of that
    level and waits only for flights of its own level or deeper; those that it leads meanwhile are of a lower one. So
    levels rise along every chain of waiting, and there is never a circle.
    """

    def __init__(self) -> None:
        self._open: dict[Hashable, tuple[int, asyncio.Event]] = {}

    async def wait(self, key: Hashable, level: int) -> bool:
        """Wait for the flight of ``key`` if one is open that may be waited for; True if there was one."""
        pair = self._open.get(key)
        if pair is None or pair[0] < level:
            return False
        await pair[1].wait()
        return True

    @contextmanager
    def leading(self, key: Hashable, level: int) -> Iterator[None]:
        """Mark the question as being asked; a no-op if another walk, which could not be waited for, asks already."""
        if key in self._open:
            yield
            return
        landed = asyncio.Event()
        self._open[key] = (level, landed)
        try:
            yield
        finally:
            del self._open[key]
            landed.set()


def ancestors(name: str) -> Iterator[str]:
    """Yield the name itself, then each zone above it, the root last."""
    while name != ".":
        yield name
        name = name.partition(".")[2] or "."
    yield "."


def next_zone(name: str, zone: str) -> str:
    """Return the name one label below ``zone`` on the way to ``name``."""
    if not is_below(name, zone):
        return name
    depth = 0 if zone == "." else zone.count(".") + 1
    return ".".join(name.split(".")[-depth - 1 :])
