"""Connects to what must not be reached, and sees whether something in between accepts whatever is knocked at."""

from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.exposure import UNUSED
from probes.observations.transport import TcpConnect


async def connect(net: Net, rec: Recorder, endpoint: Endpoint) -> tuple[TcpConnect, bool]:
    """One connect; where it is accepted, another to a port of the same address that nothing uses, and whether that is
    accepted as well: then a SYN proxy or the accelerator of a satellite link accepts, and no way to it is shown."""
    got = await net.tcp(rec, endpoint)
    if got.failure is not None:
        return got, False
    unused = await net.tcp(rec, replace(endpoint, port=UNUSED[-1]))
    return got, unused.failure is None
