"""Evaluates a domain's MTA-STS as a sender that supports it would (RFC 8461)."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from auditor.facts.attribution import excuse
from auditor.facts.dns.names import Lookup, lookup
from auditor.facts.tls.certificates import ChainTrust, covers, has_roots, read, trust
from auditor.facts.web.filters import STATUSES, UNAVAILABLE
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.mail import PolicyFetch
from probes.wire.mail import mta_sts
from probes.wire.mail.misspelt import is_meant_as_mta_sts, shown
from probes.wire.mail.mta_sts import MtaStsPolicy, NotAPolicy, announced, identity
from probes.wire.mail.spf.record import text_of

_DAY = 86_400


class MtaStsState(Enum):
    NONE = "none"  # not announced, or disabled by the policy itself
    IN_FORCE = "in force"  # a valid policy in mode enforce or testing
    BROKEN = "broken"  # announced, but it cannot be fetched or is invalid
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sts:
    """Holds the MTA-STS state of a domain.

    ``term``: the broken part. ``unknown``: the lookup, and ``reason``: the cause, for which the state is not known.
    """

    state: MtaStsState
    policy: MtaStsPolicy | None = None
    term: str = ""
    unknown: Lookup | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def lasting(self) -> bool:
        """True if senders keep the policy for at least a day, long enough to apply it to later messages."""
        return self.policy is not None and self.policy.max_age >= _DAY


def policy_of(evidence: EvidenceSet, ctx: Context, domain: str) -> Sts:
    """Return the MTA-STS state and policy of a domain; one good copy is enough, because senders try every address."""
    look = lookup(evidence, ctx, f"_mta-sts.{domain}", "TXT", "mta-sts")
    if not look.known:
        return Sts(state=MtaStsState.UNKNOWN, unknown=look, evidence=look.evidence)
    texts = announced(look.records)
    if not texts:
        near = next((text for text in map(text_of, look.records) if is_meant_as_mta_sts(text)), None)
        if near is not None:
            return Sts(state=MtaStsState.BROKEN, term=f"_mta-sts TXT: {shown(near)}", evidence=look.evidence)
        return Sts(state=MtaStsState.NONE, evidence=look.evidence)
    try:
        identity(texts[0])
    except NotAPolicy as problem:
        return Sts(state=MtaStsState.BROKEN, term=f"_mta-sts TXT: {problem}", evidence=look.evidence)
    if len(texts) > 1:
        return Sts(state=MtaStsState.BROKEN, term=f"_mta-sts TXT: {len(texts)}", evidence=look.evidence)
    return _fetched(evidence, ctx, f"mta-sts.{domain}", look)


def _fetched(evidence: EvidenceSet, ctx: Context, host: str, look: Lookup) -> Sts:
    pairs = [(envelope, step) for envelope, step in evidence.of(PolicyFetch) if _host(step.url) == host]
    ids = tuple(dict.fromkeys([*look.evidence, *(envelope.id for envelope, _ in pairs)]))
    if not pairs:
        return _without_fetch(evidence, ctx, host, ids)
    terms: list[str] = []
    reason: Reason | None = None
    for envelope, step in sorted(pairs, key=lambda pair: (pair[1].address.version, int(pair[1].address))):
        said = _judged(envelope, step, ctx, host)
        if isinstance(said, MtaStsPolicy):
            state = MtaStsState.NONE if said.mode == "none" else MtaStsState.IN_FORCE
            return Sts(state=state, policy=said, evidence=ids)
        if isinstance(said, Reason):
            reason = reason or said
        else:
            terms.append(said)
    if reason is not None:
        return Sts(state=MtaStsState.UNKNOWN, reason=reason, evidence=ids)
    return Sts(state=MtaStsState.BROKEN, term=terms[0], evidence=ids)


def _without_fetch(evidence: EvidenceSet, ctx: Context, host: str, ids: tuple[EvidenceId, ...]) -> Sts:
    looks = [lookup(evidence, ctx, host, rtype, "mta-sts-host") for rtype in ("A", "AAAA")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        return Sts(state=MtaStsState.UNKNOWN, unknown=unknown, evidence=ids)
    if any(look.records for look in looks):
        return Sts(state=MtaStsState.UNKNOWN, reason=Reason.CUT, evidence=ids)
    return Sts(state=MtaStsState.BROKEN, term=f"{host} A, AAAA", evidence=ids)


def _judged(envelope: Evidence, step: PolicyFetch, ctx: Context, host: str) -> MtaStsPolicy | Reason | str:
    """Return the policy of one address, the reason why it proves nothing, or a text with its fault."""
    if step.failure is not None and step.status is None:
        reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True)
        return reason or f"{step.url}: {step.failure.kind.value}"
    if not has_roots(ctx.reference.trust_roots):
        return Reason.REF
    if not _trusted(envelope, step, ctx, host):
        return "X.509"
    if step.status in STATUSES or step.status == UNAVAILABLE:
        return Reason.RATE
    if step.status != 200:
        return f"HTTP {step.status}"
    if step.content_type.partition(";")[0].strip().lower() != "text/plain":
        return f"Content-Type: {step.content_type[:60]}"
    body = step.body.rpartition(b"\n")[0] if step.truncated else step.body
    try:
        return mta_sts.read(body)
    except NotAPolicy as problem:
        return str(problem)


def _trusted(envelope: Evidence, step: PolicyFetch, ctx: Context, host: str) -> bool:
    at = envelope.time_of(step)
    chain = [certificate for der in step.chain[:10] if (certificate := read(der)) is not None]
    if not chain or not covers(chain[0], host) or not chain[0].not_before <= at <= chain[0].not_after:
        return False
    return trust(chain, ctx.reference.trust_roots, "", at) is ChainTrust.TRUSTED


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
