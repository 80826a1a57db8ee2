"""Tests whether packets of 1280 bytes, the least that every IPv6 link carries, and of 1500 bytes arrive."""

import errno

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.observations.path import NARROWER
from probes.observations.transport import EchoSeries

SMALL, LEAST, WHOLE = 104, 1280, 1500
COUNT, INTERVAL = 5, 0.2
_ROUTERS = 3
"""Links on a path, each narrower than the one before, that are found one after the other."""
_HEADERS = 48  # IPv6 and ICMPv6


@endpoint_probe(version=4, title="Echo of full size", records=(EchoSeries,), deadline=30.0)
async def path_mtu(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send five echo requests of each size to an IPv6 address; where the smaller is lost, the larger is not tried.

    Where a router says that less fits, or our own link carries less, send requests of the largest size that fits too.
    A size without any reply is sent again, and small requests after it: an outage takes packets of every size.
    """
    if task.endpoint.address.version == 6:
        series = await _sizes(task, net, rec)
        if _is_silent(series):
            await _sent(task, net, rec, SMALL)


async def _sizes(task: EndpointTask, net: Net, rec: Recorder) -> EchoSeries:
    """Send requests of each size, and return the last series."""
    series = await _series(task, net, rec, LEAST)
    if not series.received:
        return series
    series = await _series(task, net, rec, WHOLE)
    for size in NARROWER:  # packets that our own link refuses are not sent
        if _refused_here(series):
            series = await _series(task, net, rec, size)
    for _ in range(_ROUTERS):
        if series.received or series.mtu is None or not LEAST < series.mtu < series.payload_size + _HEADERS:
            break
        series = await _series(task, net, rec, series.mtu)
    return series


async def _series(task: EndpointTask, net: Net, rec: Recorder, size: int) -> EchoSeries:
    series = await _sent(task, net, rec, size)
    return await _sent(task, net, rec, size) if _is_silent(series) else series


async def _sent(task: EndpointTask, net: Net, rec: Recorder, size: int) -> EchoSeries:
    return await net.echo(rec, task.endpoint.address, EchoShape(count=COUNT, interval=INTERVAL, size=size - _HEADERS))


def _is_silent(series: EchoSeries) -> bool:
    """True if nobody told why no reply came."""
    return series.is_silent and series.error is None and series.mtu is None


def _refused_here(series: EchoSeries) -> bool:
    return series.failure is not None and series.failure.errno == errno.EMSGSIZE
