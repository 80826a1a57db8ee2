"""Finds paths of a run that differ from those that earlier runs traced.

Pure. A change is an event to look at and never a failure: a provider may move a path at any time. A hop without an
answer shows nothing, and neither does one that was seen at its place before, as load balancing alternates.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId
from probes.observations.earlier_path import EarlierPath, SeenHop
from probes.observations.traces import HopProbe, PathTrace

_REACHED = "reached"
_MOST_SOURCES, _MOST_HOPS, _MOST_ENDS = 16, 64, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """Holds the addresses that answered at one hop limit; none where all were silent."""

    number: int
    sources: tuple[IPAddress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedPath:
    """Holds the hops of one trace in their order, and whether the address itself answered."""

    measured: datetime
    hops: tuple[Hop, ...]
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange:
    """Describes a path from ``source`` to ``target`` that differs from ``hop`` on from every earlier trace.

    ``source`` is a vantage; ``target`` a subject's id or, of the mesh (``mesh``), the name of a vantage.
    """

    source: str
    target: str
    mesh: bool
    address: IPAddress
    protocol: str
    hop: int
    before: TracedPath
    after: TracedPath
    evidence: EvidenceId

    @property
    def hops(self) -> Iterator[tuple[int, Hop, Hop]]:
        """The hops at each hop limit, on both sides."""
        sides = [{hop.number: hop for hop in side.hops} for side in (self.before, self.after)]
        for number in range(1, max((*sides[0], *sides[1]), default=0) + 1):
            old, new = (side.get(number, Hop(number=number)) for side in sides)
            yield number, old, new


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trace:
    evidence: Evidence
    trace: PathTrace


def path_changes(
    evidence: Iterable[Evidence],
    *,
    source: str,
    target: str,
    mesh: bool = False,
    earlier: Iterable[EarlierPath] | None = None,
) -> Iterator[PathChange]:
    """Yield at most one change for each address, from one target's evidence: its traces against the earlier ones.

    ``earlier``: the paths to compare with, in place of those that the evidence itself holds of earlier runs.
    """
    traces: dict[IPAddress, list[_Trace]] = {}
    told: list[EarlierPath] = []
    for envelope in evidence:
        for step in envelope.steps:
            if isinstance(step, PathTrace) and step.failure is None:
                traces.setdefault(step.address, []).append(_Trace(evidence=envelope, trace=step))
            elif isinstance(step, EarlierPath):
                told.append(step)
    before: dict[IPAddress, list[EarlierPath]] = {}
    for path in told if earlier is None else earlier:
        before.setdefault(path.address, []).append(path)
    for address, known in before.items():
        pair = _changed(traces.get(address, ()), known)
        if pair is None:
            continue
        trace, hop = pair
        last = next((earlier_path for earlier_path in known if earlier_path.protocol == trace.trace.protocol), known[0])
        yield PathChange(
            source=source,
            target=target,
            mesh=mesh,
            address=address,
            protocol=trace.trace.protocol,
            hop=hop,
            before=traced_path(last.probes, last.measured),
            after=traced_path(trace.trace.probes, trace.evidence.started),
            evidence=trace.evidence.id,
        )


def _changed(traces: Sequence[_Trace], earlier: Sequence[EarlierPath]) -> tuple[_Trace, int] | None:
    """Return the trace that differs from every earlier one, and the first hop that differs; None if none does."""
    known: dict[int, set[IPAddress]] = {}
    for earlier_path in earlier:
        for seen in earlier_path.seen:
            known.setdefault(seen.hop, set()).update(seen.sources)
    now: dict[int, set[IPAddress]] = {}
    for each in traces:
        for hop in hops_of(each.trace.probes):
            now.setdefault(hop.number, set()).update(hop.sources)
    other = {number for number, met in now.items() if met and known.get(number) and not met & known[number]}
    ends = {end for path in earlier for end in path.ends}
    ended = {end for each in traces if (end := end_of(each.trace.probes)) is not None}
    if not other and ends and ended and not ends & ended:
        other = {min((*ends, *ended))}
    for number in sorted(other):
        for each in traces:
            if any(probe.hop >= number and probe.source is not None for probe in each.trace.probes):
                return each, number
    return None


def traced_path(probes: Sequence[HopProbe], measured: datetime) -> TracedPath:
    """Return the hops of a trace with the time at which it was taken."""
    return TracedPath(measured=measured, hops=tuple(hops_of(probes)), reached=end_of(probes) is not None)


def hops_of(probes: Iterable[HopProbe]) -> Iterator[Hop]:
    """Yield the hops of a trace up to the one at which the address answered.

    Only senders of "time exceeded" and the address itself count: one that reports that packets end there is no router.
    """
    listed = list(probes)
    last = end_of(listed)
    for number in sorted({hop_probe.hop for hop_probe in listed if last is None or hop_probe.hop <= last}):
        some = (hop_probe for hop_probe in listed if hop_probe.hop == number and hop_probe.source is not None)
        sources = dict.fromkeys(
            hop_probe.source for hop_probe in some if hop_probe.answer in ("time-exceeded", _REACHED)
        )
        yield Hop(number=number, sources=tuple(source for source in sources if source is not None))


def end_of(probes: Iterable[HopProbe]) -> int | None:
    """Return the hop limit at which the address itself answered, or None."""
    return min((probe.hop for probe in probes if probe.answer == _REACHED), default=None)


def known_at(evidence: Iterable[Evidence]) -> Iterator[EarlierPath]:
    """Yield the known paths at the end of a run: one step for each of its traces, merged with earlier knowledge.

    Addresses that it did not trace keep their earlier paths. The size is bounded: the newest sources of each hop are
    kept.
    """
    listed = list(evidence)
    traces = [
        (each_envelope, step)
        for each_envelope in listed
        for step in each_envelope.steps
        if isinstance(step, PathTrace) and any(probe.source is not None for probe in step.probes)
    ]
    known = [step for each_envelope in listed for step in each_envelope.steps if isinstance(step, EarlierPath)]
    for envelope, step in traces:
        of_address = [each for _, each in traces if each.address == step.address]
        before = [each for each in known if each.address == step.address]
        yield EarlierPath(
            address=step.address,
            protocol=step.protocol,
            port=step.port,
            measured=envelope.started,
            probes=step.probes,
            seen=_seen(of_address, before),
            ends=_ends(of_address, before),
        )
    traced = {step.address for _, step in traces}
    yield from (earlier_path for earlier_path in known if earlier_path.address not in traced)


def _seen(traces: Sequence[PathTrace], before: Sequence[EarlierPath]) -> tuple[SeenHop, ...]:
    found: dict[int, dict[IPAddress, None]] = {}
    for trace in traces:
        for hop in hops_of(trace.probes):
            found.setdefault(hop.number, {}).update(dict.fromkeys(hop.sources))
    for earlier_path in before:
        for seen in earlier_path.seen:
            held = found.setdefault(seen.hop, {})
            held.update(dict.fromkeys(source for source in seen.sources if source not in held))
    return tuple(
        SeenHop(hop=number, sources=tuple(islice(sources, _MOST_SOURCES)))
        for number, sources in sorted(found.items())[:_MOST_HOPS]
        if sources
    )


def _ends(traces: Sequence[PathTrace], before: Sequence[EarlierPath]) -> tuple[int, ...]:
    ended = (end_of(trace.probes) for trace in traces)
    every = dict.fromkeys(
        [*(end for end in ended if end is not None), *(end for earlier_path in before for end in earlier_path.ends)]
    )
    return tuple(islice(every, _MOST_ENDS))
