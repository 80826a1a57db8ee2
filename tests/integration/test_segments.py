"""Tests full-size TCP packets on real sockets: acknowledged, lost or too large, and the agreed segment size."""

import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core.tcp import Connector
from probes.net.tls import segments
from probes.net.tls.segments import agreed, sent
from probes.observations.path import FullSegment, SegmentSize
from tests.support import private_net

pytestmark = pytest.mark.needs_root

HERE = "2001:db8::1"
SETUP = f"ip -6 addr add {HERE}/128 dev lo nodad\n"
DROPPED = f"""
nft -f - <<'END'
table inet x {{
  chain input {{
    type filter hook input priority 0;
    ip6 daddr {HERE} tcp dport 443 ip6 length > 1200 drop
  }}
}}
END
"""


Send = Callable[[int], Awaitable[FullSegment]]


def inside(main: Callable[[Send], Awaitable[None]], setup: str = SETUP, to: str = HERE) -> None:
    """Call ``main`` with a function that sends one packet of a size to a server that reads nothing."""

    async def opened() -> None:
        connector = Connector(10.0)

        async def send(size: int) -> FullSegment:
            blank = FullSegment(address=ip_address(to), port=443, server_name="www.example.vn", size=size)
            found = await sent(connector, blank)
            assert found.connected
            return found

        with socket.create_server(("::", 443), family=socket.AF_INET6):  # the kernel acknowledges unread data
            await main(send)
        connector.close()

    private_net.run(setup, opened)


def test_what_is_acknowledged_has_arrived() -> None:
    async def main(send: Send) -> None:
        for size in (800, 1280, 1500):
            found = await send(size)
            assert (found.size, found.failure, found.mtu) == (size, None, None)

    inside(main)


def test_what_is_lost_for_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "PATIENCE", 2.0)

    async def main(send: Send) -> None:
        small, large = await send(1200), await send(1280)
        assert small.failure is None
        assert large.failure is not None
        assert (large.failure.kind, large.mtu) == (FailureKind.TIMEOUT, None)

    inside(main, SETUP + DROPPED)


def test_what_is_known_to_fit_is_told_from_our_own_link() -> None:
    async def main(send: Send) -> None:
        found = await send(1500)
        assert (found.failure, found.mtu) == (None, 1400)
        assert (await send(1280)).mtu is None

    inside(main, SETUP + "ip -6 route add local 2001:db8:9::/64 dev lo mtu 1400\n", "2001:db8:9::1")

    async def narrow(send: Send) -> None:
        found = await send(1500)
        assert found.failure is not None
        assert (found.failure.kind, found.failure.detail) == (FailureKind.CUT_SHORT, "too large for our own link")

    inside(narrow, SETUP + "ip link set lo mtu 1400\n")


@pytest.mark.parametrize(("clamped", "told"), [(None, {4: 1460, 6: 1440}), (1220, {4: 1220, 6: 1220})])
@pytest.mark.parametrize("timestamps", [0, 1])
def test_what_the_answer_to_a_syn_agrees_on(clamped: int | None, told: dict[int, int], timestamps: int) -> None:
    async def main() -> None:
        connector = Connector(10.0)
        with socket.socket(socket.AF_INET6) as server:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            if clamped is not None:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, clamped)
            server.bind(("::", 443))
            server.listen()
            for address in ("::1", "127.0.0.1"):
                found = await agreed(connector, SegmentSize(address=ip_address(address), port=443))
                assert (found.mss, found.mtu) == (told[found.address.version], 1_500)
        connector.close()

    private_net.run(f"ip link set lo mtu 1500\nsysctl -qw net.ipv4.tcp_timestamps={timestamps}\n", main)
