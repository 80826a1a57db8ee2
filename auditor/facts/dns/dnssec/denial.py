"""Verifies proofs of non-existence: NSEC (RFC 4035 §5.4) and NSEC3 (RFC 5155 §8), over verified records.

Above ``ITERATIONS`` a proof is not accepted, and a zone that needs it counts as unsigned, as in resolvers (RFC 9276
§3.2).
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import dns.dnssec
import dns.name
import dns.rdatatype
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

ITERATIONS = 150
RECORDS = 16
_OPT_OUT = 1
_NS, _SOA, _DS, _CNAME, _DNAME = (
    dns.rdatatype.NS,
    dns.rdatatype.SOA,
    dns.rdatatype.DS,
    dns.rdatatype.CNAME,
    dns.rdatatype.DNAME,
)
_BASE32 = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


class Proof(Enum):
    PROVEN = "proven"
    OPT_OUT = "opt-out"  # there may be unsigned delegations here
    TOO_COSTLY = "too many iterations"
    MISSING = "missing"


Spans = Sequence[tuple[dns.name.Name, NSEC]]
Hashes = Sequence[tuple[dns.name.Name, NSEC3]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Denials:
    """Holds the verified NSEC and NSEC3 records of one answer of one zone, with their owners."""

    zone: dns.name.Name
    nsec: Spans = ()
    nsec3: Hashes = ()

    def no_data(self, name: dns.name.Name, rdtype: int) -> Proof:
        """Return the proof that ``name`` has no records of a type; for DS, that there is no signed delegation."""
        if any(_lacks(record, name, rdtype, owner) for owner, record in self.nsec) or self._wildcard_lacks(
            name, rdtype
        ):
            return Proof.PROVEN
        return self._hashed(lambda ring: ring.no_data(name, rdtype))

    def no_name(self, name: dns.name.Name) -> Proof:
        """Return the proof that neither ``name`` nor a wildcard for it exists."""
        for closest in self._encloser(name):
            if any(_covers(owner, record, _star(closest)) for owner, record in self.nsec):
                return Proof.PROVEN
        return self._hashed(lambda ring: ring.no_name(name))

    def no_closer(self, name: dns.name.Name, labels: int) -> Proof:
        """Return the proof that a wildcard with ``labels`` labels matches ``name``, because no closer name exists."""
        if any(_covers(owner, record, name) for owner, record in self.nsec):
            return Proof.PROVEN
        return self._hashed(lambda ring: ring.covered(_ancestor(name, labels + 1)))

    def _wildcard_lacks(self, name: dns.name.Name, rdtype: int) -> bool:
        return any(
            owner == _star(closest) and _lacks(record, owner, rdtype, owner)
            for closest in self._encloser(name)
            for owner, record in self.nsec
        )

    def _encloser(self, name: dns.name.Name) -> Iterator[dns.name.Name]:
        """Yield the nearest existing ancestor, derived from the span around a missing name."""
        for owner, record in self.nsec:
            if _covers(owner, record, name):
                yield max((_common(name, end) for end in (owner, record.next)), key=len)

    def _hashed(self, ask: "Callable[[Ring], Proof]") -> Proof:
        rings = _rings(self.zone, self.nsec3)
        if any(ring.iterations > ITERATIONS for ring in rings):
            return Proof.TOO_COSTLY
        proofs = [ask(ring) for ring in rings]
        return next((proof for proof in (Proof.PROVEN, Proof.OPT_OUT) if proof in proofs), Proof.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Holds NSEC3 records with the same salt and iterations: (hash of the owner, record)."""

    zone: dns.name.Name
    salt: bytes
    iterations: int
    records: tuple[tuple[bytes, NSEC3], ...]

    def no_data(self, name: dns.name.Name, rdtype: int) -> Proof:
        record = self._at(name)
        if record is not None:
            return Proof.PROVEN if _without(record.windows, rdtype) else Proof.MISSING
        closest = self._closest(name)
        if closest is None:
            return Proof.MISSING
        cover = self.covered(_ancestor(name, len(closest)))  # the labels of a Name count the root
        star = self._at(_star(closest))
        if cover is Proof.PROVEN and star is not None and _without(star.windows, rdtype):
            return Proof.PROVEN
        return Proof.OPT_OUT if cover is Proof.OPT_OUT else Proof.MISSING  # an empty name above unsigned delegations

    def no_name(self, name: dns.name.Name) -> Proof:
        closest = self._closest(name)
        if closest is None or name == closest:
            return Proof.MISSING
        cover, star = self.covered(_ancestor(name, len(closest))), self.covered(_star(closest))
        if Proof.MISSING in (cover, star):
            return Proof.MISSING
        return cover

    def covered(self, name: dns.name.Name) -> Proof:
        wanted = _hash(name, self.salt, self.iterations)
        for start, record in self.records:
            end = record.next
            inside = start < wanted < end if start < end else wanted > start or wanted < end
            if inside:
                return Proof.OPT_OUT if record.flags & _OPT_OUT else Proof.PROVEN
        return Proof.MISSING

    def _at(self, name: dns.name.Name) -> NSEC3 | None:
        wanted = _hash(name, self.salt, self.iterations)
        return next((record for start, record in self.records if start == wanted), None)

    def _closest(self, name: dns.name.Name) -> dns.name.Name | None:
        """Return the nearest existing ancestor, None if there is none or the zone ends at it (RFC 5155 §8.3)."""
        while len(name) > len(self.zone):
            name = name.parent()
            record = self._at(name)
            if record is not None:
                return None if _ends(record.windows) else name
        return None


