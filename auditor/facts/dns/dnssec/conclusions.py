"""From what was validated to a verdict: which of the reasons counts, and when it is nobody's or not known.

The codes are those of ``security.dns.dnssec``; for a zone that is bogus they are the names of ``Why``.
"""

import dns.name

from auditor.facts import inconclusive
from auditor.facts.dns.dnssec.hosts import Host
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.trust import State
from auditor.facts.dns.dnssec.zones import Opinions, Signed, addresses, opinions, shown
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from probes.framework.evidence import EvidenceSet


def judge(found: Signed, evidence: EvidenceSet, ctx: Context) -> Verdict:
    second = opinions(shown(found.name), evidence)
    trust, why, what = found.trust, found.trust.why, "DNSKEY"
    secure = trust.state is State.SECURE
    if secure and found.broken:
        why, what = found.broken[0].why, found.broken[0].said.text
    if why is Why.TOO_MUCH:
        return _say(found, "TOO_COMPLEX")
    if why is Why.EDGE or (trust.at == dns.name.root and why in (Why.EXPIRED, Why.NOT_YET_VALID)):
        return _say(found, "CLOCK")
    if why is not None and trust.at != found.name:
        return _say(found, "ABOVE", place=shown(trust.at))
    if _contradicted(found, why, second):
        return _say(found, "DISAGREE", second=second)
    if why is not None:
        return _say(found, why.name, what=what)
    return _secure(found, evidence, ctx) if secure else _insecure(found, evidence, ctx)


def _secure(found: Signed, evidence: EvidenceSet, ctx: Context) -> Verdict:
    if found.stale:
        return _say(found, "STALE_SERVERS", addresses=addresses(found.stale))
    if found.silent:
        return inconclusive.dns(inconclusive.unasked(ctx, evidence, found.silent[0]))
    return _say(found, "SECURE", path=tuple(map(shown, found.trust.path)))


def _insecure(found: Signed, evidence: EvidenceSet, ctx: Context) -> Verdict:
    if found.trust.unsupported:
        return _say(found, "UNSUPPORTED")
    if not found.has_keys and not found.showed_keys:
        return inconclusive.dns(inconclusive.unasked(ctx, evidence, shown(found.name)))
    if not found.has_keys:
        return _say(found, "UNSIGNED")
    if found.trust.at != found.name:
        return _say(found, "PARENT_UNSIGNED", place=shown(found.trust.at))
    return _say(found, "NO_DS")


def _contradicted(found: Signed, why: Why | None, second: Opinions) -> bool:
    """Whether validating resolvers say otherwise and none agrees. They were asked for the SOA alone."""
    if why is None:
        secure = found.trust.state is State.SECURE
        agree, other = (second.secure, second.insecure) if secure else (second.insecure, second.secure)
        return not agree and (other or second.bogus)
    about_soa = found.trust.state is State.BOGUS or found.broken[0].said.text.endswith(" SOA")
    return about_soa and not second.bogus and (second.secure or second.insecure)


def _say(found: Signed, code: str, second: Opinions | None = None, **args: str | tuple[str, ...]) -> Verdict:
    ids = (*found.evidence, *(() if second is None else second.evidence))
    return Verdict(code=code, args={"zone": shown(found.name), **args}, evidence=tuple(dict.fromkeys(ids)))


def of_host(found: Signed, host: Host, evidence: EvidenceSet) -> Verdict:
    name = shown(host.name)
    second = opinions(name, evidence)
    if host.state is State.BOGUS and not second.bogus and (second.secure or second.insecure):
        ids = tuple(dict.fromkeys((*host.evidence, *second.evidence)))
        return Verdict(code="DISAGREE", args={"zone": name}, evidence=ids, detail=name)
    return Verdict(
        code=f"HOST_{host.state.value.upper()}",
        args={"zone": shown(found.name), "host": name},
        evidence=host.evidence,
        detail=name,
    )
