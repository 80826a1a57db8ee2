"""Separates the evidence of a subject that its checks may read from evidence that the vantage could not have taken.

The latter was measured over a family that did not work at that time.
"""

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
    """Return the evidence measured over families that worked here at that time, and the evidence set aside.

    Evidence measured through NAT64 is in neither: it is IPv4 of the subject, and shows nothing of its IPv6. Answers of
    a resolver that invents or hides addresses are left out of the kept evidence, and answers of a mail proxy or a
    portal near the vantage for other hosts are taken for silence that is not shown to be those hosts'.
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
    """Return the evidence without the answers that a device near the vantage gave in the name of others."""
    misled = any(point.invents or point.hides for point in ctx.vantage.points)
    spoken_here = _spoken_here(ctx)
    if not misled and not spoken_here:  # the usual case
        return evidence
    believed = (_as_believed(item, ctx) for item in evidence) if misled else evidence
    return EvidenceSet(_as_if_silent(item, spoken_here) for item in believed)


def _as_believed(item: Evidence, ctx: Context) -> Evidence:
    """Return a piece of evidence without look-ups that a resolver may have invented or hidden addresses for.

    A true answer of such a resolver looks the same: one that rewrites NXDOMAIN leads every missing name to its own
    machine, which would be judged as the agency's, and behind one that hides AAAA records no name has IPv6. An
    interceptor of port 53 answers in place of every name server as well.
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
    """Return the families and ports at which a device near the vantage answers for every host on the Internet."""
    if ctx.location.network is not Network.INTERNET:
        return frozenset()
    return frozenset((family, _PORTS[key]) for family, key in ctx.vantage.accepted_here if key in _PORTS)


def _as_if_silent(item: Evidence, places: frozenset[tuple[int, int]]) -> Evidence:
    """Return a piece of evidence as if no host had answered at these families and ports."""
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
