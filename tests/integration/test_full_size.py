"""Tests full TCP segments to a control and back on real sockets: all arrive, lost one way, lost the other way."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core.tcp import Clamp, Connector
from probes.net.full_size import transferred
from probes.observations.vantage import FullSizeTransfer
from tests.support import private_net

pytestmark = pytest.mark.needs_root

HERE = {4: "192.0.2.1", 6: "2001:db8::1"}
SETUP = f"ip addr add {HERE[4]}/32 dev lo\nip -6 addr add {HERE[6]}/128 dev lo nodad\nip link set lo mtu 1500\n"


def hole(direction: str) -> str:
    """Return rules that silently drop packets of more than 1400 bytes."""
    chain = "nft add table inet t\nnft add chain inet t i '{ type filter hook input priority 0; }'\n"
    return chain + f"nft add rule inet t i tcp {direction} 7 meta length '>' 1400 drop\n"


def inside(version: int, main: Callable[[FullSizeTransfer], None], setup: str = "", clamp: Clamp | None = None) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while piece := await reader.read(16_384):
            writer.write(piece)

    async def opened() -> None:
        address, connector = ip_address(HERE[version]), Connector(2.0, clamp)
        async with await asyncio.start_server(echo, HERE[version], 7):
            main(await transferred(connector, FullSizeTransfer(address=address, port=7, way="echo")))
            for writer in writers:
                writer.transport.abort()
            await asyncio.sleep(0.05)
        connector.close()

    private_net.run(SETUP + setup, opened)


@pytest.mark.parametrize("version", [4, 6])
def test_all_of_an_echo_comes_back(version: int) -> None:
    def whole(found: FullSizeTransfer) -> None:
        assert found.failure is None
        assert found.sent == found.acknowledged == found.received == 12_000
        assert found.mss is not None
        assert 1_400 < found.mss <= 1_460

    inside(version, whole)


@pytest.mark.parametrize("version", [4, 6])
def test_a_black_hole_on_the_way_there_leaves_it_unacknowledged(version: int) -> None:
    def lost(found: FullSizeTransfer) -> None:
        assert found.failure is not None
        assert found.failure.kind is FailureKind.TIMEOUT
        assert found.acknowledged < found.sent
        assert found.received == 0

    inside(version, lost, hole("dport"))


@pytest.mark.parametrize("direction", ["dport", "sport"])
@pytest.mark.parametrize("version", [4, 6])
def test_connections_that_were_made_to_fit_pass_a_black_hole(version: int, direction: str) -> None:
    def whole(found: FullSizeTransfer) -> None:
        assert found.failure is None
        assert found.sent == found.acknowledged == found.received == 12_000

    clamp = Clamp()
    clamp.fit(version, 1400)
    inside(version, whole, hole(direction), clamp)


def test_connections_of_the_other_family_are_left_alone() -> None:
    def whole(found: FullSizeTransfer) -> None:
        assert found.mss is not None
        assert found.mss > 1_400

    clamp = Clamp()
    clamp.fit(4, 1280)
    inside(6, whole, clamp=clamp)


def test_a_black_hole_on_the_way_back_leaves_it_unanswered() -> None:
    def lost(found: FullSizeTransfer) -> None:
        assert found.failure is not None
        assert found.failure.kind is FailureKind.TIMEOUT
        assert (found.acknowledged, found.received) == (found.sent, 0)

    inside(6, lost, hole("sport"))
