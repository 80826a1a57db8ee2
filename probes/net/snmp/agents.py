"""Defines the interface of adapters: one device under one profile.

Bounds and retries stand above it, in ``device.py``. Every call here is one try: a ``Fault`` of kind TIMEOUT if no
answer came in time, PROTOCOL for an unreadable answer, ``Rejected`` if the device states that it does not accept the
credentials.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import putter
from probes.net.core import faults
from probes.net.snmp.profiles import SnmpProfile
from probes.observations.snmp import Varbind

VALUE_LIMIT = 1_024
"""Octets kept of one value."""
Admit = Callable[[], Awaitable[None]]
"""A function that waits until one more datagram may leave for the device."""


class Rejected(faults.Fault):
    """Signals that the credentials are not accepted. The detail never holds them."""

    def __init__(self, detail: str) -> None:
        super().__init__(Failure(kind=FailureKind.PROTOCOL, detail=faults.bounded(detail)))


class Agent(Protocol):
    """Queries one device under one profile. Must not be used by two callers at once."""

    @property
    def engine_id(self) -> bytes | None: ...

    async def open(self) -> None:
        """Prepare version 3 for its first question (RFC 3414 §4); a no-op for the other versions."""
        ...

    async def renew(self) -> bool:
        """Open again if another engine has replaced the one that was open (version 3); return True if one has."""
        ...

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        """Return the objects of ``oids`` that the device has."""
        ...

    def walk(self, root: str, repetitions: int) -> AsyncIterator[list[Varbind]]:
        """Yield the objects below ``root``, those of one answer at a time; ``repetitions`` 1 asks one by one.

        After a TIMEOUT the same step can be retried by asking the iterator again.
        """
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """Makes agents with one library, and keeps its expensive state (master keys, sockets)."""

    @property
    def name(self) -> str: ...

    def agent(self, address: IPAddress, port: int, profile: SnmpProfile, *, wait: float, admit: Admit) -> Agent: ...

    def close(self) -> None: ...


_put_oid, _put_type, _put_value = (putter(Varbind, name) for name in ("oid", "type", "value"))


def _made(oid: str, kind: str, value: str) -> Varbind:
    """Return a Varbind in half the time of its constructor, because walks give thousands."""
    row = Varbind.__new__(Varbind)
    _put_oid(row, oid)
    _put_type(row, kind)
    _put_value(row, value)
    return row


def varbind(oid: str, value: object) -> Varbind:
    """Return a value of either library in the one form that evidence has."""
    if type(value) is int:
        return _made(oid, "int", str(value))
    if isinstance(value, bytes):
        if len(value) > VALUE_LIMIT:
            return _made(oid, "cut", value[:VALUE_LIMIT].hex())
        return _made(oid, "octets", value.hex())
    if isinstance(value, int):
        return _made(oid, "int", str(int(value)))
    if isinstance(value, str):
        return _made(oid, "ip" if _is_ipv4(value) else "oid", value)
    return _made(oid, "null", "" if value is None else faults.bounded(str(value)))


class WalkPlace:
    """Holds the position of a walk below ``root``.

    Agents must give objects in rising order (RFC 3416 §4.2.2); one that does not may repeat them for ever, and the
    objects that it leaves out look as if they did not exist.
    """

    def __init__(self, root: str) -> None:
        self._below = f"{root}."
        self.last = _numbers(root)
        self.over = False

    def take(self, objects: Sequence[tuple[str, object]], *, ended: bool = False) -> list[Varbind]:
        """Return the rows of one answer below the root; set ``over`` if there are no more.

        Raises Fault for objects that are not behind those before them. Only the first and the last row, and the object
        that follows them, are checked: the next question starts there, and a wrong row between two right ones does no
        harm.
        """
        if not objects and not ended:
            raise faults.fault(FailureKind.PROTOCOL, "an answer without objects")
        rows, behind = self._below_root(objects)
        self.over = ended or behind is not None or not rows
        ends = [row.oid for row in (rows[:1] + rows[1:][-1:])]
        for oid in ends if behind is None else [*ends, behind]:
            numbers = _numbers(oid)
            if numbers <= self.last:
                raise faults.fault(FailureKind.PROTOCOL, "objects out of order")
            self.last = numbers
        return rows

    def _below_root(self, objects: Iterable[tuple[str, object]]) -> tuple[list[Varbind], str | None]:
        """Return the rows before the first that is not below the root, and the OID of that one, None if all are.

        Integers, most of the values in walks, are made here to save another call for each.
        """
        rows, below = list[Varbind](), self._below
        for oid, value in objects:
            if not oid.startswith(below):
                return rows, oid
            if type(value) is int:
                row = Varbind.__new__(Varbind)
                _put_oid(row, oid)
                _put_type(row, "int")
                _put_value(row, str(value))
                rows.append(row)
            else:
                rows.append(varbind(oid, value))
        return rows, None


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


@lru_cache(maxsize=4_096)  # many devices give the same OIDs, so their kind is cached
def _is_ipv4(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) <= 255 for part in parts)
