"""What tests of throughput on the way to a site come to. They are indicative: a server may be slower than its line."""

from dataclasses import dataclass

from inventory.model import written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.throughput import ThroughputTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """The best test over one family. ``rate`` and ``control`` in Mbit/s; ``control`` is what our own line was shown to
    carry over that family, None where nothing shows it."""

    family: int
    address: str
    rate: float
    control: float | None
    evidence: tuple[EvidenceId, ...]

    def proves(self, mbps: float) -> bool:
        """Whether our own line was shown to carry what a channel of so many Mbit/s should have brought."""
        return self.control is not None and self.control >= mbps


def tested(evidence: EvidenceSet) -> tuple[Tested, ...]:
    """By family, IPv4 first; nothing of tests that were not taken, failed or brought too little to tell."""
    found: dict[int, list[Tested]] = {}
    for one, step in evidence.of(ThroughputTest):
        if step.failure is None and step.rate is not None:
            seen = Tested(
                family=step.address.version,
                address=written(step.address),
                rate=round(step.rate / 1e6, 1),
                control=None if step.control_rate is None else round(step.control_rate / 1e6, 1),
                evidence=(one.id,),
            )
            found.setdefault(seen.family, []).append(seen)
    return tuple(max(found[family], key=lambda one: one.rate) for family in sorted(found))
