"""What became of packets with forged sources, from all trials of a subject together."""

from dataclasses import dataclass
from typing import Self

from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.link import SourceValidation

FORGED = ("neighbour", "bogon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One step for each receiver, and the evidence that they stand in."""

    steps: tuple[SourceValidation, ...]
    evidence: tuple[EvidenceId, ...]

    @classmethod
    def of(cls, evidence: EvidenceSet) -> Self:
        found = tuple(evidence.of(SourceValidation))
        return cls(steps=tuple(step for _, step in found), evidence=tuple(dict.fromkeys(one.id for one, _ in found)))

    def arrived(self, form: str) -> tuple[SourceValidation, ...]:
        """The steps in which packets of a form arrived; what came before them under our own address did too."""
        return tuple(step for step in self.steps if step.failure is None and step.arrived(form))


def undecided(step: SourceValidation, ctx: Context) -> Reason | None:
    """Why nothing follows from what did not arrive; None where ours arrived before and after, and all were sent."""
    if step.failure is not None:
        return ctx.unproven(step.failure, step.receiver, "forged") or Reason.EGR
    sent = {trial.form for trial in step.trials if trial.sent}
    return None if step.confirmed and sent.issuperset(FORGED) else Reason.EGR
