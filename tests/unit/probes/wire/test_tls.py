"""Tests the tables of suites, groups and signature schemes against the words and formulas of the RFCs."""

import hashlib

import pytest

from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.registered_suites import NAMES
from tests.support import primes


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x0000, "TLS_NULL_WITH_NULL_NULL"),
        (0x0005, "TLS_RSA_WITH_RC4_128_SHA"),  # RFC 5246 A.5
        (0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"),  # RFC 2246 A.5
        (0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256"),  # RFC 5246 A.5
        (0x006D, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"),
        (0x00A7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"),  # RFC 5288
        (0x00C5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"),  # RFC 5932
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),  # RFC 8446 B.4
        (0xC019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),  # RFC 8422 §6
        (0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),  # RFC 5289
        (0xC05D, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384"),  # RFC 6209
        (0xC08B, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384"),  # RFC 6367
        (0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),  # RFC 7251
        (0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),  # RFC 7905
        (0xFFFE, "0xFFFE"),
    ],
)
def test_suites_stand_at_their_registered_code(code: int, name: str) -> None:
    assert suites.name_of(code) == name


def test_no_name_is_there_twice() -> None:
    assert len(set(NAMES.values())) == len(NAMES) > 300


def test_every_suite_is_tried_once_unless_it_needs_a_secret_of_its_own() -> None:
    tried = (*suites.usual(), *suites.unusual(), *suites.for_tls13())
    assert len(set(tried)) == len(tried)
    left = [suites.by_code()[code].name for code in suites.by_code().keys() - set(tried)]
    assert all(any(word in name for word in ("PSK", "KRB5", "SRP", "ECCPWD", "GOST")) for name in left)


def test_hellos_stay_small_enough_for_servers_that_stop_reading() -> None:
    assert max(len(suites.usual()), len(suites.unusual())) < 128


def test_what_a_suite_is_made_of() -> None:
    weak, strong = suites.by_code()[0x0014], suites.by_code()[0xC02F]
    assert (weak.export, weak.finite_field, weak.small_blocks, weak.forward_secret) == (True, True, True, False)
    assert (strong.authenticated_encryption, strong.forward_secret, strong.block_chaining) == (True, True, False)
    assert suites.by_code()[0xC027].mac == "SHA256"
    assert suites.by_code()[0x001A].anonymous


@pytest.mark.parametrize("bits", primes.MODP)
def test_primes_of_rfc_3526_and_rfc_2409_are_known(bits: int) -> None:
    assert groups.prime_name(primes.modp(bits)) == f"modp{bits}"


@pytest.mark.parametrize("bits", primes.FFDHE)
def test_primes_of_rfc_7919_are_known(bits: int) -> None:
    wire = b"\0" + primes.ffdhe(bits)
    assert groups.prime_name(wire) == f"ffdhe{bits}"
    assert groups.bits(wire) == bits


@pytest.mark.parametrize("name", primes.RFC_5114)
def test_primes_of_rfc_5114_are_known(name: str) -> None:
    assert groups.prime_name(primes.RFC_5114[name]) == name


@pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name, some in primes.SHIPPED.items() for n in range(len(some))]
)
def test_primes_that_servers_are_shipped_with_are_known(name: str, number: int) -> None:
    assert groups.prime_name(primes.SHIPPED[name][number]) == name


def test_a_prime_of_ones_own_has_no_name() -> None:
    assert groups.prime_name(hashlib.sha512(b"own").digest()) == ""


def test_no_group_is_offered_in_tls13_that_it_forbids() -> None:
    """RFC 8446 §4.2.7: those of 0x0001 to 0x0016 and 0x001A to 0x001C must not be offered; strict servers refuse."""
    forbidden = {*range(0x01, 0x17), *range(0x1A, 0x1D), 0xFF01, 0xFF02}
    assert forbidden.isdisjoint(groups.for_tls13())


def test_groups_and_schemes_have_names() -> None:
    assert groups.name_of(4588) == "X25519MLKEM768"
    assert groups.name_of(0xABCD) == "0xABCD"
    assert groups.code_of("secp384r1") == 24
    assert groups.code_of("none of these") is None
    assert signatures.name_of(0x0804) == "rsa_pss_rsae_sha256"
    assert signatures.name_of(0x0203) == "ecdsa_sha1"
    assert signatures.name_of(0xFFFF) == "0xFFFF"
