"""Verifies that one of a zone's keys signs a set of records, or gives the reason why not (RFC 4035 §5.3).

Work is bounded as in resolvers since CVE-2023-50387 (KeyTrap): few signatures of a set, few keys of one tag, and a
limit for one subject after which nothing more is decided. A set of thousands of records, or a key of unusual size,
counts as several verifications, by the time that it takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

import dns.dnssec
import dns.name
import dns.rdataset
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

SUPPORTED = frozenset({5, 7, 8, 10, 13, 14, 15, 16})
"""Algorithms that are validated, including those of SHA-1.

Resolvers still validate these; RFC 9905 §3 only forbids signing with them.
"""
DIGESTS = {1: "SHA1", 2: "SHA256", 4: "SHA384"}
EDGE = 3600.0
"""Seconds by which a signature may be outside its dates before it is reported, because a clock may be wrong."""
VERIFICATIONS = 400
"""Number of verifications for one subject, of sets of a few records with usual keys."""
SIGNATURES = 8
COLLIDING = 4
KEYS = 64
_KEY_SIZE = 2_100  # bytes; a modulus of 16,384 bits, the most that OpenSSL takes
_RECORDS_IN_ONE = 20
"""Number of records that are sorted and hashed in the time of one verification."""
_RSA_IN_ONE = 4_000_000
"""The same for RSA: bytes of the exponent times the square of the modulus's bytes; usual keys: below 0.8 million."""
_RSA = frozenset({5, 7, 8, 10})
_ZONE, REVOKED = 0x0100, 0x0080


class Why(IntEnum):
    """Names the fault of an answer, the most significant first."""

    EXPIRED = 1
    NOT_YET_VALID = 2
    EDGE = 3  # outside its dates by so little that a wrong clock may be the cause
    BAD_SIGNATURE = 4  # a key with the tag exists, but did not make this signature
    UNKNOWN_KEY = 5  # signed by keys that the zone does not publish
    NO_SIGNATURE = 6
    BAD_DENIAL = 7  # the proof of non-existence is missing or proves nothing
    DS_MISMATCH = 8  # the parent's DS names no key that signs the DNSKEY set
    NO_KEYS = 9
    TOO_MUCH = 10  # more work than any resolver does
    NO_ANSWER = 11


class TooManyVerifications(Exception):
    """Raised when the limit of verifications is reached."""


