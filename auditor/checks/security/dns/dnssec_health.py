"""Check that a signed zone uses algorithms that last, and its signatures are renewed in time.

Signatures count at the time of the answer that held them; those that name servers make anew with each answer are short
by nature, which users of such servers cannot change.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dns.dnssec
import dns.name
import dns.rdatatype

from auditor.facts import not_judged
from auditor.facts.dns.dnssec import health, key_grades
from auditor.facts.dns.dnssec.answers import TimedAnswer
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.zones import SignedZone, addresses, examine, shown
from auditor.facts.dns.nameservers import zone
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, CheckId, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation
from probes.observations.dnssec import ZoneAnswer

_DIGESTS = frozenset({2, 4})
_ID = CheckId("security.dns.dnssec-health")
_RENEW = "Let the signer sign the zone again now, and see to it that it renews signatures by itself, days ahead."
_ROLL = "Roll the zone's keys to ECDSA P-256 (algorithm 13), then replace the DS at the parent."


@check(
    version=7,
    title="DNSSEC algorithms, validity and NSEC3 are sound",
    problem="DNSSEC uses a weak algorithm, key or digest",
    problems={
        "OTHER_ALGORITHM": "DNSSEC uses an algorithm that is not recommended",
        "TINY_KEY": "DNSSEC key is too short",
        "SHORT_KEY": "DNSSEC key is too short",
        "EXPIRED": "DNSSEC signature has expired",
        "ENDS_NOW": "DNSSEC signature is about to expire",
        "ENDS_SOON": "DNSSEC signature is about to expire",
        "OLD_COPY": "Name server serves an old copy whose signatures end soon",
        "SHORT_LIVED": "DNSSEC signatures have a short validity",
        "ITERATIONS": "NSEC3 uses too many iterations",
    },
    why="Signatures by weak algorithms can be forged, and a zone that is not signed again in time is gone for everybody"
    " whose resolver validates.",
    fix="Use current algorithms and keys, and let the signer renew signatures by itself.",
    references=("RFC 9904", "RFC 9905", "RFC 9276 §3.1", "Zonemaster DNSSEC01–14"),
    needs=(Delegation, ZoneAnswer),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    clock=True,
    excused_by={
        "EXPIRED": frozenset({"dnssec"}),
        "ENDS_NOW": frozenset({"dnssec"}),
        "WEAK_ALGORITHM": frozenset({"dnssec"}),
        "TINY_KEY": frozenset({"dnssec"}),
        "SHORT_KEY": frozenset({"dnssec"}),
    },
    messages={
        **not_judged.CHAIN_CODES,
        "SOUND": passed(
            "{zone} is signed with {algorithms:list}; the signature that runs out first holds {days:n}"
            " {days/day/days} more."
        ),
        "SIGNED_ON_LINE": passed(
            "{zone} is signed with {algorithms:list}; its name servers sign online, anew with each answer. That"
            " signatures last only {hours:n} {hours/hour/hours} is part of that way of signing."
        ),
        "IDLE_ALGORITHM": passed(
            "{zone} is signed with {algorithms:list}, and keys of {idle:list} do not sign all of it, though each"
            " algorithm that is published should: as long as one signs everything, validators do without. The signature"
            " that runs out first holds {days:n} {days/day/days} more."
        ),
        "WEAK_ALGORITHM": fail("Key {tag} of {zone} uses {algorithm}, which must no longer sign anything.", fix=_ROLL),
        "OTHER_ALGORITHM": warn(
            "Key {tag} of {zone} uses {algorithm}, which is not recommended for signing.", fix=_ROLL
        ),
        "TINY_KEY": fail("Key {tag} of {zone} is an RSA key of only {bits} bits.", fix=_ROLL),
        "SHORT_KEY": warn("Key {tag} of {zone} is an RSA key of {bits} bits, fewer than 2048.", fix=_ROLL),
        "WEAK_DIGEST": fail(
            "The parent has only DS records for {zone} with digests that no longer count (SHA-1 or GOST).",
            fix="Submit a DS with SHA-256 through the registrar.",
        ),
        "EXPIRED": fail("The signature over {what} of {zone} has expired.", fix=_RENEW),
        "ENDS_NOW": fail(
            "The signature over {what} of {zone} runs out within {hours:n} {hours/hour/hours}.", fix=_RENEW
        ),
        "ENDS_SOON": warn(
            "The signature over {what} of {zone} runs out within {hours:n} {hours/hour/hours}.", fix=_RENEW
        ),
        "OLD_COPY": warn(
            "{addresses:list} {addresses/serves/serve} an older copy of {zone} than other name servers. Its signatures"
            " run out within {hours:n} {hours/hour/hours}; resolvers that validate refuse it then.",
            fix="Let these servers copy the zone again: check NOTIFY, allow-transfer, TSIG keys and TCP port 53 towards"
            " the primary.",
        ),
        "SHORT_LIVED": warn(
            "The signature over {what} of {zone} lives for {hours:n} {hours/hour/hours} only: an outage of the signer"
            " takes the zone away soon.",
            fix="Let signatures live for a week or longer, and renew them days before they run out.",
        ),
        "ITERATIONS": warn(
            "NSEC3 of {zone} uses {count:n} extra {count/iteration/iterations}; it should be 0, and resolvers"
            " distrust more than a few.",
            fix="Set NSEC3 iterations to 0 and leave the salt empty.",
        ),
        "REFUSED": not_applicable(
            "Signatures of {zone} have expired, among them the one over {what}; see the finding on DNSSEC."
        ),
        "NO_SIGNATURES": not_applicable(
            "{zone} publishes keys, but no signature of it was seen; see the finding on DNSSEC."
        ),
        "CLOCK": inconclusive(
            "The root's own signatures are out of their time, so our clock may be wrong.", reason=Reason.REF
        ),
        **not_judged.UNSIGNED,
        **not_judged.NOT_DELEGATED,
        **not_judged.NO_ANCHOR,
    },
)
def dnssec_health(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    shut = not_judged.delegation(cut)
    if shut is not None:
        yield shut
    elif not ctx.reference.trust_anchor:
        yield Verdict(code="NO_ANCHOR")
    else:
        signed_zone = examine(cut.name, evidence, ctx)
        heard = signed_zone is not None and any(answer.message for answer in _keys(signed_zone))
        if signed_zone is None or not heard:
            yield not_judged.dns(not_judged.unasked(ctx, evidence, cut.name))
        elif not signed_zone.has_keys:
            yield _say(signed_zone, "UNSIGNED")
        else:
            yield from _judge(signed_zone, ctx)


def _keys(signed_zone: SignedZone) -> list[TimedAnswer]:
    return signed_zone.validator.of(signed_zone.name, dns.rdatatype.DNSKEY)


def _judge(signed_zone: SignedZone, ctx: Context) -> Iterator[Verdict]:
    lives = health.lives(signed_zone)
    soon, now = (timedelta(days=ctx.policy.threshold(_ID, name)) for name in ("warn_days", "fail_days"))
    seen = [*_of_keys(signed_zone), *_of_digests(signed_zone), *_of_nsec3(signed_zone)]
    late = health.of_old_copies(signed_zone, lives, soon)
    short = [life for life in lives if life.left < soon and life not in late]
    on_line = health.signed_on_line([life for life in short if life.left > timedelta(0)])
    if not lives:
        seen.append(_say(signed_zone, "NO_SIGNATURES", detail="RRSIG"))
    seen += [_of_life(signed_zone, life, soon, now) for life in short if life not in on_line][:1]
    if late:
        seen.append(_of_old_copies(signed_zone, late))
    yield from seen
    if not seen:
        yield _none(signed_zone, lives[0], short)


def _of_keys(signed_zone: SignedZone) -> Iterator[Verdict]:
    """Yield one finding for each key; two keys with one tag are told apart by their algorithm."""
    details = set()
    for key in health.keys(signed_zone):
        tag, name = str(dns.dnssec.key_id(key)), dns.dnssec.algorithm_to_text(key.algorithm)
        fault, detail = key_grades.fault(key), f"DNSKEY {tag} {name}"
        if fault is not None and detail not in details:
            details.add(detail)
            said: dict[str, Arg] = (
                {"bits": health.rsa_bits(key)} if fault in key_grades.OF_LENGTH else {"algorithm": name}
            )
            yield _say(signed_zone, fault.value, detail=detail, tag=tag, **said)


def _of_digests(signed_zone: SignedZone) -> Iterator[Verdict]:
    """Yield a verdict if no DS has a digest that resolvers still accept."""
    digests = health.digests(signed_zone)
    if digests and not any(ds.digest_type in _DIGESTS for ds in digests):
        yield _say(signed_zone, "WEAK_DIGEST", detail="DS")


def _of_nsec3(signed_zone: SignedZone) -> Iterator[Verdict]:
    """Yield a verdict on NSEC3 iterations, which cost resolvers and protect nothing (RFC 9276 §3.1)."""
    count = health.iterations(signed_zone)
    if count:
        yield _say(signed_zone, "ITERATIONS", detail="NSEC3", count=count)


def _of_life(signed_zone: SignedZone, life: health.SignatureLife, soon: timedelta, now: timedelta) -> Verdict:
    """Return the verdict on the signature that expires first, with less than ``soon`` left; below ``now`` is a failure.

    That a zone is refused because signatures have expired is reported by ``security.dns.dnssec``.
    """
    trust = signed_zone.trust
    if trust.at == dns.name.root and trust.why in (Why.EXPIRED, Why.NOT_YET_VALID, Why.EDGE):
        return _say(signed_zone, "CLOCK", detail="RRSIG")
    if life.left < timedelta(0):
        code = "REFUSED" if _is_refused(signed_zone) else "EXPIRED"
        return _say(signed_zone, code, detail="RRSIG", what=life.what)
    if life.left >= now and life.whole < 2 * soon and life.left > life.whole / 3:
        return _say(signed_zone, "SHORT_LIVED", detail="RRSIG", what=life.what, hours=_hours(life.whole))
    code = "ENDS_NOW" if life.left < now else "ENDS_SOON"
    return _say(signed_zone, code, detail="RRSIG", what=life.what, hours=_hours(life.left))


def _of_old_copies(signed_zone: SignedZone, late: Sequence[health.SignatureLife]) -> Verdict:
    """Return the verdict on servers that do not copy the zone: the signer has renewed signatures that expire there."""
    servers = sorted({life.server for life in late if life.server is not None}, key=lambda a: (-a.version, int(a)))
    args: dict[str, Arg] = {"addresses": addresses(servers), "hours": _hours(late[0].left)}
    return _say(signed_zone, "OLD_COPY", detail="SOA", **args)


def _is_refused(signed_zone: SignedZone) -> bool:
    """True if ``security.dns.dnssec`` fails this zone because of expired signatures, or leaves that to its clock."""
    own = signed_zone.trust.why if signed_zone.trust.at == signed_zone.name else None
    first = own or (signed_zone.broken[0].why if signed_zone.broken else None)
    return first in (Why.EXPIRED, Why.EDGE)


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600) + 1


def _say(signed_zone: SignedZone, code: str, *, detail: str | None = None, **args: Arg) -> Verdict:
    """Return a verdict about the zone; ``detail`` tells several apart."""
    return Verdict(
        code=code, args={"zone": shown(signed_zone.name), **args}, evidence=signed_zone.evidence, detail=detail
    )


def _none(signed_zone: SignedZone, first: health.SignatureLife, short: Sequence[health.SignatureLife]) -> Verdict:
    """Return the verdict where there is no defect; ``short`` are signatures made anew with each answer."""
    names = tuple(sorted({dns.dnssec.algorithm_to_text(key.algorithm) for key in health.keys(signed_zone)}))
    if short:
        hours = int(first.whole / timedelta(hours=1))
        return _say(signed_zone, "SIGNED_ON_LINE", algorithms=names, hours=hours)
    idle = tuple(
        sorted(dns.dnssec.algorithm_to_text(idle_algorithm) for idle_algorithm in health.idle_algorithms(signed_zone))
    )
    if idle:
        return _say(signed_zone, "IDLE_ALGORITHM", algorithms=names, idle=idle, days=first.left.days)
    return _say(signed_zone, "SOUND", algorithms=names, days=first.left.days)
