"""Asks which UDP services answer foreign hosts, where the owner authorised the questions."""

import asyncio
from dataclasses import replace

from inventory.model import Clearance, IPAddress
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure import packets
from probes.observations.exposure import DatagramReply
from probes.wire.exposure.amplifiers import REQUESTS

_PATIENCE = 2.5
"""How many times as long the second answer may take."""


@endpoint_probe(version=2, title="UDP services", records=(DatagramReply,), deadline=60.0, clearance=Clearance.INTRUSIVE)
async def datagrams(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one datagram for each service, one after the other; then, at the same time, one more to the silent ones.

    A line that loses datagrams, a server that is busy, or this machine that was, would hide a service that answers
    anyone. The second answer has longer to come.
    """
    address = task.endpoint.address
    replies = [await ask_service(net, rec, address, service) for service in REQUESTS]
    silent = [reply.service for reply in replies if reply.failure and reply.failure.is_silence]
    async with asyncio.TaskGroup() as group:
        for service in silent:
            group.create_task(ask_service(net, rec, address, service, patience=_PATIENCE))


async def ask_service(
    net: Net, rec: Recorder, address: IPAddress, service: str, *, patience: float = 1.0
) -> DatagramReply:
    """Send one request of a service that ``probes.wire.exposure.amplifiers`` knows, over UDP.

    ``patience``: how many times as long as usual to wait for the answer.
    """
    request, seconds = REQUESTS[service], patience * net.setting.timing.dns_udp
    blank = DatagramReply(address=address, port=request.port, service=service, sent=len(request.payload))

    async def ask() -> DatagramReply:
        got = await packets.ask(address, request.port, request.payload, seconds, elsewhere=request.elsewhere)
        return replace(blank, received=got.received, reply=got.first, failure=got.failure)

    return await net.step(rec, address, blank, ask)
