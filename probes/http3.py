"""Tests whether QUIC answers where a site is served over HTTPS, by one first packet to an address."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.http.quic import ask_quic
from probes.observations.transport import QuicInitial


@endpoint_probe(
    version=1,
    title="First packet of QUIC for HTTP/3",
    records=(QuicInitial,),
    services=frozenset({"https"}),
    retry="datagram",
    deadline=20.0,
)
async def http3(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for QUIC at the port of HTTPS, whether HTTP/3 is announced or not.

    The announcement comes with the page, and any answer shows that such packets get out from here.
    """
    await ask_quic(net, rec, task.endpoint)
