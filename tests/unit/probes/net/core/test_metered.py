"""Tests metered sockets with socket pairs of this process, without any connection."""

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from probes.framework.budget import TAB, Ledger, PeerBounds, PeerUsage, Tab
from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket, OverBudgetError

THERE = ip_address("2001:db8::1")


@pytest.fixture
def step() -> Iterator[Tab]:
    """Yield the account of a running step, whose peers may send ten bytes and take two connections."""
    step = Tab(Ledger(PeerBounds(received=10, connections=2)))
    token = TAB.set(step)
    yield step
    TAB.reset(token)


class Pair:
    """Holds a metered socket, dialled as to ``THERE``, and the other end of it."""

    def __init__(self, kind: int = socket.SOCK_STREAM) -> None:
        near, self.peer = socket.socketpair(socket.AF_UNIX, kind)
        self.sock = Adopted(near, kind)

    def __enter__(self) -> "Pair":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()
        self.peer.close()


class Adopted(MeteredSocket):
    """Uses a descriptor of a socket pair, so that nothing is dialled."""

    def __init__(self, near: socket.socket, kind: int) -> None:
        socket.socket.__init__(self, near.family, kind, 0, near.detach())
        self._account, self._stream = None, kind == socket.SOCK_STREAM
        self.setblocking(False)

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6

    def setsockopt(self, *_: object) -> None:
        """Has no TCP under it."""

    def begin(self) -> None:
        self._open(THERE.packed)


def account(step: Tab) -> PeerUsage:
    return step.ledger.of(THERE.packed)


def test_reading_stops_at_the_last_byte_of_the_budget(step: Tab) -> None:
    with Pair() as pair:
        pair.sock.begin()
        pair.peer.sendall(bytes(25))
        assert len(pair.sock.recv(4)) == 4
        assert len(pair.sock.recv(100)) == 6
        with pytest.raises(OverBudgetError):
            pair.sock.recv(100)
        assert account(step).received == 10
    assert step.excess == "the peer sent more than 10 bytes"


def test_what_waits_on_other_connections_counts_before_it_is_read(step: Tab) -> None:
    with Pair() as first, Pair() as second:
        for pair in (first, second):
            pair.sock.begin()
            pair.peer.sendall(bytes(8))
        assert len(first.sock.recv(100)) == 2
        for pair in (first, second):
            with pytest.raises(OverBudgetError):
                pair.sock.recv(100)
        assert account(step).received == 2
    assert step.excess == "the peer sent more than 10 bytes"


def test_a_connection_that_was_closed_holds_nothing_back(step: Tab) -> None:
    with Pair() as first:
        with Pair() as second:
            for pair in (first, second):
                pair.sock.begin()
            second.peer.sendall(bytes(3))
        assert account(step).received == 3
        first.peer.sendall(bytes(8))
        assert len(first.sock.recv(100)) == 7


def test_reading_into_a_buffer_counts_alike(step: Tab) -> None:
    buffer = bytearray(64)
    with Pair() as pair:
        pair.sock.begin()
        pair.peer.sendall(bytes(25))
        assert pair.sock.recv_into(memoryview(buffer)) == 10
        with pytest.raises(OverBudgetError):
            pair.sock.recv_into(buffer)
    assert step.excess


def test_a_datagram_is_read_whole_and_the_next_one_not_at_all(step: Tab) -> None:
    with Pair(socket.SOCK_DGRAM) as pair:
        pair.sock.begin()
        for _ in range(2):
            pair.peer.send(bytes(25))
        assert len(pair.sock.recvmsg(64)[0]) == 25
        with pytest.raises(OverBudgetError):
            pair.sock.recv(64)
    assert account(step).connections == 0


def test_connections_of_one_peer_share_a_budget(step: Tab) -> None:
    with Pair() as first, Pair() as second:
        for pair, read in ((first, 8), (second, 2)):
            pair.sock.begin()
            pair.peer.sendall(bytes(8))
            assert len(pair.sock.recv(8)) == read


def test_one_connection_too_many_is_not_dialled(step: Tab) -> None:
    with Pair() as first, Pair() as second, Pair() as third:
        first.sock.begin()
        second.sock.begin()
        with pytest.raises(OverBudgetError) as caught:
            third.sock.begin()
    assert faults.from_exception(caught.value).kind is FailureKind.OVER_BUDGET
    assert step.excess == "the peer took more than 2 connections"


def test_a_later_step_is_refused_what_an_earlier_one_used_up(step: Tab) -> None:
    account(step).take(11)
    later = Tab(step.ledger)
    token = TAB.set(later)
    try:
        with Pair() as pair, pytest.raises(OverBudgetError):
            pair.sock.begin()
    finally:
        TAB.reset(token)
    assert (later.excess, step.excess) == ("the peer sent more than 10 bytes", "")


def test_what_was_never_read_counts_when_a_connection_closes(step: Tab) -> None:
    with Pair() as pair:
        pair.sock.begin()
        pair.peer.sendall(bytes(25))
        assert len(pair.sock.recv(4)) == 4
    assert account(step).received == 25
    assert account(step).excess


async def test_the_event_loop_reads_it_as_any_other(step: Tab) -> None:
    loop = asyncio.get_running_loop()
    with Pair() as pair:
        pair.sock.begin()
        pair.peer.sendall(bytes(10))
        assert len(await loop.sock_recv(pair.sock, 64)) == 10
        with pytest.raises(OverBudgetError):
            await loop.sock_recv(pair.sock, 64)


def test_refused_connect_counts_as_a_connection_without_bytes(step: Tab) -> None:
    with Pair() as pair:
        pair.sock.begin()
        pair.sock.discard()
        assert pair.sock.fileno() < 0
    assert (account(step).connections, account(step).received) == (1, 0)