def _rings(zone: dns.name.Name, records: Hashes) -> list[Ring]:
    grouped: dict[tuple[bytes, int], list[tuple[bytes, NSEC3]]] = {}
    for owner, record in records[:RECORDS]:
        start = _owner_hash(owner, zone)
        if record.algorithm == 1 and record.flags in (0, _OPT_OUT) and start is not None:
            grouped.setdefault((record.salt, record.iterations), []).append((start, record))
    return [
        Ring(zone=zone, salt=salt, iterations=iterations, records=tuple(pairs))
        for (salt, iterations), pairs in grouped.items()
    ]


def _owner_hash(owner: dns.name.Name, zone: dns.name.Name) -> bytes | None:
    if len(owner) != len(zone) + 1 or not owner.is_subdomain(zone) or len(owner.labels[0]) != 32:
        return None
    try:
        return base64.b32decode(owner.labels[0].upper().translate(_BASE32))
    except ValueError:
        return None


@lru_cache(maxsize=2_048)  # every proof needs the hashes of a zone's apex and wildcard
def _hash(name: dns.name.Name, salt: bytes, iterations: int) -> bytes:
    text = dns.dnssec.nsec3_hash(name, salt, iterations, 1)
    return base64.b32decode(text.encode("ascii").translate(_BASE32))


def _without(windows: Sequence[tuple[int, bytes]], rdtype: int) -> bool:
    """True if a bitmap has neither the type nor CNAME, and is from the right side of a zone cut.

    That is the parent's side for DS, the zone's own for all other types.
    """
    if _has(windows, rdtype) or _has(windows, _CNAME):
        return False
    if rdtype == _DS:
        return not _has(windows, _SOA)
    return not (_has(windows, _NS) and not _has(windows, _SOA))


def _ends(windows: Sequence[tuple[int, bytes]]) -> bool:
    """True if no name below this one is in the zone, because of a delegation or a DNAME."""
    return _has(windows, _DNAME) or (_has(windows, _NS) and not _has(windows, _SOA))


def _has(windows: Sequence[tuple[int, bytes]], rdtype: int) -> bool:
    number, rest = rdtype >> 8, rdtype & 0xFF
    for window, bits in windows:
        if window == number:
            return rest >> 3 < len(bits) and bool(bits[rest >> 3] & 0x80 >> (rest & 7))
    return False


def _lacks(record: NSEC, name: dns.name.Name, rdtype: int, owner: dns.name.Name) -> bool:
    if owner == name:
        return _without(record.windows, rdtype)
    # An empty non-terminal: no records at the name, but at names below it.
    return _covers(owner, record, name) and record.next.is_subdomain(name)


def _covers(owner: dns.name.Name, record: NSEC, name: dns.name.Name) -> bool:
    """True if ``name`` is between owner and next in canonical order; the last span leads back to the apex."""
    if name.is_subdomain(owner) and name != owner and _ends(record.windows):
        return False
    if owner < record.next:
        return bool(owner < name < record.next)
    return bool(name > owner) and name.is_subdomain(record.next)


def _common(name: dns.name.Name, other: dns.name.Name) -> dns.name.Name:
    shared = name.fullcompare(other)[2]
    return _ancestor(name, shared - 1)


def _ancestor(name: dns.name.Name, labels: int) -> dns.name.Name:
    """Return the ancestor with ``labels`` labels, not counting the root; the name itself if it has no more."""
    return dns.name.Name(name.labels[-labels - 1 :]) if labels < len(name) else name


def _star(name: dns.name.Name) -> dns.name.Name:
    return dns.name.Name((b"*", *name.labels))
