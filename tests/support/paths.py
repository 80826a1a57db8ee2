"""Runs inside a rehearsal: our path engines on the network as it is, printed as JSON.

python -m tests.support.paths trace PROTOCOL ADDRESS…      {address: [[source or null, …] of each hop]}
python -m tests.support.paths pmtud MTU ADDRESS…           {address: [ended, heeded, errors sent, unheeded early]}
python -m tests.support.paths segment SIZE ADDRESS…        {address: [failure or null, mtu]}
python -m tests.support.paths tunnel PROTOCOL ADDRESS…     {address: answer, or why there is none}
python -m tests.support.paths echo SIZE ADDRESS…           {address: [received, error, mtu]}
"""

import asyncio
import json
import sys
import time
from ipaddress import ip_address

from inventory.model import Endpoint, written
from inventory.scope import Scope
from probes.framework.ended_or import ended_or
from probes.framework.limits import Limits
from probes.framework.profile import QUICK, Pace
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape
from probes.net.dns.hints import RootHints, parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.raw.forwarding import send_tunnelled
from probes.net.raw.program import EarlyNotices
from probes.net.raw.requests import PmtudTrial, connect_narrowly
from probes.net.raw.traceroute import trace_path
from probes.net.setting import Setting
from probes.net.tls.segments import send_segment

HINTS: RootHints = parse_hints(". NS a\na A 192.0.2.1")


async def measured(what: str, how: str, addresses: list[str]) -> dict[str, object]:
    setting = Setting(
        scope=Scope(documentation=True),
        limits=Limits(Pace(per_address_per_second=10_000.0), clock=time.monotonic),
        timing=QUICK,
        names=Source(hints=HINTS),
        strict=True,
    )
    rec = Recorder(time.monotonic)
    found: dict[str, object] = {}
    async with KernelNet(setting) as net:
        for text in addresses:
            address = ip_address(text)
            if what == "trace":
                port = 80 if how == "tcp" else 33_434
                trace = await trace_path(net, rec, Endpoint(address=address, port=port), how)
                hops: dict[int, list[str | None]] = {}
                for one in trace.probes:
                    hops.setdefault(one.hop, []).append(None if one.source is None else written(one.source))
                found[text] = list(hops.values()) if trace.failure is None else trace.failure.detail
            elif what == "pmtud":
                trial = PmtudTrial(mtu=int(how), tls=False, path="/ban-do.svg", wait=4.0)
                ahead, http = EarlyNotices(), Endpoint(address=address, port=80, name="www.example.vn")
                async with asyncio.TaskGroup() as group:
                    task = group.create_task(connect_narrowly(net, rec, http, trial, ahead=ahead))
                    await ended_or(task, ahead.unheeded)
                    early = not task.done()
                flow = task.result()
                found[text] = [flow.ended, flow.heeded is not None, flow.errors_sent, early]
            elif what == "tunnel":
                entry = await send_tunnelled(net, rec, address, how)
                found[text] = entry.answer if entry.failure is None else entry.failure.kind.value
            elif what == "segment":
                step = await send_segment(
                    net, rec, Endpoint(address=address, port=443, name="www.example.vn"), int(how)
                )
                found[text] = [None if step.failure is None else step.failure.kind.value, step.mtu]
            else:
                series = await net.echo(rec, address, EchoShape(count=3, interval=0.01, size=int(how)))
                found[text] = [series.received, series.error, series.mtu]
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(sys.argv[1], sys.argv[2], sys.argv[3:]))))
