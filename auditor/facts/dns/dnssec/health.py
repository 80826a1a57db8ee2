"""Collects the keys, digests, signature lifetimes and NSEC3 parameters of a signed zone, without grading them.

Servers with answers that do not validate while others' do are left out: ``security.dns.dnssec`` reports them. So are
invalid answers if another answer to the same question is valid: the zone was signed again between the two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.NSEC3PARAM import NSEC3PARAM
from dns.rdtypes.ANY.RRSIG import RRSIG

from auditor.facts.dns.dnssec.answers import TimedAnswer
from auditor.facts.dns.dnssec.signatures import KEYS, REVOKED, of_anchor
from auditor.facts.dns.dnssec.zones import SignedZone
from inventory.model import IPAddress

RSA = frozenset({1, 5, 7, 8, 10})
_HEALTHY_SETS = 400


_RECENT = timedelta(hours=26)
"""Age that online signers give a new signature at most: a day, and an hour or two for slow clocks."""
_APART = timedelta(seconds=2)
"""Inceptions count whole seconds, so answers within this time may have the same one although each was signed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLife:
    """Holds one signature: the set it covers, the server and time of its answer, and its validity dates."""

    what: str
    server: IPAddress | None
    at: datetime
    inception: datetime
    expiration: datetime

    @property
    def left(self) -> timedelta:
        """The remaining validity at the time of the answer."""
        return self.expiration - self.at

    @property
    def whole(self) -> timedelta:
        return self.expiration - self.inception


def keys(signed_zone: SignedZone) -> list[DNSKEY]:
    """Return every key that any server publishes, once."""
    asked = (signed_zone.name, dns.rdatatype.DNSKEY)
    sets = [answer.found() for answer in _own(signed_zone) if (answer.name, answer.rdtype) == asked]
    every = {key.to_wire(): key for rrset in sets if rrset is not None for key in rrset if isinstance(key, DNSKEY)}
    return [every[wire] for wire in sorted(every, key=_bytes)][:KEYS]


def digests(signed_zone: SignedZone) -> list[DS]:
    """Return the DS records at the parent."""
    answers = [
        answer
        for answer in signed_zone.validator.answers
        if answer.rdtype == dns.rdatatype.DS and answer.name == signed_zone.name and answer.zone != signed_zone.name
    ]
    every = {
        record.to_wire(): record for answer in answers for record in answer.found() or () if isinstance(record, DS)
    }
    return [every[wire] for wire in sorted(every, key=_bytes)][:KEYS]


def iterations(signed_zone: SignedZone) -> int:
    """Return the highest iteration count of any NSEC3 or NSEC3PARAM record of the zone; 0 if there is none."""
    counts = [
        record.iterations
        for answer in _own(signed_zone)
        for rrset in (*answer.answer, *answer.authority)
        for record in rrset
        if isinstance(record, NSEC3 | NSEC3PARAM) and rrset.name.is_subdomain(signed_zone.name)
    ]
    return max(counts, default=0)


def idle_algorithms(signed_zone: SignedZone) -> frozenset[int]:
    """Return algorithms of published keys that do not sign the zone's SOA and DNSKEY set everywhere (RFC 4035 §2.2)."""
    idle: set[int] = set()
    published = {int(key.algorithm) for key in keys(signed_zone) if not key.flags & REVOKED}
    for answer in _own(signed_zone):
        for rrset in answer.answer:
            if rrset.name == signed_zone.name and rrset.rdtype in (dns.rdatatype.SOA, dns.rdatatype.DNSKEY):
                signing = {
                    int(rrsig.algorithm) for rrsig in answer.signatures(rrset) if rrsig.signer == signed_zone.name
                }
                idle |= published - signing if signing else set()  # without any, signatures were lost on the path
    return frozenset(idle)


def lives(signed_zone: SignedZone) -> list[SignatureLife]:
    """Return the longest-lived signature of each set in each answer, the first to expire first.

    For the zone's DNSKEY set, only signatures by a key that the parent's DS names count: validation does not depend on
    the others.
    """
    every = [life for answer in _own(signed_zone) for life in _lives(signed_zone, answer)]
    return sorted(every, key=lambda life: (life.left, " NSEC" in life.what, life.what))


