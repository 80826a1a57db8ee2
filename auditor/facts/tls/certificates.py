"""Parses certificates as a server sent them, within bounds, and validates their chains.

Path validation is ``cryptography``'s, at the time of the evidence and against the run's own roots; a chain that it
refuses is shown to OpenSSL before it is called broken, because it does not know all that RFC 5280 allows (names of
directories among constraints, critical policies). Name and expiry of the leaf are left out of it on purpose: they are
findings of their own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError
from OpenSSL import crypto

from auditor.facts.dns.names import canonical
from probes.wire.certificates.errors import UNREADABLE

MAX_CERTIFICATES = 100
"""The largest number of certificates of one chain.

It is as many of usual size as OpenSSL takes of a server, so that none that browsers see is missing.
"""
MAX_SIZE = 65_536
_SERVERS = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which pyOpenSSL does not name."""
E = TypeVar("E", bound=x509.ExtensionType)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Holds the fields of one certificate that checks need. ``names`` are its SAN dNSNames as text, in lower case."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key: bytes
    parsed: x509.Certificate

    @property
    def self_issued(self) -> bool:
        return self.subject == self.issuer

    @property
    def der(self) -> bytes:
        return self.parsed.public_bytes(Encoding.DER)

    @property
    def algorithm(self) -> str:
        """The algorithm of the certificate's key."""
        return type(self.parsed.public_key()).__name__

    def is_valid(self, at: datetime) -> bool:
        """True if a moment is within its validity."""
        return self.not_before <= at <= self.not_after

    @property
    def lifetime(self) -> timedelta:
        return self.not_after - self.not_before


class ChainTrust(Enum):
    """Names the trust in a chain, or the reason why there is none."""

    TRUSTED = "trusted"
    DECLARED = "declared"  # only by a root that the agency declared
    REPAIRED = "repaired"  # only with a certificate that was not sent, and could be fetched
    DISPUTED = "disputed"  # the two verifiers differ
    INCOMPLETE = "incomplete"  # the issuer of the last certificate was not sent
    SELF_SIGNED = "self-signed"
    UNTRUSTED = "untrusted"  # complete, up to a root that is not trusted here
    EXPIRED = "expired"  # a certificate above the leaf is outside its validity
    BROKEN = "broken"  # the right names, but it does not verify


@lru_cache(maxsize=128)  # an address presents the same few in each handshake; at most 8 MB of them
def read(der: bytes) -> Certificate | None:
    """Return one certificate; None when it cannot be read."""
    if len(der) > MAX_SIZE:
        return None
    try:
        parsed = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=parsed.subject.rfc4514_string(),
            issuer=parsed.issuer.rfc4514_string(),
            names=_names(parsed),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            key=parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            parsed=parsed,
        )
    except UNREADABLE:
        return None


def covers(certificate: Certificate, host: str) -> bool:
    """True if a SAN dNSName equals ``host``, or is a wildcard that stands for its whole first label (RFC 9525 §6.3)."""
    wanted = canonical(host)
    first, _, rest = wanted.partition(".")
    return any(name == wanted or (bool(first and rest) and name == f"*.{rest}") for name in certificate.names)


def trust(
    chain: Sequence[Certificate], roots: str, declared: str, now: datetime, fetched: Sequence[Certificate] = ()
) -> ChainTrust:
    """Return the trust in ``chain``, leaf first as served. The leaf is judged at the nearest moment of its validity.

    ``fetched``: the issuers that were fetched from the URLs in the certificates.
    """
    leaf, above = chain[0], chain[1:MAX_CERTIFICATES]
    moment = min(max(now, leaf.not_before), leaf.not_after)
    ways = (
        (ChainTrust.TRUSTED, above, roots),
        (ChainTrust.DECLARED, above, roots + declared),
        (ChainTrust.REPAIRED, (*above, *fetched), roots + declared),
    )
    for found, issuers, store in ways:
        if _verifies(leaf, issuers, store, moment):
            return found
    for found, issuers, store in ways if moment < now else ():
        if _verifies_but_for_the_leaf(leaf, issuers, store, now):
            return found
    if _openssl_verifies(leaf, (*above, *fetched), roots + declared, moment):
        return ChainTrust.DISPUTED
    return _why_not(_path(leaf, (*above, *fetched)), roots + declared, (moment, now))


