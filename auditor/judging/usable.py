"""Separates the evidence of a subject into what its checks may read and what the vantage could not have observed."""

from collections.abc import Collection
from dataclasses import replace

from auditor.facts.nat64 import is_translated
from auditor.framework.context import Context
from inventory.model import Network
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.mail import SmtpDialogue, SmtpRelay

_SMTP = 25
_GREETED_HERE = Failure(kind=FailureKind.TIMEOUT, detail="something near the vantage greets for everybody")


def usable(evidence: EvidenceSet, ctx: Context) -> tuple[EvidenceSet, tuple[Evidence, ...]]:
    """Evidence without what was measured over a family that did not work here at that time; and what is set aside.

    What was measured through NAT64 is neither: it is IPv4 of the subject, and says nothing of its IPv6. Answers of a
    resolver that makes up addresses are left out of what is kept, and what a mail proxy near the vantage said in the
    name of every exchanger is taken for silence that nothing shows to be theirs.
    """
    kept: list[Evidence] = []
    aside: list[Evidence] = []
    outside = ctx.location.network is Network.INTERNET
    greeting = [family for family in (4, 6) if outside and (family, f"tcp/{_SMTP}") in ctx.vantage.accepted_here]
    inventing = any(point.invents for point in ctx.vantage.points)
    for item in evidence:
        if item.endpoint is not None and is_translated(item.endpoint.address, ctx.vantage.nat64):
            continue
        sick = item.endpoint is not None and not ctx.vantage.usable(item.endpoint.address.version, item.started)
        told = _without_inventions(item, ctx) if inventing else item
        (aside if sick else kept).append(_without_greetings(told, greeting) if greeting else told)
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


def _without_greetings(item: Evidence, families: Collection[int]) -> Evidence:
    """A piece of evidence as if nobody had answered on port 25 over these families."""
    return replace(item, steps=tuple(_unless_greeted(step, families) for step in item.steps))


def _unless_greeted(step: Observation, families: Collection[int]) -> Observation:
    match step:
        case SmtpDialogue() if step.port == _SMTP and step.address.version in families:
            silent = SmtpDialogue(address=step.address, port=step.port, server_name=step.server_name)
            return replace(silent, t0=step.t0, t=step.t, failure=_GREETED_HERE)
        case SmtpRelay() if step.port == _SMTP and step.address.version in families:
            return replace(step, connected=False, replies=(), tries=(), failure=_GREETED_HERE)
        case PortSweep() if step.address.version in families:
            shut = PortReply(port=_SMTP, failure=_GREETED_HERE.kind)
            return replace(step, replies=tuple(shut if reply.port == _SMTP else reply for reply in step.replies))
        case _:
            return step
