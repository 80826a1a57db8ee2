"""Check that the zone is signed, and all its answers validate from the root's trust anchor.

Validated here from the recorded answers, each at the time of its arrival. A resolver's result can only make a verdict
undecided, never decide it. Defects above the zone are no finding of it, and a signature of the root outside its
validity shows that our own clock is wrong. Name servers and mail hosts in other zones are judged with those, each by
itself.

The codes are those of ``security.dns.dnssec``; for a zone that is bogus they are the names of ``Why``.
"""

from collections.abc import Iterator

import dns.name

from auditor.facts import not_judged
from auditor.facts.cut_off import cut_off
from auditor.facts.dns.dnssec.external_hosts import ExternalHost, external_hosts
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.trust import TrustState
from auditor.facts.dns.dnssec.zones import Opinions, SignedZone, addresses, examine, opinions, shown
from auditor.facts.dns.nameservers import Delegated, zone
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation
from probes.observations.dnssec import SecondOpinion, ZoneAnswer

_RESIGN = "Let the signer sign the zone again now, and watch that it renews signatures by itself."
_ROLL = "Submit the DS of the key in use through the registrar, or put back the key that the parent's DS names."
_WITHDRAW = (
    "Have the parent's DS removed through the registrar, or sign the zone again with the key that the DS names: when a"
    " zone moves to another DNS provider, its DS goes first."
)
_BROKEN = {
    Why.EXPIRED: ("the signatures have expired ({what})", _RESIGN),
    Why.NOT_YET_VALID: ("the signatures are not valid yet ({what})", "Correct the signer's clock."),
    Why.BAD_SIGNATURE: ("a signature does not fit its records ({what})", _RESIGN),
    Why.UNKNOWN_KEY: ("the signatures are of keys that the zone does not publish ({what})", _RESIGN),
    Why.NO_SIGNATURE: ("signatures are missing ({what})", _RESIGN),
    Why.BAD_DENIAL: ("the proof is wrong that something is not there ({what})", _RESIGN),
    Why.DS_MISMATCH: ("none of the keys that sign its set of keys is the one that the parent's DS names", _ROLL),
    Why.NO_KEYS: ("the parent has a DS, but the zone publishes no key", _WITHDRAW),
}
_PROBE = frozenset({"dnssec"})
_SAYS = "Resolvers that validate refuse {zone}: %s."


