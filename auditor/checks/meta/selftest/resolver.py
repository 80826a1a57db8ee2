"""``meta.selftest.resolver``: the measuring point's resolver validates, invents nothing, and nobody intercepts DNS."""

from collections.abc import Iterator, Sequence

from auditor.check import Place, Scope, check, says
from auditor.context import Context
from auditor.findings import Outcome, Reason, Verdict
from inventory.model import Clearance, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ResolverFact

_UNTRUSTED = ("DNS64", "NOT_VALIDATING", "REFUSES_SIGNED", "INVENTS_NAMES", "INTERCEPTED", "NO_ANSWER", "ROOT_SILENT")
"""Codes of failure, the most telling first."""


@check(
    version=1,
    title="Resolver path is clean (validating, no DNS64, TCP works)",
    why="A resolver that makes up AAAA records makes IPv4-only sites look ready, and one that does not validate"
    " lets forged answers decide what is reported about an agency.",
    fix="Run a local validating resolver on the measuring point and ask authoritative servers iteratively.",
    references=("RFC 7050", "RFC 6147", "RFC 4035", "RFC 7766"),
    needs=(ResolverFact,),
    kinds=frozenset(),
    vantage=frozenset({Place.INET, Place.TSL}),
    clearance=Clearance.PASSIVE,
    scope=Scope.VANTAGE,
    messages={
        "CLEAN": says(Outcome.PASS, "Name resolution is clean: all {steps:n} steps that could be tried went right."),
        "NO_TCP": says(
            Outcome.WARN,
            "The resolver answers over UDP as it should, but not over TCP.",
            fix="Open TCP port 53 between the measuring point and its resolver.",
        ),
        "POINT_FAILED": says(
            Outcome.WARN, "Name resolution is clean but for {points:list}; what was looked up next to it is set aside."
        ),
        "DNS64": says(
            Outcome.FAIL,
            "The resolver invents IPv6 addresses: ipv4only.arpa has an AAAA record here (DNS64).",
            fix="Use a resolver without DNS64, or ask authoritative servers directly.",
        ),
        "NOT_VALIDATING": says(
            Outcome.FAIL, "The resolver accepts a name whose DNSSEC signatures are wrong; it must answer SERVFAIL."
        ),
        "REFUSES_SIGNED": says(Outcome.FAIL, "The resolver does not confirm a correctly signed name (no AD flag)."),
        "INVENTS_NAMES": says(Outcome.FAIL, "A name that does not exist gets an answer other than NXDOMAIN."),
        "INTERCEPTED": says(
            Outcome.FAIL,
            "A root server's answer is not authoritative: somebody on the way answers DNS questions in its place.",
            fix="Ask the provider of the measuring point to stop redirecting port 53, or move the measuring point.",
        ),
        "NO_ANSWER": says(Outcome.FAIL, "The resolver does not answer ({step})."),
        "ROOT_SILENT": says(
            Outcome.FAIL,
            "No root server answers questions from here.",
            fix="Open UDP and TCP port 53 from the measuring point to the Internet.",
        ),
        "NOT_TESTED": says(Outcome.INCONCLUSIVE, "The resolver was not tested.", reason=Reason.CUT),
    },
)
def resolver(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    internet = Network.INTERNET in ctx.vantage.networks
    points = []
    for one in evidence:
        facts = [step for step in one.steps if isinstance(step, ResolverFact) and (internet or step.step != "root")]
        tried = [fact for fact in facts if fact.answered or fact.failure is not None]
        if tried:
            points.append((one, tried, _judge(tried)))
    bad = [(one, code, step) for one, _, (code, step) in points if code is not None]
    all_ids = tuple(one.id for one, _, _ in points)
    if not points:
        yield Verdict(code="NOT_TESTED")
    elif not bad:
        steps = max(len({(f.step, f.transport) for f in tried}) for _, tried, _ in points)
        yield Verdict(code="CLEAN", args={"steps": steps}, evidence=all_ids)
    elif len(bad) == 1 and len(points) > 1 and bad[0][1] != "NO_TCP":
        yield Verdict(code="POINT_FAILED", args={"points": (bad[0][0].task,)}, evidence=(bad[0][0].id,))
    else:
        order = (*_UNTRUSTED, "NO_TCP")
        _, code, step = min(bad, key=lambda found: order.index(found[1]))
        args = {"step": step} if code == "NO_ANSWER" else {}
        yield Verdict(code=code, args=args, evidence=tuple(one.id for one, _, _ in bad))


def _judge(facts: Sequence[ResolverFact]) -> tuple[str | None, str]:
    """The worst that one point shows, and the step that shows it."""
    udp = [fact for fact in facts if fact.transport == "udp"]
    wrong = {code: fact.step for fact in udp if fact.answered and (code := _wrong(fact)) is not None}
    for step in sorted({fact.step for fact in udp} - {fact.step for fact in udp if fact.answered}):
        wrong["ROOT_SILENT" if step == "root" else "NO_ANSWER"] = step
    # One root server that answers with authority shows that questions get through; another that does not is the
    # other family's or its own trouble.
    if any(fact.step == "root" and fact.answered and _wrong(fact) is None for fact in udp):
        wrong.pop("INTERCEPTED", None)
    for code in _UNTRUSTED:
        if code in wrong:
            return code, wrong[code]
    tcp = [fact for fact in facts if fact.transport == "tcp"]
    failing = {fact.step for fact in tcp} - {fact.step for fact in tcp if fact.answered and _wrong(fact) is None}
    return ("NO_TCP", min(failing)) if failing else (None, "")


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
        case "root":
            return None if fact.authoritative and fact.records else "INTERCEPTED"
        case _:
            return None
