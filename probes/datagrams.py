"""Asks which UDP services answer foreign hosts, where the owner authorised the questions."""

import asyncio
from dataclasses import replace

from inventory.model import Clearance, IPAddress
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure import packets
from probes.observations.exposure import DatagramReply
from probes.wire.exposure.amplifiers import REQUESTS


@endpoint_probe(version=2, title="UDP services", records=(DatagramReply,), deadline=60.0, clearance=Clearance.INTRUSIVE)
async def datagrams(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one datagram for each service, one after the other; then, at the same time, one more to the silent ones.

    A line that loses datagrams would hide a service that answers anyone.
    """
    address = task.endpoint.address
    replies = [await ask_service(net, rec, address, service) for service in REQUESTS]
    silent = [reply.service for reply in replies if reply.failure and reply.failure.kind is FailureKind.TIMEOUT]
    async with asyncio.TaskGroup() as group:
        for service in silent:
            group.create_task(ask_service(net, rec, address, service))


async def ask_service(net: Net, rec: Recorder, address: IPAddress, service: str) -> DatagramReply:
    """Send one request of a service that ``probes.wire.exposure.amplifiers`` knows, over UDP."""
    request, seconds = REQUESTS[service], net.setting.timing.dns_udp
    blank = DatagramReply(address=address, port=request.port, service=service, sent=len(request.payload))

    async def ask() -> DatagramReply:
        got = await packets.ask(address, request.port, request.payload, seconds, elsewhere=request.elsewhere)
        return replace(blank, received=got.received, reply=got.first, failure=got.failure)

    return await net.step(rec, address, blank, ask)