@check(
    version=8,
    title="Zone is signed and validates",
    problem="DNSSEC is broken: validating resolvers refuse the domain",
    problems={
        "UNSIGNED": "Domain is not signed with DNSSEC",
        "NO_DS": "Domain is signed, but the parent zone has no DS record",
        "UNSUPPORTED": "Domain is signed with unsupported DNSSEC algorithms",
        "STALE_SERVERS": "Some name servers give answers that fail DNSSEC",
        "EXPIRED": "DNSSEC signatures have expired",
        "NOT_YET_VALID": "DNSSEC signatures are not valid yet",
        "NO_SIGNATURE": "DNSSEC signatures are missing",
        "DS_MISMATCH": "DS record at the parent zone does not match the domain's keys",
        "NO_KEYS": "DS record at the parent zone does not match the domain's keys",
        "HOST_BOGUS": "A server name used by the domain fails DNSSEC",
        "PARENT_UNSIGNED": "Domain is signed, but a zone above it is not",
    },
    why="Without DNSSEC an attacker on the path can answer in the name of the agency; with broken DNSSEC the agency "
    "cannot be reached at all through resolvers that validate.",
    fix="Sign the zone and submit its DS record through the registrar.",
    references=(
        "RFC 4035 §5",
        "RFC 5155 §8",
        "khoản 4 Điều 15 Thông tư số 32/2017/TT-BTTTT",
        "mục 4.6 Thông tư số 39/2017/TT-BTTTT",
        "Internet.nl dnssec",
    ),
    needs=(Delegation, ZoneAnswer, SecondOpinion),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    clock=True,
    excused_by={"HOST_BOGUS": frozenset({"dnssec"})},
    messages={
        **not_judged.CHAIN_CODES,
        "SECURE": passed("{zone} is signed, and its signatures hold from the root down: {path:list}."),
        "UNSIGNED": warn("{zone} is not signed."),
        "NO_DS": warn(
            "{zone} is signed, but its parent has no DS for it, so nobody can validate it.",
            fix="Submit the zone's DS record through the registrar.",
        ),
        "UNSUPPORTED": warn(
            "{zone} is signed only with algorithms that resolvers do not support, so it counts as unsigned.",
            fix="Sign with ECDSA P-256 (algorithm 13) and submit a DS with SHA-256.",
        ),
        "STALE_SERVERS": warn(
            "{addresses/One name server/Some name servers} of {zone} {addresses/gives/give} answers that do not"
            " validate, others do: {addresses:list}.",
            fix="Let these servers copy the signed zone again and serve it with its signatures.",
        ),
        **{why.name: fail(_SAYS % text, fix=fix) for why, (text, fix) in _BROKEN.items()},
        "HOST_SECURE": passed(
            "{host}, which {zone} uses as name server or mail host, is in another signed zone; its signatures hold."
        ),
        "HOST_INSECURE": not_applicable(
            "{host}, which {zone} uses as name server or mail host, is in another zone that is not signed. That changes"
            " nothing about {zone} itself."
        ),
        "HOST_BOGUS": fail(
            "Resolvers that validate refuse {host}, which {zone} uses as name server or mail host.",
            fix="Ask its operator to repair the signatures of that zone, or use another host.",
        ),
        "HOST_UNKNOWN": inconclusive(
            "{host}, which {zone} uses as name server or mail host: its signatures could not be followed.",
            reason=Reason.DNS,
        ),
        "PARENT_UNSIGNED": warn(
            "{zone} is signed, but nobody can validate it: the zone {place} above it is not signed, or has no DS at its"
            " own parent that resolvers can use.",
            fix="Have that zone signed and its DS submitted to its parent; then submit the DS of your zone.",
        ),
        "ABOVE": inconclusive(
            "What is wrong is above {zone}, at {place}: its own signatures cannot be judged.", reason=Reason.DNS
        ),
        "CLOCK": inconclusive(
            "Signatures are out of their time by so little, or the root's own are, that our clock may be wrong.",
            reason=Reason.REF,
        ),
        **not_judged.NO_ANCHOR,
        "DISAGREE": inconclusive(
            "Our validation of {zone} and that of the vantage's resolver do not agree.", reason=Reason.AMB
        ),
        "TOO_COMPLEX": inconclusive(
            "{zone} has so many keys or signatures that validating it was given up.",
            fix="Publish a few keys with different key tags only.",
            reason=Reason.AMB,
        ),
        **not_judged.NOT_DELEGATED,
    },
)
def dnssec(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    if cut.delegated is not Delegated.YES:
        args = {"zone": cut.name}
        unknown = cut.delegated is Delegated.UNKNOWN
        yield (
            not_judged.dns(cut.as_lookup)
            if unknown
            else Verdict(code="NOT_DELEGATED", args=args, evidence=cut.evidence)
        )
        return
    if not ctx.reference.trust_anchor:
        yield Verdict(code="NO_ANCHOR")
        return
    signed_zone = examine(cut.name, evidence, ctx)
    if signed_zone is None or signed_zone.trust.why is Why.NO_ANSWER:
        yield not_judged.dns(not_judged.unasked(ctx, evidence, cut.name))
        return
    verdict = _judge(signed_zone, evidence, ctx)
    yield verdict
    if verdict.code == "SECURE":
        yield from (_of_host(signed_zone, host, evidence) for host in external_hosts(signed_zone))


def _judge(signed_zone: SignedZone, evidence: EvidenceSet, ctx: Context) -> Verdict:
    second = opinions(shown(signed_zone.name), evidence)
    trust, why, what = signed_zone.trust, signed_zone.trust.why, "DNSKEY"
    secure = trust.state is TrustState.SECURE
    if secure and signed_zone.broken:
        why, what = signed_zone.broken[0].why, signed_zone.broken[0].said.text
    if why is Why.TOO_MUCH:
        return _say(signed_zone, "TOO_COMPLEX")
    if why is Why.EDGE or (trust.at == dns.name.root and why in (Why.EXPIRED, Why.NOT_YET_VALID)):
        return _say(signed_zone, "CLOCK")
    if why is not None and trust.at != signed_zone.name:
        return _say(signed_zone, "ABOVE", place=shown(trust.at))
    if _contradicted(signed_zone, why, second):
        return _say(signed_zone, "DISAGREE", second=second)
    if why is not None and not second.evidence and cut_off(evidence, _PROBE):
        args = {"name": shown(signed_zone.name), "rtype": "DNSKEY"}  # a resolver may disagree
        return Verdict(code="DNS_NOT_ASKED", args=args, reason=Reason.CUT, evidence=signed_zone.evidence)
    if why is not None:
        return _say(signed_zone, why.name, what=what)
    return _secure(signed_zone, evidence, ctx) if secure else _insecure(signed_zone, evidence, ctx)


def _secure(signed_zone: SignedZone, evidence: EvidenceSet, ctx: Context) -> Verdict:
    if signed_zone.stale:
        return _say(signed_zone, "STALE_SERVERS", addresses=addresses(signed_zone.stale))
    if signed_zone.silent:
        return not_judged.dns(not_judged.unasked(ctx, evidence, signed_zone.silent[0]))
    return _say(signed_zone, "SECURE", path=tuple(map(shown, signed_zone.trust.path)))


def _insecure(signed_zone: SignedZone, evidence: EvidenceSet, ctx: Context) -> Verdict:
    if signed_zone.trust.unsupported:
        return _say(signed_zone, "UNSUPPORTED")
    if not signed_zone.has_keys and not signed_zone.showed_keys:
        return not_judged.dns(not_judged.unasked(ctx, evidence, shown(signed_zone.name)))
    if not signed_zone.has_keys:
        return _say(signed_zone, "UNSIGNED")
    if signed_zone.trust.at != signed_zone.name:
        return _say(signed_zone, "PARENT_UNSIGNED", place=shown(signed_zone.trust.at))
    return _say(signed_zone, "NO_DS")


def _contradicted(signed_zone: SignedZone, why: Why | None, second: Opinions) -> bool:
    """True if validating resolvers disagree and none agrees. They were asked only for the SOA."""
    if why is None:
        secure = signed_zone.trust.state is TrustState.SECURE
        agree, other = (second.secure, second.insecure) if secure else (second.insecure, second.secure)
        return not agree and (other or second.bogus)
    about_soa = signed_zone.trust.state is TrustState.BOGUS or signed_zone.broken[0].said.text.endswith(" SOA")
    return about_soa and not second.bogus and (second.secure or second.insecure)


def _say(signed_zone: SignedZone, code: str, second: Opinions | None = None, **args: str | tuple[str, ...]) -> Verdict:
    ids = (*signed_zone.evidence, *(() if second is None else second.evidence))
    return Verdict(code=code, args={"zone": shown(signed_zone.name), **args}, evidence=tuple(dict.fromkeys(ids)))


def _of_host(signed_zone: SignedZone, host: ExternalHost, evidence: EvidenceSet) -> Verdict:
    name = shown(host.name)
    second = opinions(name, evidence)
    if host.state is TrustState.BOGUS and not second.bogus and (second.secure or second.insecure):
        ids = tuple(dict.fromkeys((*host.evidence, *second.evidence)))
        return Verdict(code="DISAGREE", args={"zone": name}, evidence=ids, detail=name)
    return Verdict(
        code=f"HOST_{host.state.value.upper()}",
        args={"zone": shown(signed_zone.name), "host": name},
        evidence=host.evidence,
        detail=name,
    )
