"""Runs a tunnel on the path of a vantage: a TUN device that delays packets for a moment in both directions.

A scripted peer, as the one that makes some addresses slow. The fault ``tunnel_uplink`` makes the device and leads all
IPv6 of the vantage through it; packets that do not fit it are answered by the router, as before a real tunnel.
"""

import asyncio
import sys

from containers.rehearsal.peers.slow import hold_back, opened

DEVICE = "detour0"
READY = "ready"


async def run(seconds: float) -> None:
    """Hold packets back until stopped."""
    hold_back(opened(DEVICE), seconds)
    print(READY, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(float(sys.argv[1])))
