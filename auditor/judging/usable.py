"""Parts the evidence of a subject into what its checks may read and what the vantage could not have observed."""

from dataclasses import replace

from auditor.facts.nat64 import is_translated
from auditor.framework.context import Context
from probes.framework.evidence import Evidence, EvidenceSet, Observation
from probes.observations.dns import LookupStatus, NameLookup


def usable(evidence: EvidenceSet, ctx: Context) -> tuple[EvidenceSet, tuple[Evidence, ...]]:
    """Evidence without what was measured over a family that did not work here at that time; and what is set aside.

    What was measured through NAT64 is neither: it is IPv4 of the subject, and says nothing of its IPv6. Answers of a
    resolver that makes up addresses are left out of what is kept.
    """
    kept: list[Evidence] = []
    aside: list[Evidence] = []
    inventing = any(point.invents for point in ctx.vantage.points)
    for item in evidence:
        if item.endpoint is not None and is_translated(item.endpoint.address, ctx.vantage.nat64):
            continue
        sick = item.endpoint is not None and not ctx.vantage.usable(item.endpoint.address.version, item.started)
        (aside if sick else kept).append(_without_inventions(item, ctx) if inventing else item)
    return EvidenceSet(kept), tuple(aside)


def _without_inventions(item: Evidence, ctx: Context) -> Evidence:
    """A piece of evidence whose look-ups say nothing where a resolver may have made their addresses up.

    A true answer of such a resolver looks the same: who rewrites NXDOMAIN leads every missing name to a machine of his
    own, which would be judged as the agency's. Whoever intercepts port 53 answers for every name server as well.
    """
    if not ctx.vantage.invents(item.started):
        return item
    asked_there = ctx.vantage.iterative(item.started)
    return replace(item, steps=tuple(_unless_invented(step, asked_there=asked_there) for step in item.steps))


def _unless_invented(step: Observation, *, asked_there: bool) -> Observation:
    if not isinstance(step, NameLookup) or step.status is not LookupStatus.ANSWER:
        return step
    if step.via == "iterative" and asked_there:
        return step
    return replace(step, status=LookupStatus.NO_ANSWER, records=(), chain=(), via="resolver")
