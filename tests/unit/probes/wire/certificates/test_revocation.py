"""Tests the reading of revocation lists and issuer files as authorities offer them."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from probes.wire.certificates import revocation
from tests.golden import lab
from tests.golden.cases_certificates import crl
from tests.support.twice import EXTENSIONS, twice

LEAF = lab.leaf("a.vn")


def test_summary_of_a_list_keeps_what_proves_the_signature() -> None:
    der = crl(LEAF, reason="keyCompromise")
    summary = revocation.summary(der, LEAF.serial_number)
    read = x509.load_der_x509_crl(der)
    assert (summary.hashed, summary.digest) == ("sha256", hashlib.sha256(read.tbs_certlist_bytes).digest())
    assert (summary.signature, summary.issuer) == (read.signature, lab.MIDDLE.subject.public_bytes())
    assert summary.since is not None
    assert summary.reason == "keyCompromise"


def test_summary_of_another_certificate_has_no_entry() -> None:
    assert revocation.summary(crl(LEAF), 1).since is None


def test_summary_in_pem_is_read_as_well() -> None:
    pem = x509.load_der_x509_crl(crl(LEAF)).public_bytes(Encoding.PEM)
    assert revocation.summary(pem, LEAF.serial_number).since is not None


@pytest.mark.parametrize("data", [b"", b"<html>", LEAF.public_bytes(Encoding.DER), crl(LEAF)[:-20]])
def test_summary_of_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(revocation.NoList):
        revocation.summary(data, 1)


def test_issuers_are_read_in_all_forms() -> None:
    der = lab.MIDDLE.public_bytes(Encoding.DER)
    several = pkcs7.serialize_certificates([lab.MIDDLE, lab.ROOT], Encoding.DER)
    assert revocation.issuers(der) == (der,)
    assert revocation.issuers(lab.MIDDLE.public_bytes(Encoding.PEM)) == (der,)
    assert set(revocation.issuers(several)) == {der, lab.ROOT.public_bytes(Encoding.DER)}
    assert revocation.issuers(b"<html>not found</html>") == ()


def test_summary_of_an_entry_with_an_extension_twice_has_no_reason() -> None:
    entry = x509.RevokedCertificateBuilder().serial_number(LEAF.serial_number).revocation_date(lab.NOW)
    for extension, critical in EXTENSIONS:
        entry = entry.add_extension(extension, critical)
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(lab.MIDDLE.subject)
        .last_update(lab.NOW)
        .next_update(lab.NOW)
    )
    made = made.add_revoked_certificate(entry.build())
    summary = revocation.summary(
        twice(made.sign(lab.key(4), hashes.SHA256()).public_bytes(Encoding.DER)), LEAF.serial_number
    )
    assert (summary.since, summary.reason) == (lab.NOW, "")
