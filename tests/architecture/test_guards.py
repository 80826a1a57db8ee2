"""The guards in tests/conftest.py must bite, or every promise resting on them is empty."""

import asyncio
import socket
import time
from datetime import UTC, datetime

import pytest

from tests.conftest import FROZEN_NOW

Refused = pytest.fail.Exception


def test_internet_sockets_are_refused() -> None:
    for family in (socket.AF_INET, socket.AF_INET6):
        with pytest.raises(Refused):
            socket.socket(family, socket.SOCK_DGRAM)
    with pytest.raises(Refused):
        socket.create_connection(("192.0.2.1", 9))


def test_name_resolution_is_refused() -> None:
    with pytest.raises(Refused):
        socket.getaddrinfo("localhost", 80)


async def test_asyncio_works_but_cannot_connect() -> None:
    left, right = socket.socketpair()
    left.close()
    right.close()
    await asyncio.sleep(0)
    with pytest.raises(Refused):
        await asyncio.get_running_loop().create_connection(asyncio.Protocol, "192.0.2.1", 9)


def test_the_clock_stands_still() -> None:
    assert datetime.now(UTC) == FROZEN_NOW
    assert time.time() == FROZEN_NOW.timestamp()


@pytest.mark.real_clock
def test_the_clock_runs_where_asked() -> None:
    assert datetime.now(UTC) > FROZEN_NOW
