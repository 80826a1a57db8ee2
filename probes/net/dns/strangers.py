"""Asks a server, as a client from outside, for a name that is not its own."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import NAME_OF_OTHERS
from probes.wire.dns.messages import sends_to_tcp

QUESTION = DnsQuestion(name=NAME_OF_OTHERS, rtype="A", recursion_desired=True)


async def ask_as_stranger(server: Endpoint, net: Net, rec: Recorder) -> None:
    """Ask by one datagram with recursion desired, and over TCP if the answer only sends there, as rate limits do."""
    exchange = await net.dns(rec, server, QUESTION, "udp")
    if sends_to_tcp(exchange.response):
        await net.dns(rec, server, QUESTION, "tcp")
