"""Proofs that logs have a certificate (RFC 6962 §3.2): in it, beside it in the handshake, or in the OCSP response.

Their signatures are not verified: a proof that is forged is one that a browser refuses, and nobody forges it against
the owner's own visitors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509 import ocsp

from auditor.facts.tls.certificates import Certificate

_ID = slice(1, 33)
_FEW, _MANY = 2, 3
_LONG_DAYS = 180
_UNREADABLE = (ValueError, TypeError, x509.UnsupportedGeneralNameType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Ids of the logs, in hexadecimal digits, by where their proofs came."""

    embedded: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


def proofs(leaf: Certificate, listed: bytes, response: bytes) -> Proofs:
    """``listed`` is what came in the TLS extension, ``response`` the OCSP response that was stapled."""
    return Proofs(embedded=frozenset(_embedded(leaf)), beside=frozenset((*_listed(listed), *_stapled(response))))


def wanted(leaf: Certificate) -> int:
    """How many logs browsers want in the certificate itself."""
    return _MANY if leaf.lifetime.days > _LONG_DAYS else _FEW


def enough(found: Proofs, leaf: Certificate) -> bool:
    return len(found.embedded) >= wanted(leaf) or len(found.beside) >= _FEW


def known(found: Proofs, logs: Mapping[str, str]) -> Proofs:
    """Those of logs that are in our list."""
    return Proofs(embedded=found.embedded & logs.keys(), beside=found.beside & logs.keys())


def _embedded(leaf: Certificate) -> Iterator[str]:
    try:
        kind = x509.PrecertificateSignedCertificateTimestamps
        for one in leaf.parsed.extensions.get_extension_for_class(kind).value:
            yield one.log_id.hex()
    except (x509.ExtensionNotFound, x509.DuplicateExtension, *_UNREADABLE):
        return


def _listed(data: bytes) -> Iterator[str]:
    """A SignedCertificateTimestampList (RFC 6962 §3.3): what ends too early counts as far as it goes."""
    at, end = 2, min(len(data), 2 + int.from_bytes(data[:2]))
    while at + 2 <= end:
        size = int.from_bytes(data[at : at + 2])
        one = data[at + 2 : min(at + 2 + size, end)]
        if len(one) >= _ID.stop:
            yield one[_ID].hex()
        at += 2 + size


def _stapled(response: bytes) -> Iterator[str]:
    if not response:
        return
    try:
        read = ocsp.load_der_ocsp_response(response)
        for one in read.single_extensions.get_extension_for_class(x509.SignedCertificateTimestamps).value:
            yield one.log_id.hex()
    except (x509.ExtensionNotFound, x509.DuplicateExtension, *_UNREADABLE):
        return
