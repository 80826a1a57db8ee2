"""Asks a device about the state of its own interface by ICMPv6 PROBE (RFC 8335)."""

import re

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.raw.requests import send_crafted
from probes.observations.path import CraftedExchange

TRIES = 2
MOST = 4
"""The largest number of interfaces asked about."""
_SAYABLE = re.compile(r"[!-~]{1,63}")
"""Names of interfaces that fit into the question."""


@endpoint_probe(version=1, title="State of an interface by ICMPv6 PROBE", records=(CraftedExchange,), deadline=30.0)
async def probe_8335(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask about the interfaces that the inventory declares as uplinks, by name, or else the one that holds the address.

    Only for devices.
    """
    if task.endpoint.address.version != 6 or task.device is None:
        return
    names = [name for name in task.device.uplinks if _SAYABLE.fullmatch(name)]
    for name in names[:MOST] or [""]:
        for _ in range(TRIES):
            exchange = await send_crafted(net, rec, task.endpoint.address, "probe-8335", name)
            if exchange.answer is not None:
                break
