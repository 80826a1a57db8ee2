"""Tests reading from a socket that is registered with the selector only once."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from probes.net.core.reader import Inflow


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the calls by which the event loop's selector is changed."""
    loop: Any = asyncio.get_running_loop()
    names: list[str] = []
    for name in ("register", "modify", "unregister"):
        real = getattr(loop._selector, name)

        def telling(*args: Any, name: str = name, real: Any = real) -> Any:
            names.append(name)
            return real(*args)

        monkeypatch.setattr(loop._selector, name, telling)
    return names


def _count_looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return a list that gains an entry each time the event loop polls its selector."""
    loop: Any = asyncio.get_running_loop()
    real, looks = loop._selector.select, list[None]()

    def select(*args: Any) -> Any:
        looks.append(None)
        return real(*args)

    monkeypatch.setattr(loop._selector, "select", select)
    return looks


async def test_the_selector_is_told_once_and_forgets_it_again(
    ends: tuple[socket.socket, socket.socket], told: list[str]
) -> None:
    inflow = Inflow(ends[0])
    for part in (b"one", b"two", b"three"):
        asyncio.get_running_loop().call_later(0.01, ends[1].send, part)
        assert await inflow.more(100) == part
    assert told == ["register"]
    inflow.stop()
    inflow.stop()
    assert told == ["register", "unregister"]


async def test_what_is_there_is_read_and_so_is_the_end(ends: tuple[socket.socket, socket.socket]) -> None:
    inflow = Inflow(ends[0])
    ends[1].send(b"12345")
    assert [await inflow.more(4), await inflow.more(4)] == [b"1234", b"5"]
    ends[1].close()
    assert await inflow.more(4) == b""
    inflow.stop()


async def test_what_nobody_waits_for_keeps_the_loop_at_rest(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    inflow = Inflow(ends[0])
    asyncio.get_running_loop().call_later(0.01, ends[1].send, b"one")
    assert await inflow.more(100) == b"one"
    looks = _count_looks(monkeypatch)
    ends[1].send(b"two")
    await asyncio.sleep(0.05)
    assert len(looks) <= 4
    assert await inflow.more(100) == b"two"
    inflow.stop()


async def test_of_many_sockets_the_selector_is_told_of_one(told: list[str]) -> None:
    pairs = [socket.socketpair() for _ in range(20)]
    for ours, _ in pairs:
        ours.setblocking(False)
    inflows = [Inflow(ours) for ours, _ in pairs]
    waits = [asyncio.ensure_future(inflow.more(4)) for inflow in inflows]
    await asyncio.sleep(0)
    for number, (_, theirs) in enumerate(pairs):
        theirs.send(bytes([number]))
    assert await asyncio.gather(*waits) == [bytes([number]) for number in range(20)]
    for inflow in inflows[:19]:
        inflow.stop()
    assert told == ["register"]
    inflows[19].stop()
    assert told == ["register", "unregister"]
    for pair in pairs:
        for end in pair:
            end.close()


async def test_one_that_is_closed_before_its_end_takes_no_other_with_it(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    inflow = Inflow(ends[0])
    ends[1].send(b"one")
    assert await inflow.more(4) == b"one"
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    gone = Inflow(ours)
    theirs.send(b"here")
    assert await gone.more(4) == b"here"
    ours.close()
    theirs.close()
    gone.stop()
    ends[1].send(b"two")
    assert await inflow.more(4) == b"two"
    inflow.stop()


async def test_a_wait_that_was_given_up_harms_nobody(ends: tuple[socket.socket, socket.socket]) -> None:
    inflow = Inflow(ends[0])
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await inflow.more(4)
    ends[1].send(b"late")
    await asyncio.sleep(0.01)
    assert await inflow.more(4) == b"late"
    inflow.stop()


async def test_a_reset_is_an_error() -> None:
    with (
        socket.create_server(("::1", 0), family=socket.AF_INET6) as server,
        socket.create_connection(server.getsockname()[:2]) as ours,
    ):
        ours.setblocking(False)
        inflow = Inflow(ours)
        theirs, _ = server.accept()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        theirs.close()
        with pytest.raises(ConnectionResetError):
            await inflow.more(4)
        inflow.stop()
