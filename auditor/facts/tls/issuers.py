"""Reads the issuer certificates that were fetched from the URLs in certificates (RFC 5280 §4.2.2.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from auditor.facts.attribution import excuse
from auditor.facts.cut_off import cut_off
from auditor.facts.tls.certificates import Certificate, read
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.certificates import IssuerFetch

_PROBE = frozenset({"certificate_status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedIssuer:
    """Holds the fetched issuers of a chain.

    ``open_still``: they were or should have been fetched, and the failure may be due to us or the path.
    """

    issuers: tuple[Certificate, ...] = ()
    open_still: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def fetched(evidence: EvidenceSet, ctx: Context, sent: Sequence[bytes]) -> FetchedIssuer:
    """Return the issuers that were fetched for any certificate of a chain, in DER, as it was sent."""
    wanted = {sha256(der).digest() for der in sent}
    tries = [(envelope, step) for envelope, step in evidence.of(IssuerFetch) if step.certificate in wanted]
    found = {der: read(der) for _, step in tries for der in step.issuers}
    issuers = tuple(certificate for certificate in found.values() if certificate is not None)
    settled = any(
        step.failure is None
        or excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True) is None
        for envelope, step in tries
    )
    unfinished = () if tries else cut_off(evidence, _PROBE)
    return FetchedIssuer(
        issuers=issuers,
        open_still=bool(tries or unfinished) and not issuers and not settled,
        evidence=tuple(dict.fromkeys(envelope.id for envelope, _ in tries)),
    )
