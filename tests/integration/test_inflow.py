"""Reading from a socket that the selector is told of once."""

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
    """What the event loop's selector was told, by name."""
    loop: Any = asyncio.get_running_loop()
    names: list[str] = []
    for name in ("register", "modify", "unregister"):
        real = getattr(loop._selector, name)

        def telling(*args: Any, name: str = name, real: Any = real) -> Any:
            names.append(name)
            return real(*args)

        monkeypatch.setattr(loop._selector, name, telling)
    return names


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
    ends: tuple[socket.socket, socket.socket], told: list[str]
) -> None:
    inflow = Inflow(ends[0])
    asyncio.get_running_loop().call_later(0.01, ends[1].send, b"one")
    assert await inflow.more(100) == b"one"
    ends[1].send(b"two")
    await asyncio.sleep(0.05)
    assert told == ["register", "unregister"]
    assert await inflow.more(100) == b"two"
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
