"""``ipv6.dns.v6-only-resolve``: from the root to the zone over IPv6 alone, and over IPv4 alone.

Judged at the zone's own cut. Where the way ends above it, that is the finding of whoever runs the zone above. Servers
that leave the SOA out when they deny something have answered: that is ``aaaa-behaviour``'s finding.
"""

from collections.abc import Iterator

from auditor.check import Claim, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.nameservers import zone
from auditor.facts.one_family import Way, Ways, way
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, NameLookup
from probes.observations.dnspath import FamilyCut, Referral

_V4 = "Give at least two name servers an IPv4 address too, or use a secondary provider that has both families."


@check(
    version=2,
    title="Zone resolves using IPv6 transport only",
    why="Whoever has only IPv6 resolves a name over IPv6 alone; one zone cut on the way that needs IPv4 takes"
    " everything below it away from them.",
    fix="Give at least two name servers of the zone IPv6 addresses that answer, with glue at the parent.",
    references=("RFC 10001 (BCP 91) §4.1",),
    needs=(Delegation, NameLookup, FamilyCut, Referral),
    kinds=frozenset({Kind.ZONE}),
    claims=Claim.V6,
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **undecided.CHAIN_CODES,
        "COMPLETE": says(Outcome.PASS, "{zone} resolves from the root over IPv6 alone, and over IPv4 alone."),
        "ONE_SERVER": says(
            Outcome.WARN, "{zone} resolves over IPv6 alone, but through a single name server: {names:list}."
        ),
        "NO_ADDRESS": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv6 alone: none of its name servers has an IPv6 address: {names:list}.",
        ),
        "SILENT": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv6 alone: none of its name servers answers there: {names:list}.",
            fix="Open port 53 over IPv6 and load the zone on these name servers.",
        ),
        "UNANSWERED": says(
            Outcome.FAIL,
            "Over IPv6 alone no name server of {zone} answers for {question}.",
            fix="Correct how the name servers answer this question over IPv6.",
        ),
        "NO_GLUE": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv6 alone: its parent gives no IPv6 address of its name servers:"
            " {names:list}.",
            fix="Add the IPv6 addresses of the name servers (host objects) at the registrar.",
        ),
        "NO_GLUE_V4": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv4 alone: its parent gives no IPv4 address of its name servers:"
            " {names:list}.",
            fix="Add the IPv4 addresses of the name servers (host objects) at the registrar.",
        ),
        "NO_ADDRESS_V4": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv4 alone: none of its name servers has an IPv4 address: {names:list}.",
            fix=_V4,
        ),
        "SILENT_V4": says(
            Outcome.FAIL,
            "{zone} does not resolve over IPv4 alone: none of its name servers answers there: {names:list}.",
            fix=_V4,
        ),
        "UNANSWERED_V4": says(
            Outcome.FAIL,
            "Over IPv4 alone no name server of {zone} answers for {question}.",
            fix="Correct how the name servers answer this question over IPv4.",
        ),
        "ABOVE": says(
            Outcome.NOT_APPLICABLE,
            "The way to {zone} over one family ends above it, at {place}: a matter for whoever runs that zone.",
        ),
        "OPEN": says(Outcome.INCONCLUSIVE, "Whether {zone} resolves over one family alone was not decided from here."),
        "NOT_DELEGATED": says(Outcome.NOT_APPLICABLE, "{zone} is not delegated in the public DNS."),
    },
)
def v6_only_resolve(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    shut = undecided.delegation(cut)
    if shut is not None:
        yield shut
        return
    six, four = (way(cut, evidence, ctx, family) for family in (6, 4))
    yield _judge({"zone": cut.name}, six, four)


def _judge(args: dict[str, Arg], six: Ways, four: Ways) -> Verdict:
    """A failure of either mirror first, then what is open, then what is above, then a single server."""
    for found, suffix in ((six, ""), (four, "_V4")):
        if found.way in (Way.NO_ADDRESS, Way.NO_GLUE, Way.SILENT):
            return Verdict(code=found.way.name + suffix, args={**args, "names": found.names}, evidence=found.evidence)
        if found.way is Way.UNANSWERED:
            more = {**args, "question": found.place}
            return Verdict(code=found.way.name + suffix, args=more, evidence=found.evidence)
    for found in (six, four):
        if found.way is Way.OPEN:
            return Verdict(code="OPEN", args=args, evidence=found.evidence, reason=found.reason or Reason.CUT)
    for found in (six, four):
        if found.way is Way.ABOVE:
            return Verdict(code="ABOVE", args={**args, "place": found.place}, evidence=found.evidence)
    if len(six.names) == 1:
        return Verdict(code="ONE_SERVER", args={**args, "names": six.names}, evidence=six.evidence)
    return Verdict(code="COMPLETE", args=args, evidence=six.evidence)