def of_old_copies(signed_zone: SignedZone, every: Sequence[SignatureLife], soon: timedelta) -> list[SignatureLife]:
    """Return signatures that expire within ``soon`` at servers with an older copy of a set that was signed again.

    The cause is not a late signer, but these servers.
    """
    behind = signed_zone.validator.behind(signed_zone.name)
    renewed = {life.what for life in every if life.server not in behind and life.left >= soon}
    return [
        life for life in every if timedelta(0) <= life.left < soon and life.server in behind and life.what in renewed
    ]


def signed_on_line(every: Sequence[SignatureLife]) -> frozenset[SignatureLife]:
    """Return the signatures that name servers create anew for each answer (online signing).

    They began at most about a day before the answer, and differ between two answers. A set seen in only one answer
    counts as stored if the zone's SOA signature is stored.
    """
    recent = [life for life in every if life.at - life.inception <= _RECENT]
    seen: dict[str, set[datetime]] = {}
    same: dict[tuple[str, datetime, datetime], list[datetime]] = {}
    for lifetime in recent:
        seen.setdefault(lifetime.what, set()).add(lifetime.at)
        same.setdefault((lifetime.what, lifetime.inception, lifetime.expiration), []).append(lifetime.at)
    kept = {what for (what, _, _), times in same.items() if max(times) - min(times) >= _APART}
    soa_kept = any(what.endswith(" SOA") for what in kept)
    return frozenset(life for life in recent if life.what not in kept and not (soa_kept and len(seen[life.what]) == 1))


def rsa_bits(key: DNSKEY) -> int:
    """Return the size of an RSA modulus in bits (RFC 3110 §2)."""
    data = bytes(key.key)
    if len(data) < 3:
        return 0
    skip = 1 + data[0] if data[0] else 3 + int.from_bytes(data[1:3])
    return int.from_bytes(data[skip:]).bit_length()


def _own(signed_zone: SignedZone) -> list[TimedAnswer]:
    """Return the answers of the zone's servers, without invalid ones for which a valid answer exists."""
    held = {(judged.said.name, judged.said.rdtype) for judged in signed_zone.judged if judged.why is None}
    outdone = [
        judged.said
        for judged in signed_zone.judged
        if judged.why is not None and (judged.said.name, judged.said.rdtype) in held
    ]
    return [
        answer
        for answer in signed_zone.validator.answers
        if answer.zone == signed_zone.name
        and answer.message is not None
        and answer.server not in signed_zone.stale
        and not any(answer is said for said in outdone)
    ]


def _lives(signed_zone: SignedZone, answer: TimedAnswer) -> Iterator[SignatureLife]:
    for rrset in (*answer.answer, *answer.authority)[:_HEALTHY_SETS]:
        if not rrset.name.is_subdomain(signed_zone.name):
            continue
        signatures = [signature for signature in answer.signatures(rrset) if signature.signer == signed_zone.name]
        if signatures:
            yield _life(rrset, max(_anchored(signed_zone, rrset, signatures), key=_end), answer)


def _anchored(signed_zone: SignedZone, rrset: dns.rrset.RRset, signatures: list[RRSIG]) -> list[RRSIG]:
    """Return the signatures of a set on which validation depends."""
    if (rrset.name, rrset.rdtype) != (signed_zone.name, dns.rdatatype.DNSKEY):
        return signatures
    published = [record for record in rrset if isinstance(record, DNSKEY)]
    named = of_anchor(signed_zone.name, published, signed_zone.trust.ds)
    by = {(int(key.algorithm), dns.dnssec.key_id(key)) for key in named}
    return [each for each in signatures if (int(each.algorithm), each.key_tag) in by] or signatures


def _life(rrset: dns.rrset.RRset, signature: RRSIG, answer: TimedAnswer) -> SignatureLife:
    return SignatureLife(
        what=f"{rrset.name.to_text(omit_final_dot=len(rrset.name) > 1)} {dns.rdatatype.to_text(rrset.rdtype)}",
        server=answer.server,
        at=answer.at,
        inception=datetime.fromtimestamp(int(signature.inception), UTC),
        expiration=datetime.fromtimestamp(int(signature.expiration), UTC),
    )


def _end(signature: RRSIG) -> int:
    return int(signature.expiration)


def _bytes(wire: bytes | None) -> bytes:
    return wire or b""
