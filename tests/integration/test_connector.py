"""Tests connects of the connector on real sockets: answered at once or later, refused, silent, cancelled."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import pytest

from probes.framework.budget import TAB, Ledger, Tab
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.tcp import Connector
from tests.support import private_net

pytestmark = pytest.mark.needs_root

HERE = "2001:db8::1"
OPEN, CLOSED, SILENT = 7, 8, 9
FAMILIES = {4: "192.0.2.1", 6: HERE}
SETUP = f"""ip addr add {FAMILIES[4]}/32 dev lo
ip -6 addr add {HERE}/128 dev lo nodad
nft add table inet t
nft add chain inet t i '{{ type filter hook input priority 0; }}'
nft add rule inet t i tcp dport {SILENT} drop
"""
LONG = 300.0


def inside(main: Callable[[Connector], Awaitable[None]], seconds: float = LONG) -> None:
    """Run with a connector, and servers that greet on the open and on the silent port."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    async def opened() -> None:
        connector = Connector(seconds)
        async with (
            await asyncio.start_server(greet, list(FAMILIES.values()), OPEN),
            await asyncio.start_server(greet, list(FAMILIES.values()), SILENT),
        ):
            await main(connector)
        connector.close()

    private_net.run(SETUP, opened)


async def let_in() -> None:
    """Remove the rules that drop packets."""
    process = await asyncio.create_subprocess_exec("nft", "flush", "chain", "inet", "t", "i")
    assert await process.wait() == 0


async def refusal(connector: Connector, port: int, address: str = HERE) -> tuple[FailureKind, int | None]:
    with pytest.raises(faults.Fault) as caught:
        await connector.connect(ip_address(address), port)
    return caught.value.failure.kind, caught.value.failure.errno


@pytest.mark.parametrize("version", [4, 6])
def test_connect_of_an_open_port_gives_a_socket_to_that_address(version: int) -> None:
    async def main(connector: Connector) -> None:
        with await connector.connect(ip_address(FAMILIES[version]), OPEN) as sock:
            assert sock.getpeername()[:2] == (FAMILIES[version], OPEN)
            assert await asyncio.get_running_loop().sock_recv(sock, 64) == b"hello"

    inside(main)


@pytest.mark.parametrize("version", [4, 6])
def test_connect_of_a_closed_port_is_refused(version: int) -> None:
    async def main(connector: Connector) -> None:
        kind = await refusal(connector, CLOSED, FAMILIES[version])
        assert kind == (FailureKind.REFUSED, errno.ECONNREFUSED)

    inside(main)


def test_connect_of_a_silent_port_times_out() -> None:
    async def main(connector: Connector) -> None:
        assert await refusal(connector, SILENT) == (FailureKind.TIMEOUT, None)

    inside(main, 0.3)


def test_connect_without_a_route_is_a_failure_of_ours() -> None:
    async def main(connector: Connector) -> None:
        assert await refusal(connector, OPEN, "2001:db8:5::1") == (FailureKind.NO_ROUTE_HERE, errno.ENETUNREACH)

    inside(main)


def test_connect_of_a_mapped_address_never_goes_over_ipv4() -> None:
    async def main(connector: Connector) -> None:
        assert await refusal(connector, OPEN, f"::ffff:{FAMILIES[4]}") == (FailureKind.NO_ROUTE_HERE, errno.ENETUNREACH)

    inside(main)


def test_connect_that_is_answered_later_is_connected() -> None:
    async def main(connector: Connector) -> None:
        late = asyncio.create_task(connector.connect(ip_address(HERE), SILENT))
        await asyncio.sleep(0.1)
        assert not late.done()
        await let_in()
        with await late as sock:
            assert await asyncio.get_running_loop().sock_recv(sock, 64) == b"hello"

    inside(main)


def test_cancelled_connect_leaves_its_descriptor_to_the_next() -> None:
    async def main(connector: Connector) -> None:
        first = asyncio.create_task(connector.connect(ip_address(HERE), SILENT))
        await asyncio.sleep(0.1)
        first.cancel()
        await asyncio.wait([first])
        second = asyncio.create_task(connector.connect(ip_address(HERE), SILENT))
        await asyncio.sleep(0.1)
        await let_in()
        with await second as sock:
            assert await asyncio.get_running_loop().sock_recv(sock, 64) == b"hello"

    inside(main)


def test_dials_tell_of_each_port_what_became_of_it() -> None:
    async def main(connector: Connector) -> None:
        loop = asyncio.get_running_loop()
        found: dict[int, socket.socket | Failure] = {}
        with connector.dials() as dials:
            for port in (OPEN, CLOSED, SILENT):
                dials.begin(ip_address(HERE), port)
            while len(found) < 3:
                await dials.wait()
                found.update(dials.settled())
            sock = found[OPEN]
            assert isinstance(sock, socket.socket)
            assert await loop.sock_recv(sock, 64) == b"hello"
        assert sock.fileno() < 0
        failures = {port: outcome.kind for port, outcome in found.items() if isinstance(outcome, Failure)}
        assert failures == {CLOSED: FailureKind.REFUSED, SILENT: FailureKind.TIMEOUT}

    inside(main, 0.3)


def test_dials_that_end_early_leave_no_socket_and_are_told_of_nothing() -> None:
    async def main(connector: Connector) -> None:
        before = len(os.listdir("/proc/self/fd"))
        with connector.dials() as dials:
            dials.begin(ip_address(HERE), OPEN)
            dials.begin(ip_address(HERE), SILENT)
        await let_in()
        with await connector.connect(ip_address(HERE), SILENT) as sock:  # reuses the descriptor of one of them
            assert await asyncio.get_running_loop().sock_recv(sock, 64) == b"hello"
        assert [port for port, _ in dials.settled()] in ([], [OPEN])
        await asyncio.sleep(0.1)
        assert len(os.listdir("/proc/self/fd")) <= before + 2  # an epoll, and a socket that a server has not closed yet

    inside(main)


def test_dials_note_where_there_is_no_route() -> None:
    async def main(connector: Connector) -> None:
        with connector.dials() as dials:
            dials.begin(ip_address("2001:db8:5::1"), OPEN)
            ((port, failure),) = dials.settled()
        assert port == OPEN
        assert isinstance(failure, Failure)
        assert failure.kind is FailureKind.NO_ROUTE_HERE

    inside(main)


def test_connections_and_bytes_are_counted_on_the_account_of_the_peer() -> None:
    async def main(connector: Connector) -> None:
        step = Tab(Ledger())
        token = TAB.set(step)
        address, loop = ip_address(HERE), asyncio.get_running_loop()
        await refusal(connector, CLOSED)
        with await connector.connect(address, OPEN) as sock:
            assert await loop.sock_recv(sock, 64) == b"hello"
        with await connector.connect(address, OPEN) as sock:
            await _unread(sock)
        TAB.reset(token)
        account = step.ledger.of(address.packed)
        assert (account.connections, account.received) == (3, 10)

    inside(main)


async def _unread(sock: socket.socket) -> None:
    """Wait until the socket is readable, without reading."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sock, readable.set)
    await readable.wait()
    loop.remove_reader(sock)
