"""Counts the trace packets that routers of the audited network left unanswered in a whole run.

Routers limit how many errors they send, as RFC 4443 §2.4(f) requires. If many traces run at the same time, a router
answers one and not another. All evidence is read in one pass. Memory: four numbers.
"""

from collections.abc import Iterable, Mapping

from auditor.framework.address_owners import IPNetwork
from auditor.framework.gathered import RouterAnswers
from probes.framework.evidence import Evidence
from probes.observations.traces import HopProbe, PathTrace


class TraceAnswers:
    """Counts sent and answered trace packets in all evidence of a run."""

    def __init__(self, networks: Iterable[IPNetwork]) -> None:
        """Start at zero; ``networks`` are those of the audited network."""
        self._networks = tuple(networks)
        self._counts = {6: [0, 0], 4: [0, 0]}

    def add(self, evidence: Evidence) -> None:
        for step in evidence.steps:
            if isinstance(step, PathTrace) and step.failure is None:
                self._take(step)

    def _take(self, trace: PathTrace) -> None:
        hops: dict[int, list[HopProbe]] = {}
        for probe in trace.probes:
            hops.setdefault(probe.hop, []).append(probe)
        for probes in hops.values():
            answered = [probe for probe in probes if probe.answer == "time-exceeded"]
            if any(probe.source in network for probe in answered if probe.source for network in self._networks):
                count = self._counts[trace.address.version]
                count[0] += len(probes)
                count[1] += len(answered)

    def seen(self) -> Mapping[int, RouterAnswers]:
        """Return the counts by IP version."""
        return {family: RouterAnswers(asked, answered) for family, (asked, answered) in self._counts.items()}
