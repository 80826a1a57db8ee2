"""Check that the vantage's resolver validates and invents nothing, and DNS is not intercepted."""

from collections.abc import Iterator, Sequence

from auditor.facts.nat64 import nat64_prefixes
from auditor.framework.check import CheckScope, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.vantage import ResolverFact, VantageAddress

_WORST_FIRST = (
    "DNS64",
    "NOT_VALIDATING",
    "REFUSES_SIGNED",
    "INVENTS_NAMES",
    "HIDES_AAAA",
    "INTERCEPTED",
    "NO_ANSWER",
    "ROOT_SILENT",
    "NO_TCP",
)


@check(
    version=4,
    title="Resolver path is clean (validating, no DNS64, TCP works)",
    problem="Vantage's resolver gives unreliable answers",
    problems={
        "NO_TCP": "Vantage's resolver does not answer over TCP",
        "POINT_FAILED": "Vantage's resolver was unreliable for a time",
        "DNS64": "Vantage's resolver invents IPv6 addresses (DNS64)",
        "HIDES_AAAA": "Vantage's resolver leaves IPv6 addresses out",
        "NOT_VALIDATING": "Vantage's resolver does not validate DNSSEC correctly",
        "REFUSES_SIGNED": "Vantage's resolver does not validate DNSSEC correctly",
        "INTERCEPTED": "DNS queries of the vantage are intercepted",
        "NO_ANSWER": "Vantage's resolver does not answer",
        "ROOT_SILENT": "Root servers do not answer the vantage",
    },
    why="A resolver that makes up AAAA records makes IPv4-only sites look ready, and one that does not validate"
    " lets forged answers decide what is reported about an agency.",
    fix="Run a local validating resolver on the vantage and ask authoritative servers iteratively.",
    references=("RFC 7050", "RFC 6147", "RFC 4035", "RFC 7766"),
    needs=(ResolverFact, VantageAddress),
    kinds=frozenset(),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages={
        "CLEAN": passed("Name resolution is clean: every step that could be tried went right ({steps:n})."),
        "NO_TCP": warn(
            "The resolver answers over UDP as it should, but not over TCP.",
            fix="Open TCP port 53 between the vantage and its resolver.",
        ),
        "POINT_FAILED": warn(
            "Name resolution is clean, but was not at {when:datetime}; what was measured next to that is set aside."
        ),
        "NAT64": passed(
            "The vantage has only IPv6, and its resolver makes up IPv6 addresses for what has only IPv4 "
            "({prefixes:list}), as NAT64 needs it. Such addresses count as IPv4, not as IPv6 of any subject."
        ),
        "DNS64": fail(
            "The resolver invents IPv6 addresses: ipv4only.arpa has an AAAA record here (DNS64).",
            fix="Use a resolver without DNS64, or ask authoritative servers directly.",
        ),
        "NOT_VALIDATING": fail(
            "The resolver accepts a name whose DNSSEC signatures are wrong; it must answer SERVFAIL."
        ),
        "REFUSES_SIGNED": fail("The resolver does not confirm a correctly signed name (no AD flag)."),
        "INVENTS_NAMES": fail("A name that does not exist gets an answer other than NXDOMAIN."),
        "HIDES_AAAA": fail(
            "The resolver leaves IPv6 addresses out: a root server's name has no AAAA record here.",
            fix="Switch the filter of AAAA records off, use another resolver, or ask authoritative servers directly.",
        ),
        "INTERCEPTED": fail(
            "A root server's answer is not authoritative: somebody on the way answers DNS questions in its place.",
            fix="Ask the provider of the vantage to stop redirecting port 53, or move the vantage.",
        ),
        "NO_ANSWER": fail("The resolver does not answer the questions of the self-test."),
        "ROOT_SILENT": fail(
            "No root server answers questions from here.",
            fix="Open UDP and TCP port 53 from the vantage to the Internet.",
        ),
        "NOT_TESTED": inconclusive("The resolver was not tested.", reason=Reason.CUT),
    },
)
def resolver(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    internet = Network.INTERNET in ctx.vantage.networks
    points = []
    for envelope in evidence:
        facts = [
            step for step in envelope.steps if isinstance(step, ResolverFact) and (internet or step.step != "root")
        ]
        tried = [fact for fact in facts if fact.answered or fact.failure is not None]
        if tried:
            points.append((envelope, tried, _judge(tried, translated=_only_ipv6(envelope))))
    bad = [(envelope, code) for envelope, _, code in points if code is not None]
    if not points:
        yield Verdict(code="NOT_TESTED")
    elif not bad:
        ids = tuple(envelope.id for envelope, _, _ in points)
        prefixes = nat64_prefixes(evidence)
        if prefixes:
            yield Verdict(code="NAT64", args={"prefixes": tuple(map(str, prefixes))}, evidence=ids)
            return
        steps = max(len({(f.step, f.transport) for f in tried}) for _, tried, _ in points)
        yield Verdict(code="CLEAN", args={"steps": steps}, evidence=ids)
    elif len(bad) == 1 and len(points) > 1 and bad[0][1] != "NO_TCP":
        yield Verdict(code="POINT_FAILED", args={"when": bad[0][0].started.isoformat()}, evidence=(bad[0][0].id,))
    else:
        code = min((code for _, code in bad), key=_WORST_FIRST.index)
        yield Verdict(code=code, evidence=tuple(envelope.id for envelope, _ in bad))


def _only_ipv6(envelope: Evidence) -> bool:
    """True if the vantage had no IPv4 route and NAT64 in its place."""
    own = [step for step in envelope.steps if isinstance(step, VantageAddress) and step.family == 4]
    return bool(own) and all(step.failure is not None for step in own) and bool(nat64_prefixes(EvidenceSet([envelope])))


def _judge(facts: Sequence[ResolverFact], *, translated: bool) -> str | None:
    """Return the worst result of one point. A step fails by silence only where no server answered it.
    ``translated``: behind NAT64 a resolver synthesises addresses on purpose."""
    facts = [fact for fact in facts if not (translated and fact.step == "dns64" and fact.addresses)]
    udp = [fact for fact in facts if fact.transport == "udp"]
    wrong = {code for fact in udp if fact.answered and (code := _wrong(fact)) is not None}
    silent = {fact.step for fact in udp} - {fact.step for fact in udp if fact.answered} - {"missing", "hidden"}
    wrong |= {"ROOT_SILENT" if step == "root" else "NO_ANSWER" for step in silent}
    tcp = [fact for fact in facts if fact.transport == "tcp"]
    if {fact.step for fact in tcp} - {fact.step for fact in tcp if fact.answered and _wrong(fact) is None}:
        wrong.add("NO_TCP")
    return min(wrong, key=_WORST_FIRST.index, default=None)


def _wrong(fact: ResolverFact) -> str | None:
    match fact.step:
        case "dns64":
            return "DNS64" if fact.records else None
        case "bogus":
            return None if fact.rcode == "SERVFAIL" else "NOT_VALIDATING"
        case "signed":
            return None if fact.authentic else "REFUSES_SIGNED"
        case "nxdomain":
            return None if fact.rcode == "NXDOMAIN" else "INVENTS_NAMES"
        case "missing":  # without a path to the registry there is no answer to compare
            return "INVENTS_NAMES" if fact.records else None
        case "hidden":
            return "HIDES_AAAA" if fact.hides else None
        case "root":
            return None if fact.authoritative and fact.records else "INTERCEPTED"
        case _:
            return None
