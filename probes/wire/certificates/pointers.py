"""Reads the URLs at which a certificate says that its issuer's certificate and revocation list are.

Only plain ``http`` URLs that can be requested are returned; the caller verifies the fetched data by its signature.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from probes.wire.certificates.errors import UNREADABLE

_LONGEST = 2_000


def serial(der: bytes) -> int | None:
    """Return the serial number of a certificate, None if it cannot be read."""
    read = _read(der)
    return None if read is None else read.serial_number


def top(chain: Sequence[bytes]) -> bytes:
    """Return the last certificate that the issuer names lead to from the leaf; the chain begins with the leaf."""
    certificates = [(der, read) for der in chain if (read := _read(der)) is not None]
    if not certificates:
        return chain[0]
    (below, last), left = certificates[0], certificates[1:]
    while last.issuer != last.subject:
        above = next((candidate for candidate in left if candidate[1].subject == last.issuer), None)
        if above is None:
            break
        left.remove(above)
        below, last = above
    return below


def issuers(der: bytes) -> tuple[str, ...]:
    """Return the URLs of the issuer's certificate (RFC 5280 §4.2.2.1); none for a self-issued certificate."""
    read = _read(der)
    return () if read is None or read.issuer == read.subject else tuple(dict.fromkeys(_issuers(read)))


def lists(der: bytes) -> tuple[str, ...]:
    """Return the URLs of the list of revoked certificates (RFC 5280 §4.2.1.13)."""
    read = _read(der)
    return () if read is None else tuple(dict.fromkeys(_lists(read)))


def _read(der: bytes) -> x509.Certificate | None:
    """Return the certificate, None if unreadable; its names are read at once, as the library decodes them lazily."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.issuer, certificate.subject
        return certificate
    except UNREADABLE:
        return None


def _issuers(certificate: x509.Certificate) -> Iterator[str]:
    try:
        described = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return
    for access in described:
        if access.access_method == AuthorityInformationAccessOID.CA_ISSUERS:
            yield from _urls([access.access_location])


def _lists(certificate: x509.Certificate) -> Iterator[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return
    for point in points:
        if point.reasons is None and point.crl_issuer is None:  # complete lists of the issuer only
            yield from _urls(point.full_name or [])


def _urls(names: Sequence[x509.GeneralName]) -> Iterator[str]:
    for name in names:
        if isinstance(name, x509.UniformResourceIdentifier) and _can_be_asked(name.value):
            yield name.value


def _can_be_asked(url: str) -> bool:
    try:
        target = urlsplit(url)
        return (
            target.scheme == "http"
            and bool(target.hostname)
            and target.port != 0
            and url.isascii()
            and len(url) <= _LONGEST
        )
    except ValueError:
        return False
