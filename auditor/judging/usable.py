"""Separates the evidence of a subject into what its checks may read and what the vantage could not have observed."""

from dataclasses import replace

from auditor.facts.nat64 import is_translated
from auditor.framework.context import Context
from auditor.framework.gathered import PORTAL
from inventory.model import Network
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.mail import SmtpDialogue, SmtpRelay
from probes.observations.pages import FrontPage
from probes.observations.places import TcpStep
from probes.observations.web import HttpExchange

_PORTS = {"tcp/25": 25, PORTAL: 80}
_FOR_EVERYBODY = Failure(kind=FailureKind.TIMEOUT, detail="something near the vantage answers for everybody")


def usable(evidence: EvidenceSet, ctx: Context) -> tuple[EvidenceSet, tuple[Evidence, ...]]:
    """Evidence without what was measured over a family that did not work here at that time; and what is set aside.

    What was measured through NAT64 is neither: it is IPv4 of the subject, and says nothing of its IPv6. Answers of a
    resolver that makes up addresses or hides them are left out of what is kept, and what a mail proxy or a portal near
    the vantage said in the name of everybody is taken for silence that nothing shows to be theirs.
    """
    kept: list[Evidence] = []
    aside: list[Evidence] = []
    for item in told_by_subjects(evidence, ctx):
        if item.endpoint is not None and is_translated(item.endpoint.address, ctx.vantage.nat64):
            continue
        sick = item.endpoint is not None and not ctx.vantage.usable(item.endpoint.address.version, item.started)
        (aside if sick else kept).append(item)
    return EvidenceSet(kept), tuple(aside)


def told_by_subjects(evidence: EvidenceSet, ctx: Context) -> EvidenceSet:
    """All of it, without what somebody near the vantage said in the name of others."""
    misled = any(point.invents or point.hides for point in ctx.vantage.points)
    spoken_here = _spoken_here(ctx)
    if not misled and not spoken_here:  # as nearly always
        return evidence
    believed = (_as_believed(item, ctx) for item in evidence) if misled else evidence
    return EvidenceSet(_as_if_silent(item, spoken_here) for item in believed)


def _as_believed(item: Evidence, ctx: Context) -> Evidence:
    """A piece of evidence whose look-ups say nothing where a resolver may have made their addresses up, or hidden them.

    A true answer of such a resolver looks the same: who rewrites NXDOMAIN leads every missing name to a machine of his
    own, which would be judged as the agency's, and behind who leaves AAAA records out nobody has IPv6. Whoever
    intercepts port 53 answers for every name server as well.
    """
    invents, hides = ctx.vantage.invents(item.started), ctx.vantage.hides(item.started)
    if not invents and not hides:
        return item
    asked_there = ctx.vantage.iterative(item.started)

    def believed(step: Observation) -> Observation:
        if not isinstance(step, NameLookup) or (step.via == "iterative" and asked_there):
            return step
        is_invented = invents and step.status is LookupStatus.ANSWER
        is_hidden = hides and step.rtype == "AAAA" and step.status is LookupStatus.NO_DATA
        if not is_invented and not is_hidden:
            return step
        return replace(step, status=LookupStatus.NO_ANSWER, records=(), chain=(), via="resolver")

    return replace(item, steps=tuple(map(believed, item.steps)))


def _spoken_here(ctx: Context) -> frozenset[tuple[int, int]]:
    """Families and ports at which something near the vantage speaks for everybody on the Internet."""
    if ctx.location.network is not Network.INTERNET:
        return frozenset()
    return frozenset((family, _PORTS[key]) for family, key in ctx.vantage.accepted_here if key in _PORTS)


def _as_if_silent(item: Evidence, places: frozenset[tuple[int, int]]) -> Evidence:
    """Return a piece of evidence as if nobody had answered at these families and ports."""
    return replace(item, steps=tuple(_unless_spoken(step, places) for step in item.steps))


def _unless_spoken(step: Observation, places: frozenset[tuple[int, int]]) -> Observation:
    if isinstance(step, PortSweep):
        shut = [port for family, port in places if family == step.address.version]
        replies = (
            PortReply(port=reply.port, failure=_FOR_EVERYBODY.kind) if reply.port in shut else reply
            for reply in step.replies
        )
        return replace(step, replies=tuple(replies))
    if not isinstance(step, TcpStep) or (step.address.version, step.port) not in places:
        return step
    match step:
        case SmtpDialogue():
            asked: Observation = SmtpDialogue(address=step.address, port=step.port, server_name=step.server_name)
        case SmtpRelay():
            asked = replace(step, connected=False, replies=(), tries=())
        case HttpExchange():
            asked = HttpExchange(address=step.address, port=step.port, url=step.url, hop=step.hop)
        case FrontPage():
            asked = FrontPage(address=step.address, port=step.port, url=step.url, hop=step.hop)
        case _:
            return step
    return replace(asked, t0=step.t0, t=step.t, failure=_FOR_EVERYBODY)
