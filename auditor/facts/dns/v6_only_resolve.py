"""Decides whether a zone is reachable from the root over one address family, and if not, for which cause."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from auditor.facts.attribution import excuse, ours
from auditor.facts.dns import losses
from auditor.facts.dns.error_limits import passing_errors
from auditor.facts.dns.glue import bare, referrals
from auditor.facts.dns.names import canonical
from auditor.facts.dns.nameservers import Zone
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import Attribution, Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.dnspath import FamilyCut, ServerReply, Unanswered


class ResolutionEnd(Enum):
    COMPLETE = "complete"
    NO_GLUE = "all servers are inside the zone, and the parent gives no address of the family"
    NO_ADDRESS = "no server of the zone has an address of the family"
    SILENT = "none that has one answers"
    UNANSWERED = "they answer, but not every question"
    ENDS = "it ends at the zone, and why was not seen"
    ABOVE = "the way ends in a zone above"
    OPEN = "not known"


_BEST_FIRST = (
    ResolutionEnd.COMPLETE,
    ResolutionEnd.UNANSWERED,
    ResolutionEnd.OPEN,
    ResolutionEnd.ABOVE,
    ResolutionEnd.ENDS,
    ResolutionEnd.NO_GLUE,
    ResolutionEnd.NO_ADDRESS,
    ResolutionEnd.SILENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyResolution:
    """Holds how the resolution of a zone over one family ends.

    ``names``: the servers that answer, or those that should. ``place``: the zone where resolution ends. ``questions``:
    those that no server answers.
    """

    way: ResolutionEnd
    names: tuple[str, ...] = ()
    place: str = ""
    questions: tuple[str, ...] = ()
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def way(cut: Zone, evidence: EvidenceSet, ctx: Context, family: int) -> FamilyResolution:
    """Return how the zone resolves over one family, from the best attempt.

    A question counts as answered if any attempt answered it.
    """
    looks: dict[EvidenceId, list[tuple[Evidence, FamilyCut]]] = {}
    for envelope, step in evidence.of(FamilyCut):
        if step.family == family:
            looks.setdefault(envelope.id, []).append((envelope, step))
    seen_ways = [_seen(cut, steps, evidence, ctx, family) for steps in looks.values()]
    if not seen_ways:
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=Reason.CUT)
    best = min(seen_ways, key=lambda ways: (_BEST_FIRST.index(ways.way), -len(ways.names)))
    if best.way is not ResolutionEnd.UNANSWERED:
        return best
    several = [ways for ways in seen_ways if ways.way is ResolutionEnd.UNANSWERED]
    never = tuple(question for question in best.questions if all(question in other.questions for other in several))
    return replace(best, questions=never) if never else replace(best, way=ResolutionEnd.COMPLETE, questions=())


def _seen(
    cut: Zone, steps: list[tuple[Evidence, FamilyCut]], evidence: EvidenceSet, ctx: Context, family: int
) -> FamilyResolution:
    envelope, ids = steps[-1][0], tuple(sorted({envelope.id for envelope, _ in steps}))
    if not ctx.vantage.usable(family, envelope.started):
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=Reason.V6 if family == 6 else Reason.V4, evidence=ids)
    own = [(envelope, step) for envelope, step in steps if canonical(step.zone) == cut.name]
    if own:
        return _at_the_zone(cut, own[-1][0], own[-1][1], evidence, ctx, ids)
    last = steps[-1][1]
    if last.failure is None:
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=Reason.CUT, evidence=ids)
    reason = ours(ctx, last.failure) or (Reason.EGR if last.zone == "." else None)
    if reason is not None:
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=reason, evidence=ids)
    return FamilyResolution(way=ResolutionEnd.ABOVE, place=last.zone, evidence=ids)


def _at_the_zone(
    cut: Zone, envelope: Evidence, step: FamilyCut, evidence: EvidenceSet, ctx: Context, ids: tuple[EvidenceId, ...]
) -> FamilyResolution:
    good = tuple(sorted({server_reply.name for server_reply in step.replies if server_reply.failure is None}))
    open_ = [reason for server_reply in step.replies if (reason := _excused(server_reply, envelope, ctx)) is not None]
    if good:
        flawed = [
            unanswered
            for unanswered in step.unanswered
            if ours(ctx, unanswered.failure) is None and not unanswered.denied
        ]
        passing = [one for one in flawed if _passes(one.failure, step.replies, evidence)]
        lost = [one for one in flawed if one in passing or _may_be_lost(one, step, evidence)]
        if flawed and len(lost) == len(flawed):
            reason = Reason.RATE if passing else Reason.SMPL
            return FamilyResolution(way=ResolutionEnd.OPEN, reason=reason, evidence=ids)
        flawed = [unanswered for unanswered in flawed if unanswered not in lost]
        if flawed:
            questions = tuple(unanswered.question for unanswered in flawed)
            return FamilyResolution(way=ResolutionEnd.UNANSWERED, names=good, questions=questions, evidence=ids)
        heard = any(_was_heard(server_reply, evidence) for server_reply in step.replies)
        if len(good) == 1 and (open_ or heard):  # other servers may answer too
            return FamilyResolution(way=ResolutionEnd.OPEN, reason=open_[0] if open_ else Reason.SMPL, evidence=ids)
        return FamilyResolution(way=ResolutionEnd.COMPLETE, names=good, evidence=ids)
    if open_:
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=open_[0], evidence=ids)
    if any(_was_heard(reply, evidence) for reply in step.replies):
        return FamilyResolution(way=ResolutionEnd.OPEN, reason=Reason.RATE, evidence=ids)
    if step.replies:
        return FamilyResolution(
            way=ResolutionEnd.SILENT,
            names=tuple(sorted({server_reply.name for server_reply in step.replies})),
            evidence=ids,
        )
    looks = [server.aaaa if step.family == 6 else server.a for server in cut.servers]
    if all(look.known and not look.records for look in looks):
        return FamilyResolution(
            way=ResolutionEnd.NO_ADDRESS, names=tuple(server.name for server in cut.servers), evidence=ids
        )
    said = referrals(evidence, ctx, cut.name)
    if bare(said, cut.name, step.family):
        ids = (*ids, *(referral.evidence for referral in said))
        return FamilyResolution(way=ResolutionEnd.NO_GLUE, names=step.servers, evidence=tuple(sorted(set(ids))))
    ends = step.failure is not None and ours(ctx, step.failure) is None
    way = ResolutionEnd.ENDS if ends else ResolutionEnd.OPEN  # the servers' addresses were not found
    return FamilyResolution(way=way, reason=Reason.DNS, evidence=ids)


def _may_be_lost(unanswered: Unanswered, step: FamilyCut, evidence: EvidenceSet) -> bool:
    """True if a question without any answer may have been lost by chance.

    A server of the zone must have left other questions unanswered and answered some.
    """
    if unanswered.failure.kind is not FailureKind.TIMEOUT:
        return False
    rtype = unanswered.question.rpartition(" ")[2]
    every = {reply.address for reply in step.replies}
    return any(losses.loses_some(evidence, address, but=rtype) for address in every)


def _was_heard(reply: ServerReply, evidence: EvidenceSet) -> bool:
    """True if a server that did not reply answered other questions of the run: a rate limit drops some of them.

    So does one whose error is given only at times.
    """
    if _passes(reply.failure, (reply,), evidence):
        return True
    lost = reply.failure is not None and reply.failure.kind.attribution is Attribution.PATH
    return lost and losses.answers_some(evidence, reply.address)


def _passes(failure: Failure | None, replies: Iterable[ServerReply], evidence: EvidenceSet) -> bool:
    """True if a failure is an error that one of the servers gives only at times."""
    return failure is not None and any(failure.detail in passing_errors(evidence, reply.address) for reply in replies)


def _excused(reply: ServerReply, envelope: Evidence, ctx: Context) -> Reason | None:
    if reply.failure is None:
        return None
    return excuse(ctx, envelope, reply.failure, reply.address, "udp/53")