def _why_not(path: Sequence[Certificate], roots: str, moments: Sequence[datetime]) -> ChainTrust:
    known = {root.subject.rfc4514_string() for root in _roots(roots)}
    if any(not any(map(certificate.is_valid, moments)) for certificate in path[1:]):
        return ChainTrust.EXPIRED
    if path[-1].self_issued and path[-1].subject not in known:
        return ChainTrust.SELF_SIGNED if len(path) == 1 else ChainTrust.UNTRUSTED
    return ChainTrust.BROKEN if path[-1].issuer in known else ChainTrust.INCOMPLETE


def top(chain: Sequence[Certificate], fetched: Sequence[Certificate] = ()) -> Certificate:
    """Return the last certificate that the names of ``chain`` lead to; others that were sent are no part of it."""
    return _path(chain[0], (*chain[1:MAX_CERTIFICATES], *fetched))[-1]


def issuers_of(leaf: Certificate, others: Sequence[Certificate], roots: str) -> tuple[Certificate, ...]:
    """Return certificates with the name of its issuer, of ``others`` and of the roots; never a proof of anything."""
    trusted = (root for root in _roots(roots) if root.subject == leaf.parsed.issuer)
    read_roots = (read(root.public_bytes(Encoding.DER)) for root in trusted)
    listed = (*others, *(certificate for certificate in read_roots if certificate is not None))
    return tuple(
        {certificate.der: certificate for certificate in listed if certificate.subject == leaf.issuer}.values()
    )


def has_roots(roots: str) -> bool:
    return bool(_roots(roots))


def _path(leaf: Certificate, above: Sequence[Certificate]) -> list[Certificate]:
    """Return the path from the leaf upwards by name, for the wording of errors; it is never a proof of anything."""
    path, left = [leaf], list(above)
    while not path[-1].self_issued:
        issuer = next((certificate for certificate in left if certificate.subject == path[-1].issuer), None)
        if issuer is None:
            break
        left.remove(issuer)
        path.append(issuer)
    return path


def _verifies(leaf: Certificate, above: Sequence[Certificate], roots: str, moment: datetime) -> bool:
    """True if a path to a root was valid at a moment. It is computed for one moment among those that are all alike."""
    chain = (leaf.parsed, *(certificate.parsed for certificate in above))
    turns = _turns(chain, roots)
    return _verifies_once(chain, roots, _Moment(moment, bisect_left(turns, moment), bisect_right(turns, moment)))


@dataclass(frozen=True, slots=True)
class _Moment:
    """Holds a moment. Two between the same ends and beginnings of validity are alike.

    ``before`` counts the ends and beginnings before it, and ``until`` those until it.
    """

    at: datetime = field(compare=False)
    before: int
    until: int


@lru_cache(maxsize=32)
def _turns(chain: tuple[x509.Certificate, ...], roots: str) -> tuple[datetime, ...]:
    """List the moments at which the validity of a certificate begins or ends, in their order."""
    every = {*chain, *_roots(roots)}
    return tuple(sorted({at for each in every for at in (each.not_valid_before_utc, each.not_valid_after_utc)}))


@lru_cache(maxsize=32)  # every address of a subject presents the same chain in every handshake
def _verifies_once(chain: tuple[x509.Certificate, ...], roots: str, moment: _Moment) -> bool:
    store = _store(roots)
    if store is None:
        return False
    builder = PolicyBuilder().store(store).time(moment.at)
    # The client verifier, because the server one insists on a name; the leaf's purpose is asked for below instead.
    verifier = builder.extension_policies(ca_policy=_CA, ee_policy=_LEAF).build_client_verifier()
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except (VerificationError, *UNREADABLE):
        return False
    return True


