"""Traces the routers on the path to an address, by the crafted-packet program."""

from dataclasses import replace

from inventory.model import Endpoint, written
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.raw import answers, requests
from probes.net.raw.program import Crafted
from probes.observations.traces import PathTrace

HOPS, TRIES = 30, 3
INTERVAL = 0.1
"""Seconds between two packets: ten a second (CHECKS §0.4)."""
_HOP_WAIT = 1.5


async def trace_path(net: Net, rec: Recorder, endpoint: Endpoint, protocol: str) -> PathTrace:
    """Run a Paris traceroute by ``udp``, ``tcp`` or ``icmp`` to a port of an address."""
    port = endpoint.port or 0 if protocol == "icmp" else port_of(endpoint)
    blank = PathTrace(address=endpoint.address, protocol=protocol, port=port)
    return await net.step(rec, endpoint.address, blank, lambda: _traced(net.crafted, blank))


async def _traced(crafted: Crafted, blank: PathTrace) -> PathTrace:
    longest = HOPS * TRIES * INTERVAL + _HOP_WAIT
    answer = await crafted.ask(
        longest + requests.SLACK,
        do="trace",
        to=written(blank.address),
        protocol=blank.protocol,
        port=blank.port or 1,
        hops=HOPS,
        tries=TRIES,
        wait=_HOP_WAIT,
        interval=INTERVAL,
    )
    traced = requests.read(answers.traced, answer)
    return replace(blank, source=traced.source, probes=traced.probes)
