"""``security.dns.dnssec-health``: a signed zone uses algorithms that last, and its signatures are renewed in time.

Algorithms as in IANA's registry (RFC 9904). Signatures count at the time of the answer that held them; those that name
servers make anew with each answer are short by nature, which nobody who uses such servers can change.
"""

from collections.abc import Iterator
from datetime import timedelta

import dns.dnssec
import dns.name
import dns.rdatatype

from auditor.facts import inconclusive
from auditor.facts.dns.dnssec import flaws, health
from auditor.facts.dns.dnssec.answers import Said
from auditor.facts.dns.dnssec.zones import Signed, examine
from auditor.facts.dns.nameservers import zone
from auditor.framework.check import check, says
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Outcome, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation
from probes.observations.dnssec import ZoneAnswer

_ID = CheckId("security.dns.dnssec-health")
_RENEW = "Let the signer sign the zone again now, and see to it that it renews signatures by itself, days ahead."
_ROLL = "Roll the zone's keys to ECDSA P-256 (algorithm 13), then replace the DS at the parent."


@check(
    version=3,
    title="DNSSEC algorithms, validity and NSEC3 are sound",
    why="Signatures by weak algorithms can be forged, and a zone that is not signed again in time is gone for everybody"
    " whose resolver validates.",
    fix="Use current algorithms and keys, and let the signer renew signatures by itself.",
    references=("RFC 9904", "RFC 9905", "RFC 9276 §3.1", "Zonemaster DNSSEC01–14"),
    needs=(Delegation, ZoneAnswer),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    clock=True,
    messages={
        **inconclusive.CHAIN_CODES,
        "SOUND": says(
            Outcome.PASS,
            "{zone} is signed with {algorithms:list}; the signature that runs out first holds {days:n}"
            " {days/day/days} more.",
        ),
        "SIGNED_ON_LINE": says(
            Outcome.PASS,
            "{zone} is signed with {algorithms:list}; its name servers sign on line, anew with each answer. That"
            " signatures last only {hours:n} {hours/hour/hours} is part of that way of signing.",
        ),
        "IDLE_ALGORITHM": says(
            Outcome.PASS,
            "{zone} is signed with {algorithms:list}, and keys of {idle:list} do not sign all of it, though each"
            " algorithm that is published should: as long as one signs everything, validators do without. The signature"
            " that runs out first holds {days:n} {days/day/days} more.",
        ),
        "WEAK_ALGORITHM": says(
            Outcome.FAIL, "Key {tag} of {zone} uses {algorithm}, which must no longer sign anything.", fix=_ROLL
        ),
        "OTHER_ALGORITHM": says(
            Outcome.WARN, "Key {tag} of {zone} uses {algorithm}, which is not recommended for signing.", fix=_ROLL
        ),
        "TINY_KEY": says(Outcome.FAIL, "Key {tag} of {zone} is an RSA key of only {bits:n} bits.", fix=_ROLL),
        "SHORT_KEY": says(
            Outcome.WARN, "Key {tag} of {zone} is an RSA key of {bits:n} bits, fewer than 2048.", fix=_ROLL
        ),
        "WEAK_DIGEST": says(
            Outcome.FAIL,
            "The parent has only DS records for {zone} with digests that no longer count (SHA-1 or GOST).",
            fix="Submit a DS with SHA-256 through the registrar.",
        ),
        "EXPIRED": says(Outcome.FAIL, "The signature over {what} of {zone} has expired.", fix=_RENEW),
        "ENDS_NOW": says(
            Outcome.FAIL,
            "The signature over {what} of {zone} runs out within {hours:n} {hours/hour/hours}.",
            fix=_RENEW,
        ),
        "ENDS_SOON": says(
            Outcome.WARN,
            "The signature over {what} of {zone} runs out within {hours:n} {hours/hour/hours}.",
            fix=_RENEW,
        ),
        "SHORT_LIVED": says(
            Outcome.WARN,
            "The signature over {what} of {zone} lives for {hours:n} {hours/hour/hours} only: an outage of the signer"
            " takes the zone away soon.",
            fix="Let signatures live for a week or longer, and renew them days before they run out.",
        ),
        "ITERATIONS": says(
            Outcome.WARN,
            "NSEC3 of {zone} uses {count:n} extra {count/iteration/iterations}; it should be 0, and resolvers"
            " distrust more than a few.",
            fix="Set NSEC3 iterations to 0 and leave the salt empty.",
        ),
        "REFUSED": says(
            Outcome.NOT_APPLICABLE,
            "Signatures of {zone} have expired, among them the one over {what}; see the finding on DNSSEC.",
        ),
        "NO_SIGNATURES": says(
            Outcome.NOT_APPLICABLE, "{zone} publishes keys, but no signature of it was seen; see the finding on DNSSEC."
        ),
        "CLOCK": says(
            Outcome.INCONCLUSIVE,
            "The root's own signatures are out of their time, so our clock may be wrong.",
            reason=Reason.REF,
        ),
        "UNSIGNED": says(Outcome.NOT_APPLICABLE, "{zone} is not signed."),
        "NOT_DELEGATED": says(Outcome.NOT_APPLICABLE, "{zone} is not delegated in the public DNS."),
        "NO_ANCHOR": says(Outcome.INCONCLUSIVE, "There is no trust anchor to begin with.", reason=Reason.REF),
    },
)
def dnssec_health(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    shut = inconclusive.delegation(cut)
    if shut is not None:
        yield shut
    elif not ctx.reference.trust_anchor:
        yield Verdict(code="NO_ANCHOR")
    else:
        found = examine(cut.name, evidence, ctx)
        heard = found is not None and any(said.message for said in _keys(found))
        if found is None or not heard:
            yield inconclusive.dns(inconclusive.unasked(ctx, evidence, cut.name))
        elif not found.has_keys:
            yield flaws.say(found, "UNSIGNED")
        else:
            yield from _judge(found, ctx)


def _keys(found: Signed) -> list[Said]:
    return found.validator.of(found.name, dns.rdatatype.DNSKEY)


def _judge(found: Signed, ctx: Context) -> Iterator[Verdict]:
    lives = health.lives(found)
    soon, now = (timedelta(days=ctx.policy.threshold(_ID, name)) for name in ("warn_days", "fail_days"))
    seen = [*flaws.of_keys(found), *flaws.of_digests(found), *flaws.of_nsec3(found)]
    short = [life for life in lives if life.left < soon]
    on_line = health.signed_on_line([life for life in short if life.left > timedelta(0)])
    if not lives:
        seen.append(flaws.say(found, "NO_SIGNATURES", detail="RRSIG"))
    seen += [flaws.of_life(found, life, soon, now) for life in short if life not in on_line][:1]
    yield from seen
    if not seen:
        yield flaws.none(found, lives[0], short)
