"""Finds the delegation of the zone that holds a name: from its parent, and the NS set of its own apex."""

from probes.framework.evidence import Failure, FailureKind
from probes.net.dns.classify import AnswerKind, ReadAnswer
from probes.net.dns.iterate import Descent, DescentStep
from probes.net.dns.resolvers import Resolvers
from probes.net.dns.state import Cut, Walk, ancestors
from probes.observations.dns import Delegation

_UNDELEGATED = Failure(kind=FailureKind.NAME_ERROR, detail="nothing is delegated from the root for this name")


async def find(descent: Descent, walk: Walk, name: str) -> Delegation:
    """Ask for the NS set of ``name`` from above; as long as the answer is another, learn the zone of the name.

    Each round asks for a zone further up, so this ends at the latest below the root.
    """
    wanted = name
    while wanted != ".":
        step = await descent.ask(walk, wanted, "NS", fresh=True)
        if step.cut.zone == wanted:
            return _delegated(step.cut, step.answer)
        if isinstance(step.answer, Failure):
            if step.referred:  # the zone above is delegated, but its servers gave no useful answer
                return _delegated(step.cut, step.answer)
            wanted = step.cut.zone
            continue
        if step.answer.kind is AnswerKind.ANSWER and not step.answer.chain:
            return _shared(wanted, step.cut, step.answer.records)
        holder = _holder(step, wanted)
        if holder == wanted:
            return _shared(wanted, step.cut, ())
        if holder == step.cut.zone and step.referred:
            return _delegated(step.cut, await descent.ask_zone(walk, step.cut, holder, "NS"))
        wanted = holder
    return Delegation(zone=name, parent="", failure=_UNDELEGATED)


def _holder(step: DescentStep, wanted: str) -> str:
    """Return the zone of a name by one answer; aliases come without SOA, so it is then the name's parent."""
    answer = step.answer
    if isinstance(answer, ReadAnswer) and not answer.chain:
        return answer.zone
    return wanted.partition(".")[2] or "."


def _delegated(cut: Cut, answer: ReadAnswer | Failure) -> Delegation:
    return Delegation(zone=cut.zone, parent=cut.parent, parent_ns=cut.servers, child_ns=_names(answer), glue=cut.glue)


def _shared(zone: str, above: Cut, child_ns: tuple[str, ...]) -> Delegation:
    return Delegation(zone=zone, parent=above.zone, child_ns=child_ns, shared=True)


def _names(answer: ReadAnswer | Failure) -> tuple[str, ...]:
    if isinstance(answer, ReadAnswer) and answer.kind is AnswerKind.ANSWER and not answer.chain:
        return answer.records
    return ()


async def ask_resolvers(resolvers: Resolvers, walk: Walk, name: str, failure: Failure) -> Delegation:
    """Ask resolvers for the zone of a name, by trying its ancestors; ``failure`` is why iteration is impossible.

    Without iteration there is no referral to see.
    """
    for zone in ancestors(name):
        answer = await resolvers.ask(walk, zone, "NS")
        if isinstance(answer, Failure):
            break
        if _names(answer):
            return Delegation(zone=zone, parent="", child_ns=answer.records, failure=failure)
    return Delegation(zone=name, parent="", failure=failure)
