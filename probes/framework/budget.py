"""Limits what one peer may make us take: bytes and connections, whatever layer they come in.

A peer is one address as one subject of a run leads to it: name servers and mail hosts that serve many subjects have a
budget for each, and a subject that runs over at one address is still measured at its others. ``Net`` counts where it
opens and reads sockets, so that no protocol can forget to. What asks for much on purpose has accounts of its own
(``Apart``); tests of throughput are bounded by what the operator allows and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind

BYTES = 1_400_000
"""Read by us; with headers of packets and what was still under way at the end that is less than ``ON_THE_WIRE``."""
ON_THE_WIRE = 2_000_000
CONNECTIONS = 300
TRANSFER_BYTES = 1_400_000
"""Of the objects that large transfers fetch: six candidates below 100 kB, and three of 256 kB."""
COPY_BYTES = 1_050_000
"""Of the copies of a landing page that was read to its end: two of 500 kB."""
SHEET_BYTES = 650_000
"""Of the style sheets of a landing page: four of 150 kB."""


@dataclass(frozen=True, slots=True)
class PeerBounds:
    """The bounds of one account."""

    received: int = BYTES
    connections: int = CONNECTIONS
    window: int = 32_768
    """Bytes that may wait for us on one connection, as many as the kernel likes where it is 0: what was not read when
    it closes was sent all the same."""


PEER = PeerBounds()


class Apart(Enum):
    """What is counted by itself, so that nothing else of a peer goes unmeasured for it."""

    TRANSFERS = PeerBounds(received=TRANSFER_BYTES, window=65_536)
    COPIES = PeerBounds(received=COPY_BYTES)
    SHEETS = PeerBounds(received=SHEET_BYTES)


class PeerUsage:
    """What one peer has made us take so far. ``excess`` says what it ran over, empty while it did not."""

    __slots__ = ("__weakref__", "_bounds", "connections", "excess", "left")

    def __init__(self, bounds: PeerBounds) -> None:
        self._bounds = bounds
        self.left = bounds.received
        self.connections = 0
        self.excess = ""

    @property
    def window(self) -> int:
        return self._bounds.window

    @property
    def received(self) -> int:
        return self._bounds.received - self.left

    def connect(self) -> bool:
        """Count one connection; False where there may be no more of this peer."""
        if self.connections >= self._bounds.connections:
            self.excess = self.excess or f"the peer took more than {self._bounds.connections} connections"
        self.connections += 1
        return not self.excess

    def take(self, size: int) -> bool:
        """Count what came; False where that is more than is taken of this peer."""
        self.left -= size
        if self.left < 0:
            self.exhaust()
        return not self.excess

    def exhaust(self) -> None:
        """More came than is taken."""
        self.excess = self.excess or f"the peer sent more than {self._bounds.received} bytes"


class Ledger:
    """The accounts of the peers of one subject; ``apart`` has those of what is counted by itself."""

    __slots__ = ("_accounts", "_apart", "_bounds")

    def __init__(self, bounds: PeerBounds = PEER) -> None:
        self._bounds = bounds
        self._accounts: dict[bytes, PeerUsage] = {}
        self._apart: dict[Apart, Ledger] = {}

    def of(self, packed: bytes) -> PeerUsage:
        """Return the account of one address, in its packed form."""
        account = self._accounts.get(packed)
        if account is None:
            account = self._accounts[packed] = PeerUsage(self._bounds)
        return account

    def apart(self, kind: Apart) -> "Ledger":
        if kind not in self._apart:
            self._apart[kind] = Ledger(kind.value)
        return self._apart[kind]

    def accounts(self) -> Iterator[tuple[bytes, PeerUsage]]:
        """Every account by its address, those of what is counted by itself last."""
        yield from self._accounts.items()
        for ledger in self._apart.values():
            yield from ledger.accounts()


class Tab:
    """One step of a probe against a ledger: ``excess`` says that something of it was refused, and why."""

    __slots__ = ("excess", "ledger")

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.excess = ""


LEDGER: ContextVar[Ledger | None] = ContextVar("LEDGER", default=None)
"""Of the subject that is being measured; without one each step has a ledger of its own."""
TAB: ContextVar[Tab | None] = ContextVar("TAB", default=None)


def over_budget(excess: str) -> Failure:
    """What ends the measuring of a peer that takes more than one may."""
    return Failure(kind=FailureKind.OVER_BUDGET, detail=excess)


def tab() -> Tab:
    """Of the step that runs; a new one where none does."""
    return TAB.get() or Tab(LEDGER.get() or Ledger())


def account_of(address: IPAddress) -> PeerUsage:
    """Return the account of one address in the step that runs."""
    return tab().ledger.of(address.packed)


@contextmanager
def counted_apart(to: Apart | Ledger) -> Iterator[None]:
    """Count what is opened within on a ledger of its own: one of the subject's, or one that is given."""
    outer = tab()
    inner = Tab(outer.ledger.apart(to) if isinstance(to, Apart) else to)
    token = TAB.set(inner)
    try:
        yield
    finally:
        TAB.reset(token)
        outer.excess = outer.excess or inner.excess
