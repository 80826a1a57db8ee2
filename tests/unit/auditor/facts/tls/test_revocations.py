"""Tests that a staple counts only with its authority's signature, and that no content of it stops the reader."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from auditor.facts.tls.certificates import Certificate, read
from auditor.facts.tls.revocations import Staple, of_staple
from tests.golden import lab
from tests.support.twice import EXTENSIONS, twice

LEAF = lab.leaf("a.vn", number=30)


def known(certificate: x509.Certificate) -> Certificate:
    found = read(certificate.public_bytes(Encoding.DER))
    assert found is not None
    return found


def response(responder: x509.Certificate) -> bytes:
    """Return an OCSP response signed by ``responder``, another than the authority, with its certificate included."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=LEAF,
        issuer=lab.MIDDLE,
        algorithm=hashes.SHA1(),  # RFC 6960 identifies certificates by this hash
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=lab.NOW,
        next_update=None,
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder).certificates([responder])
    return builder.sign(lab.key(31), hashes.SHA256()).public_bytes(Encoding.DER)


def test_of_staple_by_a_responder_with_an_extension_twice_is_useless() -> None:
    der = twice(lab.leaf("ocsp.vn", number=31, more=EXTENSIONS).public_bytes(Encoding.DER))
    data = response(x509.load_der_x509_certificate(der))
    assert of_staple(data, lab.NOW, known(LEAF), [known(lab.MIDDLE)]) is Staple.USELESS


def test_of_staple_with_an_unknown_signature_is_useless() -> None:
    data = response(lab.leaf("ocsp.vn", number=31))
    at = data.index(bytes.fromhex("06082a8648ce3d040302"))  # ecdsa-with-SHA256, of the response itself first
    odd = data[: at + 9] + b"\x7f" + data[at + 10 :]
    assert of_staple(odd, lab.NOW, known(LEAF), [known(lab.MIDDLE)]) is Staple.USELESS
