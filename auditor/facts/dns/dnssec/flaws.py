"""What is wrong with a signed zone's keys, digests, signatures and NSEC3, in ``security.dns.dnssec-health``'s codes.

Algorithms as in IANA's registry (RFC 9904).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dns.dnssec
import dns.name

from auditor.facts.dns.dnssec import health
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.zones import Signed, shown
from auditor.framework.findings import Arg, Verdict

_GOOD = frozenset({8, 13, 14, 15, 16})
_WEAK = frozenset({1, 3, 5, 6, 7, 12})  # RSAMD5, DSA, RSASHA1 (RFC 9905), ECC-GOST (RFC 9906)
_DIGESTS = frozenset({2, 4})
_SHORT, _TINY = 2048, 1024


def of_keys(found: Signed) -> Iterator[Verdict]:
    """One finding a key; two keys of one tag are told apart by their algorithm."""
    said = set()
    for key in health.keys(found):
        tag, bits = dns.dnssec.key_id(key), health.rsa_bits(key) if key.algorithm in health.RSA else _SHORT
        name = dns.dnssec.algorithm_to_text(key.algorithm)
        detail = f"DNSKEY {tag} {name}"
        args: dict[str, Arg] = {"tag": str(tag), "algorithm": name}
        if detail in said:
            continue
        if key.algorithm in _WEAK:
            code = "WEAK_ALGORITHM"
        elif bits < _SHORT:
            code, args = "TINY_KEY" if bits < _TINY else "SHORT_KEY", {"tag": str(tag), "bits": bits}
        elif key.algorithm not in _GOOD:
            code = "OTHER_ALGORITHM"
        else:
            continue
        said.add(detail)
        yield say(found, code, detail=detail, **args)


def of_digests(found: Signed) -> Iterator[Verdict]:
    """A DS that resolvers still follow must be there."""
    digests = health.digests(found)
    if digests and not any(one.digest_type in _DIGESTS for one in digests):
        yield say(found, "WEAK_DIGEST", detail="DS")


def of_nsec3(found: Signed) -> Iterator[Verdict]:
    """Iterations cost resolvers and protect nothing (RFC 9276 §3.1)."""
    count = health.iterations(found)
    if count:
        yield say(found, "ITERATIONS", detail="NSEC3", count=count)


def of_life(found: Signed, life: health.Life, soon: timedelta, now: timedelta) -> Verdict:
    """What is said of the signature that runs out first, with less than ``soon`` left; less than ``now`` is a failure.

    That a zone is refused because signatures have expired is said by ``security.dns.dnssec``.
    """
    trust = found.trust
    if trust.at == dns.name.root and trust.why in (Why.EXPIRED, Why.NOT_YET_VALID, Why.EDGE):
        return say(found, "CLOCK", detail="RRSIG")
    if life.left < timedelta(0):
        code = "REFUSED" if _is_refused(found) else "EXPIRED"
        return say(found, code, detail="RRSIG", what=life.what)
    if life.left >= now and life.whole < 2 * soon and life.left > life.whole / 3:
        return say(found, "SHORT_LIVED", detail="RRSIG", what=life.what, hours=_hours(life.whole))
    code = "ENDS_NOW" if life.left < now else "ENDS_SOON"
    return say(found, code, detail="RRSIG", what=life.what, hours=_hours(life.left))


def _is_refused(found: Signed) -> bool:
    """Whether ``security.dns.dnssec`` fails this zone because of expired signatures, or leaves that to its clock."""
    own = found.trust.why if found.trust.at == found.name else None
    first = own or (found.broken[0].why if found.broken else None)
    return first in (Why.EXPIRED, Why.EDGE)


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600) + 1


def say(found: Signed, code: str, *, detail: str | None = None, **args: Arg) -> Verdict:
    """A verdict about the zone; ``detail`` tells several apart."""
    return Verdict(code=code, args={"zone": shown(found.name), **args}, evidence=found.evidence, detail=detail)


def none(found: Signed, first: health.Life, short: Sequence[health.Life]) -> Verdict:
    """What is said where nothing is wrong; ``short`` are signatures made anew with each answer."""
    names = tuple(sorted({dns.dnssec.algorithm_to_text(key.algorithm) for key in health.keys(found)}))
    if short:
        hours = int(first.whole / timedelta(hours=1))
        return say(found, "SIGNED_ON_LINE", algorithms=names, hours=hours)
    idle = tuple(sorted(dns.dnssec.algorithm_to_text(one) for one in health.idle_algorithms(found)))
    if idle:
        return say(found, "IDLE_ALGORITHM", algorithms=names, idle=idle, days=first.left.days)
    return say(found, "SOUND", algorithms=names, days=first.left.days)
