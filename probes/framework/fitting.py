"""Adapts connections to the vantage's own path if packets of full size do not pass it."""

import asyncio
from collections.abc import Mapping

from inventory.model import IPAddress
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.transport import EchoSeries
from probes.observations.vantage import FittedSegments

LEAST, WHOLE = 1280, 1500


async def fit_connections(
    net: Net,
    rec: Recorder,
    whole: Mapping[IPAddress, asyncio.Task[EchoSeries]],
    passed: Mapping[int, asyncio.Event],
    fitted: asyncio.Event,
) -> None:
    """Adapt connections if full packets come back from no control and a router reports an MTU.

    ``whole`` are series of full size to the controls, ``passed`` is set at the first reply of an IP version;
    ``fitted`` is set at the end in any case.
    """
    for version in (6, 4):
        tried = [task for address, task in whole.items() if address.version == version]
        if not await _ended_in_vain(tried, passed[version]):
            continue
        told = [task.result().mtu for task in tried]
        sizes = [mtu for mtu in told if mtu is not None and LEAST <= mtu < WHOLE]
        if sizes:
            net.connector.fit(version, max(sizes))
            rec.record(FittedSegments(family=version, size=max(sizes)), t0=rec.now())
    fitted.set()


async def _ended_in_vain(tried: list[asyncio.Task[EchoSeries]], passed: asyncio.Event) -> bool:
    """Wait for the first reply, or until all have ended; True if there was no reply."""
    for task in tried:
        task.add_done_callback(lambda _: passed.set() if all(other.done() for other in tried) else None)
    if tried:
        await passed.wait()
    return all(task.done() and not task.result().received for task in tried)
