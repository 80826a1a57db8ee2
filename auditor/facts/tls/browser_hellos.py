"""What became of hellos as browsers send them, of two segments and of one, at one address."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts.attribution import excuse
from auditor.facts.exposure.port_state import knock
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.tls import LARGE_HELLO, BrowserHello, HelloAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One address. ``answers`` the small hello, ``large`` the large one too; ``reason``: not known."""

    address: IPAddress
    answers: bool = False
    large: bool = False
    size: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def hellos(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Look:
    """The best of every time that it was asked."""
    tries = [(one, step) for one, step in evidence.of(BrowserHello) if (step.address, step.port) == (address, port)]
    large = [(one, step) for one, step in tries if step.large]
    ids = tuple(dict.fromkeys(one.id for one, _ in tries))
    size = max((step.size for _, step in large), default=0)
    state = knock(evidence, ctx, address, port)
    if any(step.taken for _, step in large):
        return Look(address=address, answers=True, large=True, size=size, evidence=ids)
    if not tries and state.shut:
        return Look(address=address, evidence=state.evidence)
    if not tries:
        return Look(address=address, reason=state.reason or Reason.CUT, evidence=state.evidence)
    if not any(step.taken for _, step in tries):
        return _small_unanswered(ctx, address, port, tries, ids)
    reasons = [_excuse(ctx, one, step, address) for one, step in large]
    if not reasons or None not in reasons:
        reason = next((one for one in reasons if one is not None), Reason.CUT)
        return Look(address=address, reason=reason, evidence=ids)
    return Look(address=address, answers=True, size=size, evidence=ids)


def _small_unanswered(
    ctx: Context,
    address: IPAddress,
    port: int,
    tries: Sequence[tuple[Evidence, BrowserHello]],
    ids: tuple[EvidenceId, ...],
) -> Look:
    """Neither hello is taken: that is other checks' finding, if it is theirs at all."""
    reasons = [
        excuse(ctx, one, step.failure, address, f"tcp/{port}")
        for one, step in tries
        if not step.large and step.failure is not None
    ]
    if reasons and None in reasons:
        return Look(address=address, evidence=ids)
    return Look(address=address, reason=next((one for one in reasons if one), Reason.CUT), evidence=ids)


def _excuse(ctx: Context, one: Evidence, step: BrowserHello, address: IPAddress) -> Reason | None:
    """Why the silence about a large hello proves nothing; over a family over which no large one of ours was answered
    by anybody else, whatever came back may be of our own path."""
    if step.failure is None or step.answer is HelloAnswer.ALERT:
        return None
    reason = excuse(ctx, one, step.failure, address, LARGE_HELLO)
    if reason is None and not ctx.vantage.proven(address, LARGE_HELLO, one.started):
        reason = Reason.EGR
    return (Reason.V6 if address.version == 6 else Reason.V4) if reason is Reason.EGR else reason
