"""Prints the results that probes of the path recorded: the hops of traces, and the results of Packet Too Big."""

from collections.abc import Iterable

from inventory.model import written
from probes.framework.evidence import Evidence
from probes.observations.path import PmtudFlow
from probes.observations.traces import HopProbe, PathTrace
from probes.observations.transport import EchoSeries

_HEADERS = 48  # IPv6 and ICMPv6


def read_out(*evidence: Evidence) -> dict[str, list[dict[str, object]]]:
    """Return ``{"traces": […], "pmtud": […], "path_mtu": […]}``, each key only where there are results.

    Times are in milliseconds, packet sizes in bytes.
    """
    steps = [step for envelope in evidence for step in envelope.steps]
    found: dict[str, list[dict[str, object]]] = {
        "traces": [_trace(step) for step in steps if isinstance(step, PathTrace)],
        "pmtud": [_flow(step) for step in steps if isinstance(step, PmtudFlow)],
        "path_mtu": [_sized(step) for step in steps if isinstance(step, EchoSeries) and step.payload_size > 1_000],
    }
    return {name: rows for name, rows in found.items() if rows}


def _trace(step: PathTrace) -> dict[str, object]:
    hops: dict[int, list[HopProbe]] = {}
    for probe in step.probes:
        hops.setdefault(probe.hop, []).append(probe)
    return {
        "address": written(step.address),
        "protocol": step.protocol,
        "port": step.port,
        "reached": step.reached,
        "failure": None if step.failure is None else step.failure.kind.value,
        "hops": [{"hop": hop, **_hop(probes)} for hop, probes in sorted(hops.items())],
    }


def _hop(probes: Iterable[HopProbe]) -> dict[str, object]:
    """Describe a hop: ``from`` lists every router that answered for it; ``ms`` is null for an unanswered probe."""
    every = list(probes)
    return {
        "from": list(dict.fromkeys(written(hop.source) for hop in every if hop.source is not None)),
        "ms": [None if hop.rtt is None else round(hop.rtt * 1000, 2) for hop in every],
        "said": sorted({hop.answer for hop in every if hop.answer is not None}),
    }


def _flow(step: PmtudFlow) -> dict[str, object]:
    first = step.first_error
    return {
        "address": written(step.address),
        "port": step.port,
        "link": None if step.watched else step.mtu,
        "largest_packet": step.largest,
        "packet_too_big_sent": step.errors_sent,
        "heeded": None if not step.errors_sent else step.heeded is not None,
        "heeded_after_ms": None if step.heeded is None or first is None else round(1000 * (step.heeded - first), 2),
        "ended": step.ended,
        "failure": None if step.failure is None else step.failure.kind.value,
    }


def _sized(step: EchoSeries) -> dict[str, object]:
    return {
        "address": written(step.address),
        "size": step.payload_size + _HEADERS,
        "sent": step.sent,
        "received": step.received,
        "error": step.error,
        "mtu": step.mtu,
    }
