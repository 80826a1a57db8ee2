"""Verifies that an authority signed a list of revoked certificates or an OCSP response."""

from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from auditor.facts.tls.certificates import Certificate
from probes.observations.certificates import RevocationList
from probes.wire.certificates.errors import UNREADABLE

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_REFUSED = (InvalidSignature, *UNREADABLE)


def list_is_of(revocation_list: RevocationList, issuers: Iterable[Certificate]) -> bool:
    """True if one of ``issuers`` signed the list, by the digest of it that was kept."""
    hashed = _HASHES.get(revocation_list.hashed)
    if hashed is None or len(revocation_list.digest) != hashed.digest_size:
        return False
    pss = revocation_list.algorithm == SignatureAlgorithmOID.RSASSA_PSS.dotted_string
    named = (
        certificate for certificate in issuers if certificate.parsed.subject.public_bytes() == revocation_list.issuer
    )
    return any(
        _signed(certificate.parsed, revocation_list.signature, revocation_list.digest, Prehashed(hashed), pss=pss)
        for certificate in named
    )


def response_is_of(response: ocsp.OCSPResponse, issuers: Iterable[Certificate]) -> bool:
    """True if one of ``issuers`` signed the response, or a delegate that it certified for that (RFC 6960 §4.2.2.2)."""
    hashed = response.signature_hash_algorithm
    pss = response.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS
    data = response.tbs_response_bytes
    for issuer in issuers:
        if _signed(issuer.parsed, response.signature, data, hashed, pss=pss):
            return True
        delegates = (certificate for certificate in response.certificates if _delegated(certificate, issuer.parsed))
        if any(_signed(certificate, response.signature, data, hashed, pss=pss) for certificate in delegates):
            return True
    return False


def _signed(
    signer: x509.Certificate,
    signature: bytes,
    data: bytes,
    hashed: hashes.HashAlgorithm | Prehashed | None,
    *,
    pss: bool,
) -> bool:
    try:
        key = signer.public_key()
        match key:
            case rsa.RSAPublicKey() if hashed is not None:
                size = hashed if isinstance(hashed, hashes.HashAlgorithm) else _HASHES["sha256"]
                way = padding.PSS(padding.MGF1(size), padding.PSS.AUTO) if pss else padding.PKCS1v15()
                key.verify(signature, data, way, hashed)
            case ec.EllipticCurvePublicKey() if hashed is not None:
                key.verify(signature, data, ec.ECDSA(hashed))
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey() if hashed is None:
                key.verify(signature, data)
            case _:
                return False
    except _REFUSED:
        return False
    return True


def _delegated(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, *_REFUSED):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes
