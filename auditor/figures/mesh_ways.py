"""Lists the results of paths between vantages: full packets, TCP ports and DNS, with the route of each.

Pure. Read from the measurements that each vantage made once in its run; a value that was not measured, or could not be
for a reason at the vantage, is None and no defect.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.figures.path_changes import TracedPath, traced_path
from inventory.model import IPAddress
from probes.framework.evidence import Attribution, Evidence, EvidenceId, Failure
from probes.observations.dns import DnsExchange
from probes.observations.mesh import MeshPath
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, TcpConnect

_HEADERS = {6: 48, 4: 28}  # IP and ICMP
_USUAL = 1000
"""The size in bytes from which an echo request tests packet sizes and not only reachability."""


class PortState(Enum):
    """Names the state of a port: ``closed`` by the other end itself, ``unknown`` where we could not ask."""

    OPEN = "open"
    CLOSED = "closed"
    SILENT = "silent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPort:
    """Holds the state of a port of the other end, as ``tcp/443``, or ``dns/udp``."""

    name: str
    state: PortState


@dataclass(frozen=True, slots=True, kw_only=True)
class WayDetail:
    """Holds one direction to one address. ``mtu``: bytes of the largest packet that came back, at most Ethernet's."""

    source: str
    target: str
    family: int
    address: IPAddress
    mtu: int | None
    ports: tuple[WayPort, ...]
    path: TracedPath | None
    evidence: EvidenceId


def way_details(evidence: Iterable[Evidence]) -> tuple[WayDetail, ...]:
    """Return each path that a point measured in its run, by family (IPv6 first), source and target."""
    details = (detail for envelope in evidence for detail in _of_envelope(envelope))
    return tuple(
        sorted(details, key=lambda detail: (-detail.family, detail.source, detail.target, str(detail.address)))
    )


def _of_envelope(envelope: Evidence) -> Iterator[WayDetail]:
    way = next((step for step in envelope.steps if isinstance(step, MeshPath) and step.round), None)
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
    states = {Attribution.OURS: PortState.UNKNOWN, Attribution.THEIRS: PortState.CLOSED}
    return states.get(failure.kind.attribution, PortState.SILENT)


def _path(envelope: Evidence, traces: Sequence[PathTrace]) -> TracedPath | None:
    """Return the longest trace; one that reached the address before one that did not. None if no hop answered."""
    paths = [traced_path(step.probes, envelope.started) for step in traces if step.failure is None]
    told = [path for path in paths if any(hop.sources for hop in path.hops)]
    return max(told, key=lambda path: (path.reached, sum(bool(hop.sources) for hop in path.hops)), default=None)
