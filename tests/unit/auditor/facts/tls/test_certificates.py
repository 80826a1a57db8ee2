"""Tests names of certificates, bounds on reading them, and the ends of chains."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.facts.tls import certificates
from auditor.facts.tls.certificates import (
    MAX_CERTIFICATES,
    MAX_SIZE,
    Certificate,
    ChainTrust,
    covers,
    has_roots,
    read,
    trust,
)
from probes.net.tls.handshake import CHAIN_LIMIT
from tests.golden import lab
from tests.support.twice import EXTENSIONS, twice

OPENSSL_TAKES = 100 * 1024
"""Limit in bytes of all certificates of a server; one of an authority has about a thousand."""


def cert(certificate: x509.Certificate) -> Certificate:
    found = read(certificate.public_bytes(Encoding.DER))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "host", "matches"),
    [
        ("www.example.vn", "www.example.vn", True),
        ("WWW.example.vn", "www.Example.vn.", True),
        ("*.example.vn", "www.example.vn", True),
        ("*.example.vn", "example.vn", False),
        ("*.example.vn", "a.b.example.vn", False),
        ("w*.example.vn", "www.example.vn", False),
        ("*", "localhost", False),
        ("example.vn", "www.example.vn", False),
    ],
)
def test_covers_matches_host_names_and_wildcards(name: str, host: str, matches: bool) -> None:
    assert covers(cert(lab.leaf(name)), host) is matches


def test_the_common_name_does_not_count() -> None:
    assert not covers(cert(lab.leaf()), "server")


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x30\x03\x02\x01\x01",
        b"\xff" * 100,
        lab.MIDDLE.public_bytes(Encoding.DER)[:-1],
        bytes(MAX_SIZE + 1),
    ],
)
def test_unreadable(der: bytes) -> None:
    assert read(der) is None


def test_read_of_an_extension_that_stands_twice_is_none() -> None:
    assert read(twice(lab.leaf(lab.WEB, more=EXTENSIONS).public_bytes(Encoding.DER))) is None


def test_one_odd_root_does_not_cost_the_others() -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert has_roots(broken + lab.TRUSTED)
    assert not has_roots(broken)
    assert (
        trust([cert(certificate) for certificate in lab.GOOD], broken + lab.TRUSTED, "", lab.NOW) is ChainTrust.TRUSTED
    )


def test_the_order_in_which_intermediates_are_sent_does_not_matter() -> None:
    chain = [cert(lab.leaf(lab.WEB)), cert(lab.STRANGER), cert(lab.MIDDLE)]
    assert trust(chain, lab.TRUSTED, "", lab.NOW) is ChainTrust.TRUSTED


def test_an_intermediate_behind_a_whole_bundle_of_others_is_found() -> None:
    """An intermediate is found behind a file with every authority, since browsers look through all of them."""
    bundle = [cert(lab.STRANGER)] * (MAX_CERTIFICATES - 2)
    assert trust([cert(lab.leaf(lab.WEB)), *bundle, cert(lab.MIDDLE)], lab.TRUSTED, "", lab.NOW) is ChainTrust.TRUSTED
    assert MAX_CERTIFICATES <= CHAIN_LIMIT
    assert MAX_CERTIFICATES * 1_024 >= OPENSSL_TAKES


def test_a_root_that_is_served_is_not_trusted_for_it() -> None:
    chain = [cert(lab.leaf(lab.WEB, issuer="Stranger Root", signer=3)), cert(lab.STRANGER)]
    assert trust(chain, lab.TRUSTED, lab.DECLARED, lab.NOW) is ChainTrust.UNTRUSTED


def test_a_leaf_is_no_authority() -> None:
    first = lab.leaf("other.example", number=20)
    forged = lab.certificate("forged", "server", number=21, signer=20, names=[lab.WEB])
    chain = [cert(forged), cert(first), cert(lab.MIDDLE)]
    assert trust(chain, lab.TRUSTED, "", lab.NOW) is ChainTrust.BROKEN


def test_a_name_that_only_looks_like_the_root_is_no_trust() -> None:
    forged = lab.certificate("Lab Root", "Lab Root", number=30, signer=30, ca=True)
    chain = [cert(lab.leaf(lab.WEB, issuer="Lab Root", signer=30)), cert(forged)]
    assert trust(chain, lab.TRUSTED, "", lab.NOW) is ChainTrust.BROKEN


def test_a_chain_that_goes_in_circles_ends() -> None:
    certificate = lab.certificate("One", "Two", number=40, signer=41, ca=True)
    two = lab.certificate("Two", "One", number=41, signer=40, ca=True)
    chain = [cert(lab.leaf(lab.WEB, issuer="One", signer=40)), cert(certificate), cert(two), cert(certificate)]
    assert trust(chain, lab.TRUSTED, "", lab.NOW) is ChainTrust.INCOMPLETE


def test_an_intermediate_that_is_younger_than_an_expired_leaf_is_not_called_expired() -> None:
    leaf = cert(lab.leaf(lab.WEB, days=(-90, -10)))
    younger = lab.certificate("Lab Intermediate", "Lab Root", number=4, signer=1, days=(-5, 1000), ca=True)
    forged = lab.certificate("Lab Intermediate", "Lab Root", number=4, signer=30, days=(-5, 1000), ca=True)
    assert trust([leaf, cert(younger)], lab.TRUSTED, "", lab.NOW) is ChainTrust.TRUSTED
    assert trust([leaf, cert(younger)], "", lab.TRUSTED, lab.NOW) is ChainTrust.DECLARED
    assert trust([leaf], lab.TRUSTED, "", lab.NOW, [cert(younger)]) is ChainTrust.REPAIRED
    assert trust([leaf, cert(forged)], lab.TRUSTED, "", lab.NOW) is ChainTrust.BROKEN


def test_a_chain_is_verified_anew_only_for_a_moment_at_which_the_answer_may_differ() -> None:
    chain, end = [cert(lab.leaf(lab.WEB)), cert(lab.OLD_MIDDLE)], lab.OLD_MIDDLE.not_valid_after_utc
    certificates._verifies_once.cache_clear()
    seconds = (-90_000, -5, -1, 0, 1, 5, 90_000)
    ends = [trust(chain, lab.TRUSTED, "", end + timedelta(0, each)) for each in seconds]
    assert ends == [ChainTrust.TRUSTED] * 4 + [ChainTrust.EXPIRED] * 3
    assert certificates._verifies_once.cache_info().misses == 3  # before the end, at it, and after it
