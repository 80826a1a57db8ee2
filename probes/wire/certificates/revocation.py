"""Reads revocation lists (RFC 5280 §5) and files with an issuer's certificate, as authorities publish them.

A list may have millions of entries and only one is needed, so only the proof that the authority signed the list is
kept: a digest of the signed part, and the signature.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from probes.wire.certificates.errors import UNREADABLE

_ISSUERS = 8


class NoList(Exception):
    """Raised if the data is not a readable list of revoked certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationAnswer:
    """Holds a list's entry for one certificate; if the list has none, ``since`` is None and ``reason`` empty."""

    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    algorithm: str
    hashed: str
    digest: bytes
    signature: bytes
    since: datetime | None
    reason: str


def summary(der: bytes, serial: int) -> RevocationAnswer:
    """Return the entry of one certificate in its issuer's list, which is in DER or PEM. Raise NoList if unreadable."""
    try:
        pem = der.lstrip().startswith(b"-----BEGIN")
        certificate_revocation_list = x509.load_pem_x509_crl(der) if pem else x509.load_der_x509_crl(der)
        entry = certificate_revocation_list.get_revoked_certificate_by_serial_number(serial)
        algorithm = certificate_revocation_list.signature_hash_algorithm
        hashed = "" if algorithm is None else algorithm.name
        return RevocationAnswer(
            issuer=certificate_revocation_list.issuer.public_bytes(),
            this_update=certificate_revocation_list.last_update_utc,
            next_update=certificate_revocation_list.next_update_utc,
            algorithm=certificate_revocation_list.signature_algorithm_oid.dotted_string,
            hashed=hashed,
            digest=hashlib.new(hashed, certificate_revocation_list.tbs_certlist_bytes).digest()
            if hashed
            else certificate_revocation_list.tbs_certlist_bytes[:0],
            signature=certificate_revocation_list.signature,
            since=None if entry is None else entry.revocation_date_utc,
            reason="" if entry is None else _reason(entry),
        )
    except UNREADABLE as problem:
        raise NoList(str(problem)) from problem


def issuers(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates in a file: one in DER (RFC 5280 §4.2.2.1), several in PEM or PKCS #7, or none."""
    for load in (_der, _pem, _pkcs7):
        try:
            certificates = load(data)
        except UNREADABLE:
            continue
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates[:_ISSUERS])
    return ()


def _der(data: bytes) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(data)]


def _pem(data: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(data)


def _pkcs7(data: bytes) -> list[x509.Certificate]:
    return pkcs7.load_der_pkcs7_certificates(data)


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return ""
