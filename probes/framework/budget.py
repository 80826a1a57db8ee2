"""Limits the bytes and connections that one peer may cost, over all layers.

A peer is one address for one subject of a run: name servers and mail hosts that serve many subjects have a budget for
each, and a subject that exceeds it at one address is still measured at its others. ``Net`` counts where it opens and
reads sockets, so that no protocol can forget to. Measurements that transfer much on purpose have accounts of their own
(``SeparateAccount``); only the operator's limit bounds tests of throughput.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from weakref import WeakSet

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind

BYTES = 1_400_000
"""The bytes that we read; with packet headers and data in flight at the end they stay below ``ON_THE_WIRE``."""
ON_THE_WIRE = 2_000_000
CONNECTIONS = 300
_MOST_UNREAD = 1 << 17
"""The most bytes that wait on one connection, with the largest of the windows below, which the kernel doubles."""
TRANSFER_BYTES = 1_400_000
"""The bytes of the objects that large transfers fetch: six candidates below 100 kB, and three of 256 kB."""
COPY_BYTES = 1_050_000
"""The bytes of the copies of a landing page that was read to its end: two of 500 kB."""
SHEET_BYTES = 650_000
"""The bytes of the style sheets of a landing page: four of 150 kB."""


@dataclass(frozen=True, slots=True)
class PeerBounds:
    """Holds the bounds of one account."""

    received: int = BYTES
    connections: int = CONNECTIONS
    window: int = 32_768
    """The receive window of a connection in bytes, 0 for the kernel's own; bytes unread at close cost traffic too."""


PEER = PeerBounds()


class SeparateAccount(Enum):
    """Names the traffic with separate accounts, which leave the budget of other measurements untouched."""

    TRANSFERS = PeerBounds(received=TRANSFER_BYTES, window=65_536)
    COPIES = PeerBounds(received=COPY_BYTES)
    SHEETS = PeerBounds(received=SHEET_BYTES)


class UnreadStream(Protocol):
    """Describes an open connection."""

    def unread(self) -> int:
        """Return the number of bytes that the kernel holds for it."""


class PeerUsage:
    """Counts the cost of one peer so far. ``excess`` names the exceeded limit, empty if there is none.

    ``streams``: its open connections, which hold bytes that we have not read yet. ``spent``: its bytes are used up.
    """

    __slots__ = ("__weakref__", "_bounds", "connections", "excess", "left", "spent", "streams")

    def __init__(self, bounds: PeerBounds) -> None:
        self._bounds = bounds
        self.left = bounds.received
        self.connections = 0
        self.excess = ""
        self.spent = False
        self.streams: WeakSet[UnreadStream] = WeakSet()

    @property
    def window(self) -> int:
        return self._bounds.window

    @property
    def received(self) -> int:
        return self._bounds.received - self.left

    def connect(self) -> bool:
        """Count one connection; return False if the peer's limit is exceeded."""
        if self.connections >= self._bounds.connections:
            self.excess = self.excess or f"the peer took more than {self._bounds.connections} connections"
        self.connections += 1
        return not self.excess

    def left_for(self, reader: object) -> int:
        """Return the bytes that a connection may still read; none once the bytes are used up on any of them.

        Near the end of the budget, what waits unread on the other connections has been sent and counts as well. Each
        byte that is read lets the peer send another one.
        """
        if self.spent:
            return 0
        if self.left > len(self.streams) * _MOST_UNREAD:
            return self.left
        return self.left - sum(stream.unread() for stream in list(self.streams) if stream is not reader)

    def take(self, size: int) -> bool:
        """Count received bytes; return False if the peer's limit is exceeded."""
        self.left -= size
        if self.left < 0:
            self.exhaust()
        return not self.excess

    def exhaust(self) -> None:
        """Mark the limit of bytes as exceeded."""
        self.spent = True
        self.excess = self.excess or f"the peer sent more than {self._bounds.received} bytes"


class Ledger:
    """Holds the accounts of the peers of one subject; ``apart`` returns the separate ones."""

    __slots__ = ("_accounts", "_apart", "_bounds")

    def __init__(self, bounds: PeerBounds = PEER) -> None:
        self._bounds = bounds
        self._accounts: dict[bytes, PeerUsage] = {}
        self._apart: dict[SeparateAccount, Ledger] = {}

    def of(self, packed: bytes) -> PeerUsage:
        """Return the account of an address, which is in packed form."""
        account = self._accounts.get(packed)
        if account is None:
            account = self._accounts[packed] = PeerUsage(self._bounds)
        return account

    def apart(self, kind: SeparateAccount) -> "Ledger":
        if kind not in self._apart:
            self._apart[kind] = Ledger(kind.value)
        return self._apart[kind]

    def accounts(self) -> Iterator[tuple[bytes, PeerUsage]]:
        """Yield every account with its address, separate ones last."""
        yield from self._accounts.items()
        for ledger in self._apart.values():
            yield from ledger.accounts()


class Tab:
    """Binds one step of a probe to a ledger; ``excess`` says why part of the step was refused."""

    __slots__ = ("excess", "ledger")

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.excess = ""


LEDGER: ContextVar[Ledger | None] = ContextVar("LEDGER", default=None)
"""The ledger of the subject being measured; without one each step has a new ledger."""
TAB: ContextVar[Tab | None] = ContextVar("TAB", default=None)


def over_budget(excess: str) -> Failure:
    """Return the failure that ends the measuring of a peer that exceeds its budget."""
    return Failure(kind=FailureKind.OVER_BUDGET, detail=excess)


def tab() -> Tab:
    """Return the tab of the running step; a new one if there is none."""
    return TAB.get() or Tab(LEDGER.get() or Ledger())


def account_of(address: IPAddress) -> PeerUsage:
    """Return the account of an address in the running step."""
    return tab().ledger.of(address.packed)


@contextmanager
def counted_apart(to: SeparateAccount | Ledger) -> Iterator[None]:
    """Count all connections opened within on a separate ledger: one of the subject's, or the given one."""
    outer = tab()
    inner = Tab(outer.ledger.apart(to) if isinstance(to, SeparateAccount) else to)
    token = TAB.set(inner)
    try:
        yield
    finally:
        TAB.reset(token)
        outer.excess = outer.excess or inner.excess
