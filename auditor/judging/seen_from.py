"""Reports for each vantage of a round whether a subject answered any of its measurements; judges nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from auditor.framework.context import Context
from auditor.framework.findings import Reason
from auditor.judging.evidence_guard import judged_steps
from auditor.judging.usable import told_by_subjects
from inventory.model import IPAddress, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet


class AnswerState(StrEnum):
    """States whether a subject answered a vantage. UNKNOWN: the silence is not shown to be the subject's."""

    __hash__ = StrEnum.__hash__

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFrom:
    """Holds whether a subject answered one vantage, and the networks in which the vantage stands."""

    vantage: str
    networks: tuple[Network, ...]
    answered: AnswerState
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Names a network from which a subject answers, another from which it does not, and the vantages that show it."""

    answers: Network
    silent: Network
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]


def seen_from(subject: Subject, evidence: EvidenceSet, ctx: Context) -> SeenFrom | None:
    """Return how a subject answered one vantage; None where the vantage sent nothing to an address of the subject."""
    ctx = replace(ctx, location=ctx.sites.places.location(subject, ctx.vantage.networks))
    evidence = told_by_subjects(evidence, ctx)
    silent: dict[IPAddress, list[Reason | None]] = {}
    for envelope in evidence:
        if envelope.endpoint is None:
            continue
        address = envelope.endpoint.address
        if _is_answered(envelope, address):
            return _seen(ctx, AnswerState.YES)
        failed = [
            step.reason for step in judged_steps(envelope, evidence, ctx) if step.address == address and step.failed
        ]
        if failed and not ctx.vantage.usable(address.version, envelope.started):
            failed = [Reason.V6 if address.version == 6 else Reason.V4]
        silent.setdefault(address, []).extend(failed)
    asked = [reasons for reasons in silent.values() if reasons]
    if not asked:
        return None
    unproven = next((reasons[0] for reasons in asked if None not in reasons), None)
    return _seen(ctx, AnswerState.NO if unproven is None else AnswerState.UNKNOWN, unproven)


def _is_answered(one: Evidence, address: IPAddress) -> bool:
    parts = (part for step in one.steps if step.MEASURED for part in step.single_steps() if part.is_control)
    return any(part.is_answered_by(address) for part in parts)


def _seen(ctx: Context, answered: AnswerState, reason: Reason | None = None) -> SeenFrom:
    networks = tuple(network for network in Network if network in ctx.vantage.networks)
    return SeenFrom(vantage=ctx.vantage.name, networks=networks, answered=answered, reason=reason)


def contradiction(seen: Iterable[SeenFrom]) -> Contradiction | None:
    """Return the two networks if a subject answers in only one of them, else None.

    A vantage that stands in both networks, or cannot tell, is left out; where the vantages of one network differ among
    themselves, the result is None.
    """
    told = [view for view in seen if len(view.networks) == 1 and view.answered is not AnswerState.UNKNOWN]
    yes, no = ([view for view in told if view.answered is each] for each in (AnswerState.YES, AnswerState.NO))
    answers, silent = ({view.networks[0] for view in each} for each in (yes, no))
    if not yes or not no or answers & silent:
        return None
    return Contradiction(answers=answers.pop(), silent=silent.pop(), answered=_names(yes), unanswered=_names(no))


def _names(seen: Sequence[SeenFrom]) -> tuple[str, ...]:
    return tuple(sorted(view.vantage for view in seen))
