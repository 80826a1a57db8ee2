"""Whether the TLSA records of a mail exchanger fit the certificates that it shows (RFC 7672)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.serialization import Encoding

from auditor.context import Context
from auditor.facts.blame import excuse
from auditor.facts.certificates import Certificate, Trust, covers, read, trust
from auditor.facts.names import Lookup, canonical, lookup
from auditor.findings import Reason
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.mail import SmtpDialogue
from probes.wire import tlsa
from probes.wire.tlsa import END_ENTITY, Tlsa

_CERTIFICATES = 10


class Fit(Enum):
    ABSENT = "no TLSA records that SMTP can use"
    FITS = "every address shows a certificate that fits"
    DIFFERS = "some address shows one that does not"
    UNSEEN = "the certificates were not seen"
    UNKNOWN = "the look-up is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dane:
    """``reason`` goes with UNSEEN."""

    exchanger: str
    look: Lookup
    fit: Fit
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def dane(evidence: EvidenceSet, ctx: Context, exchanger: str) -> Dane:
    """The state of one exchanger, over all its addresses."""
    look = lookup(evidence, ctx, f"_25._tcp.{exchanger}", "TLSA", "tlsa", authoritative=True)
    if not look.known:
        return Dane(exchanger=exchanger, look=look, fit=Fit.UNKNOWN, evidence=look.evidence)
    records = [one for one in map(tlsa.read, look.records) if one is not None and one.usable]
    if not records:
        return Dane(exchanger=exchanger, look=look, fit=Fit.ABSENT, evidence=look.evidence)
    fit, reason, ids = _compared(evidence, ctx, exchanger, records)
    return Dane(
        exchanger=exchanger,
        look=look,
        fit=fit,
        reason=reason,
        evidence=tuple(dict.fromkeys([*look.evidence, *ids])),
    )


def _compared(
    evidence: EvidenceSet, ctx: Context, exchanger: str, records: Sequence[Tlsa]
) -> tuple[Fit, Reason | None, list[EvidenceId]]:
    ids: list[EvidenceId] = []
    fits: list[bool] = []
    reason: Reason | None = None
    for one, step in evidence.of(SmtpDialogue):
        if canonical(step.server_name or "") != exchanger:
            continue
        ids.append(one.id)
        chain = [certificate for der in step.chain[:_CERTIFICATES] if (certificate := read(der)) is not None]
        if chain:
            fits.append(any(_fits(record, chain, exchanger, ctx) for record in records))
        elif step.failure is not None:
            reason = reason or excuse(ctx, one, step.failure, step.address, f"tcp/{step.port}")
    if False in fits:
        return Fit.DIFFERS, None, ids
    return (Fit.FITS, None, ids) if fits else (Fit.UNSEEN, reason or Reason.CUT, ids)


def _fits(record: Tlsa, chain: Sequence[Certificate], exchanger: str, ctx: Context) -> bool:
    """DANE-EE asks for the certificate alone; DANE-TA also for the path to the authority and for the name (§3.1)."""
    if record.usage == END_ENTITY:
        return _is(record, chain[0])
    anchors = [one for one in chain if _is(record, one)]
    return any(
        covers(chain[0], exchanger) and trust(chain, _pem(anchor), "", ctx.now) is Trust.TRUSTED for anchor in anchors
    )


def _is(record: Tlsa, certificate: Certificate) -> bool:
    data = certificate.key if record.selector else certificate.parsed.public_bytes(Encoding.DER)
    digest = {0: lambda: data, 1: lambda: hashlib.sha256(data).digest(), 2: lambda: hashlib.sha512(data).digest()}
    return digest[record.matching]() == record.data


def _pem(certificate: Certificate) -> str:
    return certificate.parsed.public_bytes(Encoding.PEM).decode("ascii")