@dataclass(slots=True)
class Work:
    """Holds the remaining work for one subject, in verifications of sets of a few records with usual keys."""

    left: int = VERIFICATIONS

    def spend(self, verifications: int) -> None:
        """Subtract verifications; raise TooManyVerifications if fewer are left."""
        if self.left < verifications:
            raise TooManyVerifications
        self.left -= verifications


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSet:
    """Holds the result for one set.

    ``why`` is None if it is signed. ``labels``: those of the signed owner, fewer for a wildcard's.
    """

    why: Why | None
    labels: int = 0
    signature: RRSIG | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Holds the trusted keys of one zone, and the time of the answer, at which signatures must be valid."""

    zone: dns.name.Name
    keys: Sequence[DNSKEY]
    at: datetime
    work: Work = field(default_factory=Work)

    def check(self, rrset: dns.rrset.RRset, signatures: Iterable[RRSIG]) -> CheckedSet:
        """Return the best result of any signature; raise TooManyVerifications."""
        fitting = [rrsig for rrsig in signatures if rrsig.type_covered == rrset.rdtype]
        if not fitting:
            return CheckedSet(why=Why.NO_SIGNATURE)
        worst: list[Why] = []
        for signature in fitting[:SIGNATURES]:
            why = self._one(rrset, signature)
            if why is None:
                return CheckedSet(why=None, labels=signature.labels, signature=signature)
            worst.append(why)
        return CheckedSet(why=min(worst))

    def _one(self, rrset: dns.rrset.RRset, signature: RRSIG) -> Why | None:
        own = signature.signer == self.zone and rrset.name.is_subdomain(self.zone)
        if not own or signature.labels > len(rrset.name) - 1 or signature.algorithm not in SUPPORTED:
            return Why.UNKNOWN_KEY
        keys = [key for key in self.keys[:KEYS] if _fits(key, signature)]
        if not keys:
            return Why.UNKNOWN_KEY
        for key in keys[:COLLIDING]:
            self.work.spend(1 + len(rrset) // _RECORDS_IN_ONE + _toil(key))
            if _verifies(rrset, signature, key):
                return _time(signature, self.at.timestamp())
        return Why.BAD_SIGNATURE


def _fits(key: DNSKEY, signature: RRSIG) -> bool:
    revoked = key.flags & REVOKED and signature.type_covered != dns.rdatatype.DNSKEY
    plain = key.flags & _ZONE and key.protocol == 3 and not revoked and len(key.key) <= _KEY_SIZE
    return bool(plain) and key.algorithm == signature.algorithm and dns.dnssec.key_id(key) == signature.key_tag


def _toil(key: DNSKEY) -> int:
    """Return the number of usual verifications that one with this key takes beyond the first."""
    if key.algorithm not in _RSA:
        return 0
    data = bytes(key.key)
    head, size = (3, int.from_bytes(data[1:3])) if data[:1] in (b"", b"\0") else (1, data[0])
    return int(min(size, len(data)) * max(0, len(data) - head - size) ** 2 // _RSA_IN_ONE)


def _verifies(rrset: dns.rrset.RRset, signature: RRSIG, key: DNSKEY) -> bool:
    """True if ``key`` made the signature, ignoring its dates; keys and signatures are untrusted bytes."""
    keys: dict[dns.name.Name, dns.rdataset.Rdataset] = {signature.signer: dns.rdataset.from_rdata(0, key)}
    within = float(signature.inception)
    if signature.expiration < signature.inception:
        return False
    try:
        dns.dnssec.validate_rrsig(
            rrset,
            signature,
            keys,  # type: ignore[arg-type]
            now=within,
            policy=dns.dnssec.allow_all_policy,
        )
    except Exception:  # dnspython and OpenSSL raise many kinds for invalid keys
        return False
    return True


def _time(signature: RRSIG, now: float) -> Why | None:
    if now > signature.expiration:
        return Why.EXPIRED if now > signature.expiration + EDGE else Why.EDGE
    if now < signature.inception:
        return Why.NOT_YET_VALID if now < signature.inception - EDGE else Why.EDGE
    return None


def of_anchor(zone: dns.name.Name, keys: Iterable[DNSKEY], anchors: Iterable[DS]) -> list[DNSKEY]:
    """Return the keys that one of the DS records names.

    If there is a better digest besides SHA-1, only that counts (RFC 4509 §3); records of unsupported kinds do not count
    (RFC 4035 §5.2).
    """
    wanted = usable(anchors)
    found = []
    for key in list(keys)[:KEYS]:
        if key.flags & _ZONE and key.protocol == 3 and not key.flags & REVOKED and len(key.key) <= _KEY_SIZE:
            tag = dns.dnssec.key_id(key)
            near = [ds for ds in wanted if (ds.key_tag, ds.algorithm) == (tag, key.algorithm)][:COLLIDING]
            if any(_digest(zone, key, ds) == ds.digest for ds in near):
                found.append(key)
    return found


def usable(anchors: Iterable[DS]) -> list[DS]:
    """Return the DS records of supported kinds that are used: those with a better digest than SHA-1, if any."""
    known = [ds for ds in anchors if ds.algorithm in SUPPORTED and ds.digest_type in DIGESTS]
    better = [ds for ds in known if ds.digest_type != 1]
    return (better or known)[:KEYS]


def _digest(zone: dns.name.Name, key: DNSKEY, ds: DS) -> bytes:
    made = dns.dnssec.make_ds(zone, key, DIGESTS[ds.digest_type], policy=dns.dnssec.allow_all_policy)
    return bytes(made.digest)
