"""Tells what the ways between vantages carry: full packets, TCP ports, DNS, and over which path.

Pure. Read from what each point measured once in its run; what nobody measured, or could not for a reason of its own, is
None and is held against nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.figures.path_changes import TracedPath, traced_path
from inventory.model import IPAddress
from probes.framework.evidence import Blame, Evidence, EvidenceId, Failure
from probes.observations.dns import DnsExchange
from probes.observations.mesh import MeshWay
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, TcpConnect

_HEADERS = {6: 48, 4: 28}  # IP and ICMP
_USUAL = 1000
"""Bytes from which an echo request tests the size of packets and not whether anybody answers."""


class PortState(Enum):
    """How a port of the other end answered: ``closed`` by the other end itself, ``unknown`` where we could not ask."""

    OPEN = "open"
    CLOSED = "closed"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPort:
    """A port of the other end, as ``tcp/443``, or ``dns/udp``."""

    name: str
    state: PortState


@dataclass(frozen=True, slots=True, kw_only=True)
class WayDetail:
    """One direction to one address. ``mtu``: bytes of the largest packet that came back, up to those of Ethernet."""

    source: str
    target: str
    family: int
    address: IPAddress
    mtu: int | None
    ports: tuple[WayPort, ...]
    path: TracedPath | None
    evidence: EvidenceId


def way_details(evidence: Iterable[Evidence]) -> tuple[WayDetail, ...]:
    """Each way that a point measured in its run, by family (IPv6 first), source and target."""
    details = (detail for envelope in evidence for detail in _of_envelope(envelope))
    return tuple(
        sorted(details, key=lambda detail: (-detail.family, detail.source, detail.target, str(detail.address)))
    )


def _of_envelope(envelope: Evidence) -> Iterator[WayDetail]:
    way = next((step for step in envelope.steps if isinstance(step, MeshWay) and step.round), None)
    if way is None:
        return
    echoes = [step for step in envelope.steps if isinstance(step, EchoSeries)]
    for address in dict.fromkeys(step.address for step in echoes):
        traces = [step for step in envelope.steps if isinstance(step, PathTrace) and step.address == address]
        yield WayDetail(
            source=way.source,
            target=way.target,
            family=way.family,
            address=address,
            mtu=_mtu([step for step in echoes if step.address == address]),
            ports=tuple(_ports(envelope, address)),
            path=_path(envelope, traces),
            evidence=envelope.id,
        )


def _mtu(echoes: Sequence[EchoSeries]) -> int | None:
    sizes = (echo.payload_size + _HEADERS[echo.address.version] for echo in echoes if echo.received)
    return max((size for size in sizes if size >= _USUAL), default=None)


def _ports(envelope: Evidence, address: IPAddress) -> Iterator[WayPort]:
    for step in envelope.steps:
        if isinstance(step, TcpConnect) and step.address == address:
            yield WayPort(name=f"tcp/{step.port}", state=_state(step.failure))
        elif isinstance(step, DnsExchange) and step.server == address:
            yield WayPort(name=f"dns/{step.transport}", state=_state(step.failure))


def _state(failure: Failure | None) -> PortState:
    if failure is None:
        return PortState.OPEN
    states = {Blame.OURS: PortState.UNKNOWN, Blame.THEIRS: PortState.CLOSED}
    return states.get(failure.kind.blame, PortState.SILENT)


def _path(envelope: Evidence, traces: Sequence[PathTrace]) -> TracedPath | None:
    """Return the trace that got furthest: one that reached the address before one that did not."""
    paths = [traced_path(step.probes, envelope.started) for step in traces if step.failure is None]
    told = [path for path in paths if any(hop.sources for hop in path.hops)]
    return max(told, key=lambda path: (path.reached, sum(bool(hop.sources) for hop in path.hops)), default=None)
