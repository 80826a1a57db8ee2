"""Matches the TLSA records of a mail exchanger with the certificates that it shows (RFC 7672)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from cryptography.hazmat.primitives.serialization import Encoding
from dns.rdtypes.ANY.TLSA import TLSA

from auditor.facts.attribution import excuse
from auditor.facts.dns.dnssec.trust import TrustState
from auditor.facts.dns.dnssec.vouching import Vouched, vouched
from auditor.facts.dns.error_answers import error_answers
from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.facts.tls.certificates import MAX_CERTIFICATES, Certificate, ChainTrust, covers, read, trust
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.mail import MX_ALIAS, SmtpDialogue
from probes.wire.dns import tlsa
from probes.wire.dns.tlsa import END_ENTITY, TRUST_ANCHOR, Tlsa

_UNASKED = Vouched(state=TrustState.UNKNOWN)


class Fit(Enum):
    ABSENT = "no TLSA records that SMTP can use"
    FITS = "every address shows a certificate that fits"
    DIFFERS = "some address shows one that does not"
    EXPIRED = "some address shows one of the right authority that is out of its dates"
    UNSEEN = "the certificates were not seen"
    ALIASED = "the one that an alias shows does not fit, and whoever names what it leads to may be shown another"
    BARE = "the records name an authority by its key alone, which is not compared"
    ERRORS = "the name servers answer with an error, and DNSSEC vouches for the exchanger's addresses"
    UNKNOWN = "the look-up is not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dane:
    """Holds the DANE result of one exchanger.

    ``reason`` is set with UNSEEN, ALIASED and BARE. ``vouched``: the DNSSEC status of the records. ``rcodes``: the
    errors that the name servers answer.

    ``spare``: there is a usable record besides those of the certificates in use, so that these can be changed.
    """

    exchanger: str
    look: Lookup
    fit: Fit
    reason: Reason | None = None
    vouched: Vouched = _UNASKED
    spare: bool = False
    rcodes: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def holds(self) -> bool:
        return self.fit is Fit.FITS and self.vouched.state is TrustState.SECURE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    fit: Fit
    reason: Reason | None = None
    spare: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def dane(evidence: EvidenceSet, ctx: Context, exchanger: str, domains: Sequence[str] = ()) -> Dane:
    """Return the DANE result of one exchanger, over all its addresses.

    ``domains``: the mail domain and its alias targets, which a certificate under an authority may name instead of the
    exchanger if the MX records are secured by DNSSEC (RFC 7672 §3.2.2).

    For an exchanger that is an alias senders first use the records of the alias target (§2.2.2).
    """
    alias = lookup(evidence, ctx, exchanger, "TLSA", MX_ALIAS)
    if alias.chain:
        expanded = _expanded(evidence, ctx, exchanger, tuple(map(canonical, alias.chain)), domains)
        if expanded.fit is not Fit.ABSENT and expanded.vouched.state is not TrustState.INSECURE:
            return expanded
    return _below(evidence, ctx, exchanger, exchanger, domains)


def _expanded(
    evidence: EvidenceSet, ctx: Context, exchanger: str, chain: tuple[str, ...], domains: Sequence[str]
) -> Dane:
    """Return the result by the records below the end of ``chain``, valid if DNSSEC secures each alias on the way.

    Senders name that end in the handshake (§8.1), but we name the exchanger, so the server may show a different
    certificate.
    """
    found = _below(evidence, ctx, exchanger, chain[-1], domains)
    if found.fit in (Fit.UNKNOWN, Fit.ABSENT):
        return found
    by = vouched(evidence, ctx, (exchanger, *chain[:-1]), "CNAME")
    if by.state is not TrustState.SECURE:
        found = replace(found, vouched=by)
    if found.fit in (Fit.DIFFERS, Fit.EXPIRED):
        found = replace(found, fit=Fit.ALIASED, reason=Reason.AMB)
    return replace(found, evidence=tuple(dict.fromkeys([*found.evidence, *by.evidence])))


def _below(evidence: EvidenceSet, ctx: Context, exchanger: str, base: str, domains: Sequence[str]) -> Dane:
    """Return the result by the records below ``base``, a name that a certificate may have besides ``domains``."""
    look = lookup(evidence, ctx, f"_25._tcp.{base}", "TLSA", "tlsa", authoritative=True)
    if not look.known:
        return _unanswered(evidence, ctx, exchanger, look)
    if not any(tlsa is not None and tlsa.usable for tlsa in map(tlsa.read, look.records)):
        return Dane(exchanger=exchanger, look=look, fit=Fit.ABSENT, evidence=look.evidence)
    by = vouched(evidence, ctx, (look.name, *map(canonical, look.chain)), "TLSA")
    comparison = _compared(evidence, ctx, exchanger, (base, *domains), _records(look, by))
    return Dane(
        exchanger=exchanger,
        look=look,
        fit=comparison.fit,
        reason=comparison.reason,
        vouched=by,
        spare=comparison.spare,
        evidence=tuple(dict.fromkeys([*look.evidence, *by.evidence, *comparison.evidence])),
    )


def _unanswered(evidence: EvidenceSet, ctx: Context, exchanger: str, look: Lookup) -> Dane:
    """Return the result for an unanswered TLSA lookup.

    Senders ask for TLSA only if DNSSEC secures the addresses; if they then get an error, they must defer the mail (RFC
    7672 §2.1.3, §2.2.2).
    """
    found = error_answers(evidence, ctx, look.name, "TLSA")
    of_addresses = [vouched(evidence, ctx, (exchanger,), rtype) for rtype in ("A", "AAAA")]
    signed = all(by.state is TrustState.SECURE for by in of_addresses) and any(by.records for by in of_addresses)
    if found is None or not signed or look.name != f"_25._tcp.{exchanger}":
        return Dane(exchanger=exchanger, look=look, fit=Fit.UNKNOWN, evidence=look.evidence)
    ids = (*look.evidence, *found.evidence, *(id_ for by in of_addresses for id_ in by.evidence))
    return Dane(exchanger=exchanger, look=look, fit=Fit.ERRORS, rcodes=found.rcodes, evidence=tuple(dict.fromkeys(ids)))


def _records(look: Lookup, by: Vouched) -> list[Tlsa]:
    """Return the usable TLSA records: those validated by DNSSEC if it secures them, else those of the lookup.

    Senders compare with the validated ones.
    """
    if by.state is TrustState.SECURE:
        held = [record for record in by.records if isinstance(record, TLSA)]
        tlsas = [Tlsa(usage=tlsa.usage, selector=tlsa.selector, matching=tlsa.mtype, data=tlsa.cert) for tlsa in held]
    else:
        tlsas = [tlsa for tlsa in map(tlsa.read, look.records) if tlsa is not None]
    return [tlsa for tlsa in tlsas if tlsa.usable]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SeenChain:
    """Holds one chain, leaf first, with the address that showed it and the time."""

    chain: tuple[Certificate, ...]
    address: IPAddress
    at: datetime

    @property
    def in_time(self) -> bool:
        return self.chain[0].not_before <= self.at <= self.chain[0].not_after


def _compared(
    evidence: EvidenceSet, ctx: Context, exchanger: str, names: Sequence[str], records: Sequence[Tlsa]
) -> _Compared:
    """Compare the records with the certificates shown; ``names`` are valid names under an authority."""
    ids: list[EvidenceId] = []
    chains: list[_SeenChain] = []
    reason: Reason | None = None
    for envelope, step in evidence.of(SmtpDialogue):
        if canonical(step.server_name or "") != exchanger:
            continue
        ids.append(envelope.id)
        chain = [read(der) for der in step.chain[:MAX_CERTIFICATES]]
        if chain and chain[0] is not None:
            known = tuple(certificate for certificate in chain if certificate is not None)
            chains.append(_SeenChain(chain=known, address=step.address, at=envelope.time_of(step)))
        elif chain:
            reason = reason or Reason.AMB  # other programs may be able to read the certificate
        elif step.failure is not None:
            reason = reason or excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True)
    found = [any(_fits(record, seen, names) for record in records) for seen in chains]
    if False in found and any(_is_bare(record) for record in records):
        return _Compared(fit=Fit.BARE, reason=Reason.AMB, evidence=tuple(ids))
    if False in found or not records:
        return _Compared(fit=Fit.DIFFERS if records else Fit.UNSEEN, reason=Reason.AMB, evidence=tuple(ids))
    if not found:
        return _Compared(fit=Fit.UNSEEN, reason=reason or Reason.CUT, evidence=tuple(ids))
    if _expired(records, chains):
        return _Compared(fit=Fit.EXPIRED, evidence=tuple(ids))
    return _Compared(fit=Fit.FITS, spare=_spare(records, chains, names), evidence=tuple(ids))


def _expired(records: Sequence[Tlsa], chains: Sequence[_SeenChain]) -> bool:
    """True if an address shows only certificates that are outside their validity dates and not pinned themselves.

    For pinned ones the dates do not count (RFC 7671 §5.1). Call it only if all records fit otherwise.
    """
    pinned = [record for record in records if record.usage == END_ENTITY]
    good = {seen.address for seen in chains if seen.in_time or any(_is(record, seen.chain[0]) for record in pinned)}
    return any(seen.address not in good for seen in chains)


def _spare(records: Sequence[Tlsa], chains: Sequence[_SeenChain], names: Sequence[str]) -> bool:
    """True if the certificates can be changed without a mismatch.

    That takes a record besides those of the keys in use, of the next key or of an authority, or one of the authority of
    all certificates, which fits the next ones too.
    """
    pinned = [r for r in records if r.usage == TRUST_ANCHOR]
    if any(all(_fits(record, seen, names) for seen in chains) for record in pinned):
        return True
    leaves = [seen.chain[0] for seen in chains]
    in_use = [r for r in records if r.usage == END_ENTITY and any(_is(r, leaf) for leaf in leaves)]
    return len(records) > 1 and len(in_use) < len(records)


def _is_bare(record: Tlsa) -> bool:
    """True if a record holds only the full key of an authority.

    Whether that key signed a chain that lacks the authority's certificate is not computed here.
    """
    return (record.usage, record.selector, record.matching) == (TRUST_ANCHOR, 1, 0)


def _fits(record: Tlsa, seen: _SeenChain, names: Sequence[str]) -> bool:
    """True if a record fits the chain.

    DANE-EE needs only the certificate; DANE-TA also a path to the authority and a matching name (§3.1). An authority
    whose whole certificate is in DNS need not be sent (RFC 7672 §3.1.2).
    """
    chain = seen.chain
    if record.usage == END_ENTITY:
        return _is(record, chain[0])
    anchors = [certificate for certificate in chain if _is(record, certificate)]
    whole = read(record.data) if (record.selector, record.matching) == (0, 0) else None
    anchors += [] if whole is None else [whole]
    named = any(covers(chain[0], name) for name in names)
    roots = "".join(map(_pem, anchors))  # one call for all: a hundred certificates may have the same key
    return named and bool(anchors) and trust(chain, roots, "", seen.at) is ChainTrust.TRUSTED


def _is(record: Tlsa, certificate: Certificate) -> bool:
    data = certificate.key if record.selector else certificate.parsed.public_bytes(Encoding.DER)
    digest = {0: lambda: data, 1: lambda: hashlib.sha256(data).digest(), 2: lambda: hashlib.sha512(data).digest()}
    return digest[record.matching]() == record.data


def _pem(certificate: Certificate) -> str:
    return certificate.parsed.public_bytes(Encoding.PEM).decode("ascii")
