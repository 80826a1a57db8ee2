"""Reads the answers of a host that redirects lead to, from all visits that were sent there."""

from dataclasses import dataclass
from enum import Enum

from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.dns import names
from auditor.facts.dns.names import lookup
from auditor.facts.web.visits import host_of
from auditor.framework.context import Context
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.web import HttpExchange

_TYPES = {4: "A", 6: "AAAA"}


class TargetState(Enum):
    """Tells whether the target of a redirect answers.

    ``MUTE``: it has addresses, and none that was asked answered. ``UNKNOWN``: it was not asked, or its silence may be a
    fault of the vantage.
    """

    ANSWERS = "answers"
    NO_ADDRESS = "no-address"
    MUTE = "mute"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectTarget:
    state: TargetState
    evidence: tuple[EvidenceId, ...] = ()


@remembered
def redirect_target(
    evidence: EvidenceSet, ctx: Context, host: str, families: tuple[int, ...] = (4, 6)
) -> RedirectTarget:
    """Return the state of ``host``, a name or an address, from the visits redirected to it over ``families``."""
    asked = [
        (envelope, step)
        for envelope, step in evidence.of(HttpExchange)
        if step.hop > 0 and step.address.version in families and host_of(step.url) == host
    ]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in asked))
    if any(step.status is not None or step.not_http for _, step in asked):
        return RedirectTarget(state=TargetState.ANSWERS, evidence=ids)
    literal = names.address(host)
    looks = [lookup(evidence, ctx, host, _TYPES[family], "redirect") for family in families if literal is None]
    ids = tuple(dict.fromkeys((*ids, *(id_ for look in looks for id_ in look.evidence))))
    there = {family for look in looks for family in families if look.records and look.rtype == _TYPES[family]}
    there |= set() if literal is None else {literal.version}
    known = all(look.known for look in looks) and there <= {step.address.version for _, step in asked}
    if not known or any(_excused(ctx, envelope, step) for envelope, step in asked):
        return RedirectTarget(state=TargetState.UNKNOWN, evidence=ids)
    return RedirectTarget(state=TargetState.MUTE if there else TargetState.NO_ADDRESS, evidence=ids)


def _excused(ctx: Context, envelope: Evidence, step: HttpExchange) -> bool:
    if step.failure is None:
        return True
    return excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True) is not None
