"""Check that the zone resolves from the root over IPv6 only and over IPv4 only.

IPv6 fails where resolution over it stops and that over IPv4 goes on: a stop over both is no fault of IPv6, and a stop
over only IPv4 is ``security.dns.ns-ipv4``'s finding. Judged at the zone's own cut; where resolution stops above it,
that is the finding of the zone above. Servers that leave the SOA out of a negative answer have answered: that is
``aaaa-behaviour``'s finding.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.losses import ORDINARY_QUESTIONS
from auditor.facts.dns.nameservers import zone
from auditor.facts.dns.v6_only_resolve import FamilyResolution, ResolutionEnd, way
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.dnspath import FamilyCut, Referral

_ACCUSING = frozenset({ResolutionEnd.NO_ADDRESS, ResolutionEnd.NO_GLUE, ResolutionEnd.SILENT})
_STOPS = _ACCUSING | {ResolutionEnd.ENDS, ResolutionEnd.ABOVE}


@check(
    version=8,
    title="Zone resolves using IPv6 transport only",
    problem="Domain does not resolve over IPv6 only",
    problems={
        "ONE_SERVER": "Domain depends on a single name server over IPv6",
        "UNANSWERED": "Some queries for the domain are not answered over IPv6",
    },
    why="Users with only IPv6 resolve names only over IPv6; one zone cut on the way that needs IPv4 takes everything "
    "below it away from them.",
    fix="Give at least two name servers of the zone IPv6 addresses that answer, with glue at the parent.",
    references=("RFC 10001 (BCP 91) §4.1",),
    needs=(Delegation, NameLookup, FamilyCut, Referral),
    beside=(DnsExchange, EdnsAnswer),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    excused_by={
        "NO_GLUE": frozenset({"referrals"}),
        "SILENT": ORDINARY_QUESTIONS,
        "UNANSWERED": ORDINARY_QUESTIONS,
        "ONE_SERVER": ORDINARY_QUESTIONS,
    },
    messages={
        **not_judged.CHAIN_CODES,
        "COMPLETE": passed("{zone} resolves from the root over IPv6 only, and over IPv4 only."),
        "ONE_SERVER": warn("{zone} resolves over IPv6 only, but through a single name server: {names:list}."),
        "NO_ADDRESS": fail(
            "{zone} does not resolve over IPv6 only: none of its name servers has an IPv6 address: {names:list}."
        ),
        "SILENT": fail(
            "{zone} does not resolve over IPv6 only: none of its name servers answers there: {names:list}.",
            fix="Open port 53 over IPv6 and load the zone on these name servers.",
        ),
        "UNANSWERED": fail(
            "Over IPv6 only, no name server of {zone} answers for {questions:list}; over IPv4 only, one does.",
            fix="Correct how the name servers answer this question over IPv6.",
        ),
        "NO_GLUE": fail(
            "{zone} does not resolve over IPv6 only: its parent gives no IPv6 address of its name servers: "
            "{names:list}.",
            fix="Add the IPv6 addresses of the name servers (host objects) at the registrar.",
        ),
        "BOTH": not_applicable(
            "{zone} does not resolve over IPv4 only either, so this is not a fault of IPv6: see the findings about its "
            "name servers and its delegation."
        ),
        "UNANSWERED_BOTH": not_applicable(
            "{zone} resolves over IPv6 only, except for {questions:list}, which no name server answers over IPv4 "
            "either: see the findings about its name servers."
        ),
        "V4_ALONE": not_applicable(
            "{zone} resolves over IPv6 only; over IPv4 only it does not: see the findings about its name servers over "
            "IPv4."
        ),
        "ABOVE": not_applicable(
            "The way to {zone} over one family ends above it, at {place}: a matter for the operator of that zone."
        ),
        "OPEN": inconclusive("Whether {zone} resolves over IPv6 only and over IPv4 only was not decided from here."),
        **not_judged.NOT_DELEGATED,
    },
)
def v6_only_resolve(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    shut = not_judged.delegation(cut)
    if shut is not None:
        yield shut
        return
    six, four = (way(cut, evidence, ctx, family) for family in (6, 4))
    yield _judge({"zone": cut.name}, six, four)


def _judge(args: dict[str, Arg], six: FamilyResolution, four: FamilyResolution) -> Verdict:
    ids = tuple(dict.fromkeys((*six.evidence, *four.evidence)))

    def say(code: str, reason: Reason | None = None, **more: Arg) -> Verdict:
        return Verdict(code=code, args={**args, **more}, evidence=ids, reason=reason)

    if six.way is ResolutionEnd.ABOVE:
        return say("ABOVE", place=six.place)
    open_ = next((ways for ways in (six, four) if ways.way is ResolutionEnd.OPEN), None)
    if open_ is not None:
        return say("OPEN", open_.reason or Reason.CUT)
    stops = four.way in _STOPS
    if six.way in _STOPS and stops:
        return say("BOTH")
    if six.way in _ACCUSING:
        return say(six.way.name, names=six.names)
    if six.way is ResolutionEnd.ENDS:
        return say("OPEN", six.reason)
    if six.way is ResolutionEnd.UNANSWERED:
        only = tuple(question for question in six.questions if question not in four.questions)
        return (
            say("UNANSWERED_BOTH", questions=six.questions) if stops or not only else say("UNANSWERED", questions=only)
        )
    if stops or four.way is ResolutionEnd.UNANSWERED:
        return say("V4_ALONE")
    return say("ONE_SERVER", names=six.names) if len(six.names) == 1 else say("COMPLETE")
