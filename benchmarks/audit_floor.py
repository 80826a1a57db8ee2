"""Measures the least possible duration of an audit: the largest of its lower bounds.

These are the CPU time of the process, the exchanges of one prefix at the allowed rate, two silent connects, the pauses
of one enumeration over SMTP, and the waits for the one subject that is silent longest. The questions to a subject fall
into parts that follow one another: names, the first look behind an open port, the other looks there (more at once may
silence a slow host), comparisons of endpoints, and probes that change the observations of others. All waits within a
part can run side by side, so that the longest silence of each part counts once.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

from auditor.service.store.evidence.evidence_files import read
from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.framework.profile import QUICK, Pace
from probes.framework.registry import load
from probes.observations.dns import DnsExchange
from probes.observations.exposure import PortSweep
from probes.observations.path import NOTHING_LOST, PmtudFlow
from probes.observations.tls import TlsSupport
from probes.observations.transport import EchoSeries

_PREFIX = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Seconds, each by itself enough to hold the audit up."""

    cpu: float
    rate: float
    connects: float
    pauses: float
    silences: float

    @property
    def seconds(self) -> float:
        return max(self.cpu, self.rate, self.connects, self.pauses, self.silences)

    def __str__(self) -> str:
        return (
            f"floor {self.seconds:.1f} s (CPU {self.cpu:.1f}, rate of one prefix {self.rate:.1f}, silent connects"
            f" {self.connects:.1f}, pauses over SMTP {self.pauses:.1f}, waits for one subject {self.silences:.1f})"
        )


def floor(evidence: Path, cpu: float, config: Path) -> Floor:
    """Return the floor of an audit in profile quick from its evidence, its CPU time and its configuration."""
    pace, recorded, per_prefix, hellos = _pace(config), read(evidence), Counter[object](), 0
    silences: dict[SubjectId, dict[str, float]] = {}
    for envelope in recorded.store.all_evidence(recorded.run):
        longest = silences.setdefault(envelope.subject, {})
        for step in envelope.steps:
            part = _part(envelope, step)
            longest[part] = max(longest.get(part, 0.0), _waited(step))
            for address, exchanges in _sent(step):
                prefix = ip_network((address, _PREFIX[address.version]), strict=False)
                per_prefix[prefix] += exchanges
            if isinstance(step, TlsSupport) and step.protocol == "smtp":
                hellos = max(hellos, step.hellos)
    busiest = max(per_prefix.values(), default=0)
    rates = (busiest / pace.per_prefix_per_second, sum(per_prefix.values()) / pace.packets_per_second)
    return Floor(
        cpu=cpu,
        rate=max(rates),
        connects=QUICK.tcp_connect * len(QUICK.retries["connect"]),
        pauses=hellos * QUICK.smtp_pause,
        silences=max((sum(parts.values()) for parts in silences.values()), default=0.0),
    )


def _part(envelope: Evidence, step: Observation) -> str:
    """Return the part of the audit that a step belongs to."""
    probe = load().get(envelope.probe)
    if isinstance(step, PmtudFlow) and step.mtu != NOTHING_LOST:
        return "disturbing"
    if probe is None:
        return ""
    return "first look" if probe.instead_of else probe.shape


def _waited(step: Observation) -> float:
    """Seconds for which nothing came to a step, or no more."""
    is_silent = step.failure is not None and step.failure.kind is FailureKind.TIMEOUT
    is_stalled = isinstance(step, PmtudFlow) and step.ended == "stall"
    return step.t - step.t0 if is_silent or is_stalled else 0.0


def _sent(step: Observation) -> Iterator[tuple[IPAddress, int]]:
    """The exchanges that were started for an observation; a whole enumeration is one reservation (INTERFACE)."""
    match step:
        case DnsExchange(server=server):
            yield server, 1
        case EchoSeries(address=address):
            yield address, step.sent
        case PortSweep(address=address, replies=replies):
            yield address, len(replies)
        case _:
            dialled = getattr(step, "address", None)
            if dialled is not None and hasattr(step, "port"):
                yield dialled, 1


def _pace(config: Path) -> Pace:
    """The rates that the rehearsal's configuration allows."""
    return replace(Pace(), **tomllib.loads(config.read_text("utf-8"))["limits"])
