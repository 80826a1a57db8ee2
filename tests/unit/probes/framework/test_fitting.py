"""Whether connections are made to fit is known at the first reply of full size, or when every series has ended."""

import asyncio
from ipaddress import ip_address
from typing import cast

from inventory.model import IPAddress
from probes.framework.fitting import fit_connections
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.transport import EchoSeries
from tests.unit.probes.framework.examples import V4, V6

OTHER = ip_address("2001:db8::2")


class _Connector:
    def __init__(self) -> None:
        self.fitted: dict[int, int] = {}

    @property
    def connector(self) -> "_Connector":
        return self

    def fit(self, family: int, size: int) -> None:
        self.fitted[family] = size


def _series(address: IPAddress, *, mtu: int | None = None, rtt: float | None = None) -> EchoSeries:
    return EchoSeries(address=address, interval=0.2, payload_size=1452, rtts=(rtt,), mtu=mtu)


async def test_fit_connections_waits_for_no_series_once_a_reply_came() -> None:
    net, fitted, ends = _Connector(), asyncio.Event(), asyncio.Event()
    passed = {6: asyncio.Event(), 4: asyncio.Event()}

    async def never_ends_first(address: IPAddress) -> EchoSeries:
        passed[address.version].set()
        await ends.wait()
        return _series(address, mtu=1480)

    async with asyncio.TaskGroup() as group:
        whole = {address: group.create_task(never_ends_first(address)) for address in (V6, OTHER, V4)}
        await fit_connections(cast(Net, net), Recorder(lambda: 0.0), whole, passed, fitted)
        ends.set()
    assert fitted.is_set()
    assert net.fitted == {}


async def test_fit_connections_takes_the_widest_size_that_routers_named_where_nothing_came_back() -> None:
    net, fitted = _Connector(), asyncio.Event()
    passed = {6: asyncio.Event(), 4: asyncio.Event()}

    async def lost(address: IPAddress, mtu: int) -> EchoSeries:
        return _series(address, mtu=mtu)

    async with asyncio.TaskGroup() as group:
        whole = {address: group.create_task(lost(address, mtu)) for address, mtu in ((V6, 1400), (OTHER, 1480))}
        await fit_connections(cast(Net, net), Recorder(lambda: 0.0), whole, passed, fitted)
    assert fitted.is_set()
    assert net.fitted == {6: 1480}