def _verifies_but_for_the_leaf(leaf: Certificate, above: Sequence[Certificate], roots: str, now: datetime) -> bool:
    """True if the chain of an expired leaf is valid now apart from the leaf.

    An intermediate that was renewed after the leaf expired was not valid at any moment of the leaf's validity.
    """
    issuers = _path(leaf, above)[1:]
    return all(issuer.is_valid(now) for issuer in issuers) and _openssl_verifies(leaf, above, roots, None)


def _openssl_verifies(leaf: Certificate, above: Sequence[Certificate], roots: str, moment: datetime | None) -> bool:
    """True if OpenSSL verifies the chain, at any time if ``moment`` is None.

    The purpose of the certificates is not checked by OpenSSL.
    """
    trusted = _roots(roots)
    if not trusted or not _serves(leaf.parsed):
        return False
    try:
        store = crypto.X509Store()
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
        if moment is None:
            store.set_flags(_NO_CHECK_TIME)
        else:
            store.set_time(moment)
        for root in trusted:
            store.add_cert(crypto.X509.from_cryptography(root))
        others = [crypto.X509.from_cryptography(certificate.parsed) for certificate in above]
        context = crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf.parsed), others)
        path = [certificate.to_cryptography() for certificate in context.get_verified_chain()]
        return all(certificate in trusted or _is_for_servers(certificate) for certificate in path[1:])
    except (crypto.Error, crypto.X509StoreContextError, *UNREADABLE):
        return False


def _serves(parsed: x509.Certificate) -> bool:
    """True if a leaf may be a TLS server's, as far as it states its purpose."""
    return _is_for_servers(parsed) and _shakes_hands(parsed)


def _is_for_servers(parsed: x509.Certificate) -> bool:
    purposes = _said(parsed, x509.ExtendedKeyUsage)
    return purposes is None or bool(_SERVERS & set(purposes))


def _shakes_hands(parsed: x509.Certificate) -> bool:
    """True if the key may do at least one of the operations of a handshake.

    Clients accept no key that may only sign certificates, unless it is trusted itself.
    """
    usage = _said(parsed, x509.KeyUsage)
    allowed = usage is None or usage.digital_signature or usage.key_encipherment or usage.key_agreement
    return allowed or parsed.subject == parsed.issuer


def _said(parsed: x509.Certificate, kind: type[E]) -> E | None:
    """Return the value of one extension of a certificate; None where it has none."""
    try:
        return parsed.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


@lru_cache(maxsize=8)
def _roots(pem: str) -> tuple[x509.Certificate, ...]:
    found = []
    for block in _PEM.findall(pem):
        try:
            found.append(x509.load_pem_x509_certificate(block.encode()))
        except UNREADABLE:  # one invalid root of the system's store must not exclude the others
            continue
    return tuple(found)


@lru_cache(maxsize=8)
def _store(pem: str) -> Store | None:
    roots = _roots(pem)
    return Store(list(roots)) if roots else None


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(canonical(name) for name in names.get_values_for_type(x509.DNSName))


def _is_ca(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("not a certification authority")


def _for_servers(_policy: Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is not None and not _SERVERS & set(usage):
        raise ValueError("not for TLS servers")


def _under_a_root(policy: Policy, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    """Check the purpose of an issuer between leaf and root, as every verifier does; a root is trusted as it is."""
    if certificate.subject != certificate.issuer:
        _for_servers(policy, certificate, usage)


def _of_a_handshake(_policy: Policy, certificate: x509.Certificate, _usage: x509.KeyUsage | None) -> None:
    if not _shakes_hands(certificate):
        raise ValueError("not for handshakes")


def _signs(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """Raise ValueError for an authority with a key usage without certificate signing (RFC 5280 §6.1.4 (n))."""
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("not for signing certificates")


# Only the rules of path validation: national and internal authorities omit much that the web's profile demands.
_CA = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_ca)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _under_a_root)
)
_LEAF = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_servers)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _of_a_handshake)
)
