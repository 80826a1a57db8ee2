"""Decides whether senders that follow MTA-STS accept the certificates of a mail exchanger (RFC 8461 §4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from auditor.facts.attribution import excuse
from auditor.facts.dns.names import canonical
from auditor.facts.mail.exchangers import PORT, Exchanger
from auditor.facts.tls.certificates import MAX_CERTIFICATES, ChainTrust, covers, has_roots, read, trust
from auditor.framework.context import Context
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.mail import SmtpDialogue, StartTls

_HOLDS = frozenset({ChainTrust.TRUSTED, ChainTrust.REPAIRED, ChainTrust.DISPUTED})
_DOUBTED = frozenset({ChainTrust.INCOMPLETE, ChainTrust.BROKEN})
"""Chains that some senders accept, because they may have the missing issuer from elsewhere."""


class Accepted(IntEnum):
    """Tells whether senders accept one address's certificate; the best session counts.

    OPEN: no session showed a certificate that can be read here. DEAD: no mail is taken there.
    """

    ACCEPTED = 0
    DOUBTED = 1
    REFUSED = 2
    OPEN = 3
    DEAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MxCertificates:
    """Holds the results for all addresses of one exchanger."""

    exchanger: str
    seen: tuple[Accepted, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def dead(self) -> bool:
        return bool(self.seen) and all(accepted is Accepted.DEAD for accepted in self.seen)

    @property
    def refused(self) -> bool:
        """True if senders refuse the certificate at every address that takes mail."""
        alive = [accepted for accepted in self.seen if accepted is not Accepted.DEAD]
        return bool(alive) and all(accepted is Accepted.REFUSED for accepted in alive)

    @property
    def doubtful(self) -> bool:
        """True if senders refuse, or may refuse, the certificate at some address."""
        return any(accepted in (Accepted.DOUBTED, Accepted.REFUSED) for accepted in self.seen)


def mx_certificates(evidence: EvidenceSet, ctx: Context, exchanger: Exchanger) -> MxCertificates:
    """Return the results of an exchanger's sessions; empty if there are no roots to judge by.

    A certificate may also name the target of an exchanger that is an alias: the alias is the finding of another check.
    """
    names = tuple(map(canonical, (exchanger.name, *exchanger.a.chain, *exchanger.aaaa.chain)))
    best: dict[IPAddress, Accepted] = {}
    ids: list[EvidenceId] = []
    for envelope, step in evidence.of(SmtpDialogue):
        if step.port == PORT and canonical(step.server_name or "") == names[0]:
            accepted = _accepted(envelope, step, ctx, names)
            best[step.address] = min(accepted, best.get(step.address, accepted))
            ids.append(envelope.id)
    if not has_roots(ctx.reference.trust_roots):
        return MxCertificates(exchanger=names[0])
    return MxCertificates(exchanger=names[0], seen=tuple(best.values()), evidence=tuple(dict.fromkeys(ids)))


def _accepted(envelope: Evidence, step: SmtpDialogue, ctx: Context, names: Sequence[str]) -> Accepted:
    """Return whether senders accept the certificate of one session; OPEN without STARTTLS.

    Missing STARTTLS is the finding of ``security.mail.starttls``.
    """
    if not step.greeted and step.failure is not None:
        ours = excuse(ctx, envelope, step.failure, step.address, f"tcp/{PORT}")
        return Accepted.DEAD if ours is None else Accepted.OPEN
    chain = [certificate for der in step.chain[:MAX_CERTIFICATES] if (certificate := read(der)) is not None]
    if step.starttls is not StartTls.DONE or not step.chain or len(chain) < len(step.chain[:MAX_CERTIFICATES]):
        return Accepted.OPEN
    leaf, at = chain[0], envelope.time_of(step)
    named = any(covers(leaf, name) for name in names)
    if not named or not leaf.not_before <= at <= leaf.not_after:
        return Accepted.REFUSED
    ends = trust(chain, ctx.reference.trust_roots, "", at)
    if ends in _HOLDS:
        return Accepted.ACCEPTED
    return Accepted.DOUBTED if ends in _DOUBTED else Accepted.REFUSED
