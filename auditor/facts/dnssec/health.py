"""What a signed zone is made of: keys, digests, the life of its signatures, NSEC3 parameters. Facts, no grades."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.NSEC3PARAM import NSEC3PARAM
from dns.rdtypes.ANY.RRSIG import RRSIG

from auditor.facts.dnssec.answers import Said
from auditor.facts.dnssec.signatures import KEYS
from auditor.facts.dnssec.zones import Signed

RSA = frozenset({1, 5, 7, 8, 10})
_HEALTHY_SETS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The signature that runs out first: what it covers, what is left of it, and how long it lasts in all."""

    what: str
    left: timedelta
    whole: timedelta


def keys(found: Signed) -> list[DNSKEY]:
    """Every key that any server publishes, once."""
    sets = [said.found() for said in found.validator.of(found.name, dns.rdatatype.DNSKEY)]
    every = {key.to_wire(): key for one in sets if one is not None for key in one if isinstance(key, DNSKEY)}
    return [every[wire] for wire in sorted(every, key=_bytes)][:KEYS]


def digests(found: Signed) -> list[DS]:
    """The DS records at the parent."""
    answers = [
        said
        for said in found.validator.answers
        if said.rdtype == dns.rdatatype.DS and said.name == found.name and said.zone != found.name
    ]
    every = {one.to_wire(): one for said in answers for one in said.found() or () if isinstance(one, DS)}
    return [every[wire] for wire in sorted(every, key=_bytes)][:KEYS]


def iterations(found: Signed) -> int:
    """The most that any NSEC3 or NSEC3PARAM record of the zone asks for."""
    counts = [
        record.iterations
        for said in _own(found)
        for one in (*said.answer, *said.authority)
        for record in one
        if isinstance(record, NSEC3 | NSEC3PARAM) and one.name.is_subdomain(found.name)
    ]
    return max(counts, default=0)


def first_to_expire(found: Signed, now: datetime) -> Life | None:
    """Of each set at each server the longest signature counts, of all sets the one that runs out first."""
    lives = [life for said in _own(found) for life in _lives(found, said, now)]
    return min(lives, key=lambda life: (life.left, " NSEC" in life.what, life.what), default=None)


def rsa_bits(key: DNSKEY) -> int:
    """The size of an RSA modulus (RFC 3110 §2)."""
    data = bytes(key.key)
    if len(data) < 3:
        return 0
    skip = 1 + data[0] if data[0] else 3 + int.from_bytes(data[1:3])
    return int.from_bytes(data[skip:]).bit_length()


def _own(found: Signed) -> list[Said]:
    return [said for said in found.validator.answers if said.zone == found.name and said.message is not None]


def _lives(found: Signed, said: Said, now: datetime) -> Iterator[Life]:
    for one in (*said.answer, *said.authority)[:_HEALTHY_SETS]:
        if not one.name.is_subdomain(found.name):
            continue
        signatures = [one_ for one_ in said.signatures(one) if one_.signer == found.name]
        if signatures:
            yield _life(one, max(signatures, key=_end), now)


def _life(one: dns.rrset.RRset, signature: RRSIG, now: datetime) -> Life:
    what = f"{one.name.to_text(omit_final_dot=len(one.name) > 1)} {dns.rdatatype.to_text(one.rdtype)}"
    left = timedelta(seconds=int(signature.expiration) - now.timestamp())
    return Life(what=what, left=left, whole=timedelta(seconds=int(signature.expiration) - int(signature.inception)))


def _end(signature: RRSIG) -> int:
    return int(signature.expiration)


def _bytes(wire: bytes | None) -> bytes:
    return wire or b""
