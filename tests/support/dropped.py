"""Runs inside a rehearsal with privileges: drops them as the command does, and prints the remaining abilities as JSON.

python -m tests.support.dropped ADDRESS
"""

import asyncio
import json
import socket
import sys
import time
from ipaddress import ip_address
from pathlib import Path

from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.limits import Limits
from probes.framework.profile import QUICK, Pace
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.raw import privsep
from probes.net.raw.traceroute import trace_path
from probes.net.setting import Setting
from tests.support.paths import HINTS


def held() -> dict[str, str]:
    """Return the capability sets of this process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Cap")}


def opens_raw() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6).close()
    except PermissionError:
        return False
    return True


async def measured(address: str) -> dict[str, object]:
    setting = Setting(
        scope=Scope(documentation=True),
        limits=Limits(Pace(per_address_per_second=10_000.0), clock=time.monotonic),
        timing=QUICK,
        names=Source(hints=HINTS),
        strict=True,
    )
    rec, to = Recorder(time.monotonic), ip_address(address)
    async with KernelNet(setting) as net:
        trace = await trace_path(net, rec, Endpoint(address=to, port=33_434), "udp")
        echo = await net.echo(rec, to, EchoShape(count=2, interval=0.1, size=56))
        lost = await net.echo(rec, ip_address("2001:db8:dead::1"), EchoShape(count=1, interval=0.1, size=56))
    # The error of a router is heard too, from the error queue of the socket for echo.
    return {"reached": trace.reached, "echo": echo.received, "error": lost.error}


if __name__ == "__main__":
    before = held()["CapEff"]
    privsep.leave_privileges()
    found: dict[str, object] = {"before": before, "after": held(), "opens_raw": opens_raw()}
    print(json.dumps(found | asyncio.run(measured(sys.argv[1]))))
