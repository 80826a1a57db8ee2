"""What was heard on a network of users, from all watches of it together."""

from dataclasses import dataclass

from auditor.facts.attribution import ours
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.link import LanWatch, RouterHeard, ServerHeard


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """``reason`` set: no watch came to an end, and why."""

    routers: tuple[RouterHeard, ...] = ()
    servers: tuple[ServerHeard, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def heard_at(site: str, evidence: EvidenceSet, ctx: Context) -> Heard:
    watches = [(one.id, step) for one, step in evidence.of(LanWatch) if step.site == site]
    ids = tuple(dict.fromkeys(id_ for id_, _ in watches))
    good = [step for _, step in watches if step.failure is None]
    if not good:
        reasons = [ours(ctx, step.failure) for _, step in watches]
        return Heard(reason=next((one for one in reasons if one is not None), Reason.CUT), evidence=ids)
    return Heard(
        routers=tuple(one for step in good for one in step.routers),
        servers=tuple(one for step in good for one in step.servers),
        evidence=ids,
    )
