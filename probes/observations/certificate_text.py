"""Describes certificates in DER for a reviewer; any byte of one may be wrong."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.observations.text import Word

_KEPT = 64
"""The largest number of certificates with cached lines."""


def chain_lines(chain: Sequence[bytes], word: Word) -> Iterator[str]:
    """Yield the first certificates of a chain, indented, leaf first."""
    for number, der in enumerate(chain[:5], 1):
        yield word("  certificate {}").format(number)
        yield from (f"    {word(label):10} {value}" for label, value in certificate_lines(der))


@lru_cache(maxsize=_KEPT)
def certificate_lines(der: bytes) -> tuple[tuple[str, str], ...]:
    """Return the lines of one certificate, cached: a host's addresses and the probes of them show the same ones."""
    return tuple(_certificate_lines(der))


def _certificate_lines(der: bytes) -> Iterator[tuple[str, str]]:
    try:
        certificate = x509.load_der_x509_certificate(der)
        yield "subject", certificate.subject.rfc4514_string()
        yield "issuer", certificate.issuer.rfc4514_string()
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        yield "valid", f"{begins:%Y-%m-%d %H:%M} – {ends:%Y-%m-%d %H:%M} UTC"
        names = _alternative_names(certificate)
        if names:
            yield "names", f"{', '.join(names[:10])}{f' … (+{len(names) - 10})' if len(names) > 10 else ''}"
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield "key", f"SHA-256 {hashlib.sha256(spki).hexdigest()}"
    except Exception as error:  # any byte may be wrong in a certificate, and the library says so in many ways
        yield "unreadable", f"({len(der)} B): {error}"
    yield "SHA-256", hashlib.sha256(der).hexdigest()


def leaf_text(chain: Sequence[bytes], word: Word) -> str:
    """Return the first certificate in a few words, for a line that stands for the whole handshake."""
    said = {label: value for der in chain[:1] for label, value in certificate_lines(der)}
    return word(", certificate {}, {}").format(said["subject"], said["valid"]) if "valid" in said else ""


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]
