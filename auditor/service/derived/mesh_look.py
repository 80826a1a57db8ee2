"""Measures the path to another vantage: echo, TCP ports, full packets, DNS and the route itself."""

from collections.abc import Sequence

from inventory.model import Endpoint, IPAddress, Service
from probes.framework.evidence import Attribution, Failure
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape, Net
from probes.net.raw.traceroute import trace_path
from probes.observations.path import FULL_PACKET, LEAST, NARROWER
from probes.observations.transport import EchoSeries

ECHO = EchoShape(count=20, interval=0.05, size=56, together=True)
DNS = "dns"
"""The name of the service of a vantage on which it answers DNS."""
_QUESTION = DnsQuestion(name=".", rtype="NS")
_HEADERS = {6: 48, 4: 28}  # IP and ICMP
_COPIES = 3
_TRACED = (("udp", 33_434), ("icmp", 7))
"""Protocols and ports of two flows: a filter may drop only one, and load balancing may route them apart."""


class PeerMeasurement:
    """Measures once the addresses that one vantage has in one family. ``ours``: a step failed on our side."""

    def __init__(self, net: Net, rec: Recorder) -> None:
        self._net, self._rec = net, rec
        self._echoes: list[EchoSeries] = []
        self._failures: list[Failure | None] = []
        self._reached = False

    @property
    def rtts(self) -> Sequence[float | None]:
        """The delays of the addresses that answered echo, or of the first one if none did."""
        counted = [series for series in self._echoes if series.received] or self._echoes[:1]
        return [rtt for series in counted for rtt in series.rtts]

    @property
    def answered(self) -> bool:
        return self._reached or any(rtt is not None for rtt in self.rtts)

    @property
    def ours(self) -> bool:
        return any(failure is not None and failure.kind.attribution is Attribution.OURS for failure in self._failures)

    async def run(self, addresses: Sequence[IPAddress], services: Sequence[Service]) -> None:
        """Measure one address after the other, and record every step."""
        for address in addresses:
            series = await self._net.echo(self._rec, address, ECHO)
            self._echoes.append(series)
            self._failures.append(series.failure)
            for service in services:
                await self._port(Endpoint(address=address, port=service.port), is_dns=service.name == DNS)
            if series.received:
                await self._sizes(address)
            for protocol, port in _TRACED:
                await trace_path(self._net, self._rec, Endpoint(address=address, port=port), protocol)

    async def _port(self, endpoint: Endpoint, *, is_dns: bool) -> None:
        if is_dns:
            for transport in ("udp", "tcp"):
                failure = (await self._net.dns(self._rec, endpoint, _QUESTION, transport)).failure
                self._note(failure)
        else:
            self._note((await self._net.tcp(self._rec, endpoint)).failure)

    def _note(self, failure: Failure | None) -> None:
        self._failures.append(failure)
        self._reached |= failure is None or failure.kind.attribution is Attribution.THEIRS

    async def _sizes(self, address: IPAddress) -> None:
        """Find the largest packet that passes: a full one, then the MTU a router reports, then usual smaller sizes."""
        whole = await self._size(address, FULL_PACKET)
        if whole.received:
            return
        told = () if whole.mtu is None or not LEAST <= whole.mtu < FULL_PACKET else (whole.mtu,)
        for size in (*told, *NARROWER, LEAST):
            if (await self._size(address, size)).received:
                return

    async def _size(self, address: IPAddress, size: int) -> EchoSeries:
        shape = EchoShape(count=_COPIES, interval=0.2, size=size - _HEADERS[address.version])
        return await self._net.echo(self._rec, address, shape)
