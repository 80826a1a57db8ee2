"""Remembers for a while which marks arrived and from which source, and tells it to those that know the nonce.

Bounded: nonces, arrivals of each, seconds. Foreign packets can make it forget, never make it report an arrival that did
not happen.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from inventory.model import IPAddress
from probes.net.respond.reflector import Arrived
from probes.wire.path import arrivals
from probes.wire.path.arrivals import Arrival

NONCES = 1_000
SECONDS = 120.0


@dataclass(slots=True, kw_only=True)
class _MarkCopies:
    since: float
    copies: dict[tuple[int, IPAddress], int] = field(default_factory=dict)


class MarkCounter:
    """Counts marks for all sockets of a receiver. ``receive`` is an Answer of ``reflector.UdpReflector``."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, _MarkCopies] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def receive(self, arrived: Arrived) -> bytes:
        """Note a mark, which gets no reply; answer a question."""
        marked = arrivals.read_mark(arrived.data)
        if marked is not None and arrived.sender is not None:
            self._note(*marked, arrived.sender, arrived.at)
            return b""
        nonce = arrivals.read_question(arrived.data)
        return b"" if nonce is None else arrivals.answer(nonce, self._of(nonce, arrived.at))

    def _note(self, nonce: bytes, label: int, source: IPAddress, now: float) -> None:
        self._forget(now)
        seen = self._seen.setdefault(nonce, _MarkCopies(since=now))
        key = (label, source)
        if key in seen.copies or len(seen.copies) < arrivals.MOST:
            seen.copies[key] = seen.copies.get(key, 0) + 1
        if len(self._seen) > NONCES:
            self._seen.popitem(last=False)

    def _of(self, nonce: bytes, now: float) -> tuple[Arrival, ...]:
        self._forget(now)
        seen = self._seen.get(nonce)
        copies = {} if seen is None else seen.copies
        return tuple(Arrival(label=label, source=source, copies=n) for (label, source), n in copies.items())

    def _forget(self, now: float) -> None:
        while self._seen and next(iter(self._seen.values())).since < now - SECONDS:
            self._seen.popitem(last=False)
