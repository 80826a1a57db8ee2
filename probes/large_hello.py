"""Sends hellos as browsers do to one web address, one in two segments and one in one."""

import asyncio
from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.ended_or import ended_or_lying
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.tls.services import TlsServices
from probes.observations.tls import BrowserHello, HelloAnswer
from probes.wire.tls.large import hello


@endpoint_probe(
    version=2,
    title="TLS hello of more than one segment",
    records=(BrowserHello,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=40.0,
)
async def large_hello(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send the large hello, and the small one directly behind it, or beside it where it gets no answer.

    A large one that had no answer by then is sent once more behind that: then only the size can explain the difference.
    """
    async with asyncio.TaskGroup() as group:
        first = group.create_task(send_hello(net, rec, task.endpoint, protocol="https", large=True))
        await ended_or_lying(first)
        small = await send_hello(net, rec, task.endpoint, protocol="https", large=False)
        if small.taken and not (first.done() and first.result().taken):
            await send_hello(net, rec, task.endpoint, protocol="https", large=True)


async def send_hello(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str, large: bool) -> BrowserHello:
    """Send one hello as a browser sends it, of more than one segment where ``large``."""
    services, wire = net.shared(TlsServices), hello(endpoint.name, large=large)
    blank = BrowserHello(
        address=endpoint.address,
        port=port_of(endpoint),
        server_name=endpoint.name,
        protocol=protocol,
        large=large,
        size=len(wire),
    )

    async def ask() -> BrowserHello:
        async with services.gate(endpoint.address, protocol):
            reply = await services.hellos.send(services.target(endpoint, protocol), wire)
        if reply.hello is not None:
            return replace(blank, answer=HelloAnswer.RETRY if reply.hello.retry else HelloAnswer.HELLO)
        answer = HelloAnswer.NONE if reply.alert is None else HelloAnswer.ALERT
        return replace(blank, answer=answer, failure=reply.failure)

    return await net.step(rec, endpoint.address, blank, ask)
