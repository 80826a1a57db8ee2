"""Grades the keys of a signed zone by algorithm and length, as in IANA's registry (RFC 9904)."""

from enum import StrEnum

from dns.rdtypes.ANY.DNSKEY import DNSKEY

from auditor.facts.dns.dnssec import health

_GOOD = frozenset({8, 13, 14, 15, 16})
_WEAK = frozenset({1, 3, 5, 6, 7, 12})  # RSAMD5, DSA, RSASHA1 (RFC 9905), ECC-GOST (RFC 9906)
_SHORT, _TINY = 2048, 1024
"""Lengths of RSA keys in bits."""


class KeyFault(StrEnum):
    """Names the fault of a key."""

    WEAK_ALGORITHM = "WEAK_ALGORITHM"
    TINY_KEY = "TINY_KEY"
    SHORT_KEY = "SHORT_KEY"
    OTHER_ALGORITHM = "OTHER_ALGORITHM"


OF_LENGTH = frozenset({KeyFault.TINY_KEY, KeyFault.SHORT_KEY})


def fault(key: DNSKEY) -> KeyFault | None:
    """Return the worst fault of a key; None for a good one."""
    bits = health.rsa_bits(key) if key.algorithm in health.RSA else _SHORT
    if key.algorithm in _WEAK:
        return KeyFault.WEAK_ALGORITHM
    if bits < _SHORT:
        return KeyFault.TINY_KEY if bits < _TINY else KeyFault.SHORT_KEY
    return None if key.algorithm in _GOOD else KeyFault.OTHER_ALGORITHM
