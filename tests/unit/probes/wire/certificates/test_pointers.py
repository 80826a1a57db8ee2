"""Tests the URLs in certificates, and which of them are followed."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from probes.wire.certificates import pointers
from tests.golden import lab


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


def test_issuers_of_a_leaf_are_http_urls_alone() -> None:
    listed = ["ldap://ca.vn/x", "https://ca.vn/x", "http://ca.vn/a.der", "http:///x", "http://ca.vn:0/x"]
    access = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, uri(text)) for text in listed]
    access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri("http://ca.vn/ocsp")))
    leaf = lab.leaf("a.vn", more=((x509.AuthorityInformationAccess(access), False),))
    assert pointers.issuers(der(leaf)) == ("http://ca.vn/a.der",)


def test_lists_leave_out_those_of_another_issuer_or_of_some_reasons() -> None:
    points = [
        x509.DistributionPoint(
            [uri("http://ca.vn/some.crl")], None, frozenset({x509.ReasonFlags.key_compromise}), None
        ),
        x509.DistributionPoint([uri("ldap://ca.vn/x"), uri("http://ca.vn/all.crl")], None, None, None),
    ]
    leaf = lab.leaf("a.vn", more=((x509.CRLDistributionPoints(points), False),))
    assert pointers.lists(der(leaf)) == ("http://ca.vn/all.crl",)


def test_top_is_where_the_names_lead() -> None:
    leaf = lab.leaf("a.vn")
    assert pointers.top([der(leaf), der(lab.STRANGER), der(lab.MIDDLE)]) == der(lab.MIDDLE)
    assert pointers.top([der(leaf), der(lab.STRANGER)]) == der(leaf)


def test_what_is_no_certificate_points_nowhere() -> None:
    assert (pointers.issuers(b"x"), pointers.lists(b"x"), pointers.serial(b"x"), pointers.top([b"x"])) == (
        (),
        (),
        None,
        b"x",
    )


def test_issuers_of_a_root_are_none() -> None:
    assert pointers.issuers(der(lab.ROOT)) == ()


def test_certificate_whose_names_are_no_text_points_nowhere() -> None:
    odd = der(lab.leaf("a.vn", fetch=True)).replace(b"\x0c\x10Lab Intermediate", b"\x0c\x10\xffab Intermediate")
    assert pointers.issuers(der(lab.leaf("a.vn", fetch=True)))
    assert (pointers.issuers(odd), pointers.lists(odd), pointers.serial(odd)) == ((), (), None)
    assert pointers.top([odd]) == odd
    assert pointers.top([der(lab.leaf("a.vn")), odd]) == der(lab.leaf("a.vn"))
