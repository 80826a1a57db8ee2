"""Connects to peers and reads from them through sockets that count against the budget of the peer.

No reader, neither our code nor asyncio's transports, gets more bytes than its peer has left, and a peer that has used
up its connections is not connected to. A refusal is noted in the step that it belongs to (``budget.Tab``).
"""

import errno
import fcntl
import socket
import sys
import termios
from typing import Any

from probes.framework.budget import TAB, PeerUsage, Tab, over_budget, tab


class OverBudgetError(OSError):
    """Signals that the peer has sent more bytes, or taken more connections, than its budget."""

    def __init__(self, excess: str) -> None:
        super().__init__(excess)
        self.failure = over_budget(excess)


class MeteredSocket(socket.socket):
    """Counts the bytes and connections of an IPv4 or IPv6 socket that is connected to one peer."""

    __slots__ = ("_account", "_stream", "_tab")

    _account: PeerUsage | None
    _tab: Tab

    def __init__(self, family: int, kind: int, protocol: int = 0) -> None:
        super().__init__(family, kind, protocol)
        self._account = None
        self._stream = not kind & socket.SOCK_DGRAM

    def connect(self, address: Any) -> None:
        self._open(_packed(self.family, address))
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        self._open(_packed(self.family, address))
        return super().connect_ex(address)

    def dial(self, packed: bytes, address: Any) -> int:
        """Begin a non-blocking connect like ``connect_ex``; ``packed`` is the host of ``address``."""
        self._open(packed)
        return super().connect_ex(address)

    def ask_again(self, address: Any) -> int:
        """Return the state of the connect that ``dial`` began: 0 if connected, EALREADY while it is under way.

        A host nearby answers before ``dial`` returns, which still reports that the connect is under way.
        """
        number = super().connect_ex(address)
        return 0 if number == errno.EISCONN else number

    def discard(self) -> None:
        """Close a socket after a refused connect: no unread bytes can be waiting on it."""
        if self._account is not None:
            self._account.streams.discard(self)
        super().close()

    def recv(self, size: int, flags: int = 0) -> bytes:
        data = super().recv(self._room(size), flags)
        self._count(len(data))
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        count = super().recv_into(buffer, self._room(nbytes or len(buffer)), flags)
        self._count(count)
        return count

    def recvmsg(self, size: int, ancillary: int = 0, flags: int = 0) -> tuple[bytes, list[Any], int, Any]:
        got = super().recvmsg(self._room(size), ancillary, flags)
        self._count(len(got[0]))
        return got

    def close(self) -> None:
        """Count the bytes that wait unread, because the peer sent them, and close the socket."""
        if self._account is not None and self._stream:
            self._account.take(self.unread())
            self._account.streams.discard(self)
        super().close()

    def unread(self) -> int:
        """Return the number of bytes that the kernel holds for the socket; 0 if it is closed."""
        if self.fileno() < 0:
            return 0
        return int.from_bytes(fcntl.ioctl(self, termios.FIONREAD, bytes(4)), sys.byteorder)

    def _open(self, packed: bytes) -> None:
        """Set the account of the peer and count a connection, which a connected datagram socket is not.

        Raises the error of an exceeded budget.
        """
        opened = tab()
        account = opened.ledger.of(packed)
        self._account, self._tab = account, opened
        if account.excess or (self._stream and not account.connect()):
            raise self._over(account)
        if self._stream:
            account.streams.add(self)
        if self._stream and account.window:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, account.window)  # a buffer that is set does not grow

    def _room(self, size: int) -> int:
        """Return the number of bytes that may be read at once; raise if the peer's budget is used up."""
        account = self._account
        left = size if account is None else account.left_for(self)
        if account is None or size <= left:
            return size
        if left <= 0:
            account.exhaust()
            raise self._over(account)
        return left if self._stream else size  # a datagram is read whole or not at all

    def _count(self, size: int) -> None:
        if self._account is not None:
            self._account.left -= size

    def _over(self, account: PeerUsage) -> OverBudgetError:
        for step in (self._tab, TAB.get()):  # one step may open a socket that another goes on to read
            if step is not None:
                step.excess = account.excess
        return OverBudgetError(account.excess)


def _packed(family: int, address: Any) -> bytes:
    return socket.inet_pton(family, address[0].partition("%")[0])
