"""Tests whether a server answers QUIC on a UDP port, by one datagram that begins a connection; none is made."""

from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.exposure import packets
from probes.observations.transport import QuicInitial
from probes.wire.web import quic

_PORT = 443
_KEPT = 64


async def ask_quic(net: Net, rec: Recorder, endpoint: Endpoint) -> QuicInitial:
    """Send the datagram and keep the beginning of its answer."""
    blank = QuicInitial(address=endpoint.address, port=endpoint.port or _PORT, server_name=endpoint.name)
    sent = quic.initial(endpoint.name)

    async def ask() -> QuicInitial:
        got = await packets.ask(blank.address, blank.port, sent, net.setting.timing.dns_udp)
        if got.first is None or quic.is_quic(got.first, sent):
            return replace(blank, reply=(got.first or b"")[:_KEPT], failure=got.failure)
        return replace(blank, failure=Failure(kind=FailureKind.PROTOCOL, detail="an answer that is not QUIC"))

    return await net.step(rec, blank.address, blank, ask)
