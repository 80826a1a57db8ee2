"""Check that routers of the audited network report when a hop limit runs out on them.

The address plan shows the owner of a router. A silent one between two sites may be in an operator's core, which hides
its routers by design, and is held against nobody. One answer of several probes over two protocols is enough, as routers
limit how many errors they send; loss is not judged (trap P4). Where a whole run shows that limit at work, or the line
loses other packets too, silence decides nothing.
"""

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.life import silent
from auditor.facts.path.hops import hops
from auditor.facts.path.packets import ECHOES, silence_may_be_chance
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import EchoTrain
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, TcpConnect

_ID = "ipv6.path.time-exceeded"
_TIMES = 2
"""The answers of a router that may be its only ones: it limits its errors, and its packets may be lost."""


@check(
    version=7,
    title="Routers on the path return ICMPv6 Time Exceeded",
    problem="Most routers on the path do not answer traceroute",
    problems={
        "SOME_SILENT": "Some routers on the path do not answer traceroute",
        "UNROUTABLE": "Routers answer traceroute from unreachable addresses",
    },
    why="Traceroute is how a fault on the path is found. Routers that keep silent make every repair a guess.",
    fix="Let the routers send ICMPv6 type 3 code 0, with a rate limit, and from a global or unique local address on"
    " their loopback.",
    references=("RFC 4890 §4.3.1", "RFC 4443 §3.3"),
    needs=(NameLookup, TcpConnect, EchoSeries, PathTrace),
    beside=(EchoTrain,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    unit=Granularity.ADDRESS,
    excused_by={"SOME_SILENT": frozenset({"trace"}), "MOST_SILENT": frozenset({"trace"})},
    excused_if_late={"SOME_SILENT": ECHOES, "MOST_SILENT": ECHOES},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWER": passed(
            "On the path to {address}, {answering:n} of {count:n} {count/router/routers} of the audited network"
            " {answering/answers/answer} traceroute."
        ),
        "SOME_SILENT": warn(
            "On the path to {address}, only {answering:n} of {count:n} {count/router/routers} of the audited network"
            " {answering/answers/answer} traceroute."
        ),
        "UNROUTABLE": warn(
            "On the path to {address}, {unroutable:n} of {count:n} {count/router/routers} of the audited network"
            " {unroutable/answers/answer} traceroute from an address that nobody can reach.",
            fix="Give those routers a global or unique local address on their loopback and have them send ICMPv6 errors"
            " from it.",
        ),
        "MOST_SILENT": fail(
            "On the path to {address}, only {answering:n} of {count:n} {count/router/routers} of the audited network"
            " {answering/answers/answer} traceroute: less than half."
        ),
        "LIMITED": inconclusive(
            "On the path to {address}, only {answering:n} of {count:n} {count/router/routers} of the audited network"
            " {answering/answers/answer} traceroute. Routers limit how many errors they send, and those that answer"
            " left many questions of this run unanswered: the others may be silent for the same reason.",
            fix="Check it by itself, when no other paths are traced.",
            reason=Reason.RATE,
        ),
        "UNOWNED": inconclusive(
            "On the path to {address}, between those of the audited network, {unowned:n} {unowned/router/routers}"
            " {unowned/does/do} not answer traceroute. Whose {unowned/it is/they are} is not known: operators hide the"
            " routers of their core (MPLS).",
            fix="Ask the operator whether its core hides routers; trace from inside each site.",
            reason=Reason.AMB,
        ),
        "NO_HOPS": not_applicable(
            "No router on the path to {address} is known to belong to the audited network (by the address plan)."
        ),
        "NO_LIFE": not_applicable("{address} answers nothing at all, so the path to it was not traced."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def time_exceeded(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    found = hops(evidence, ctx, address)
    tried = silent(evidence, address)
    if found.reason is Reason.CUT and not found.evidence and tried:
        return Verdict(code="NO_LIFE", args={"address": written(address)}, address=address, evidence=tried)
    if found.reason is not None:
        return not_judged.at(address, "traceroute", found.reason, found.evidence)
    every = found.count + found.unowned
    args: dict[str, Arg] = {"address": written(address), "count": found.count, "answering": found.answering}
    if not every:
        return Verdict(code="NO_HOPS", args={"address": args["address"]}, address=address, evidence=found.evidence)
    enough = ctx.policy.threshold(_ID, "pass_share")
    share, limits = found.answering / max(1, found.count), ctx.vantage.routers.get(address.version)
    if share < enough and limits is not None and limits.are_limited:
        code = "LIMITED"
    elif share < ctx.policy.threshold(_ID, "warn_share"):
        code = "MOST_SILENT"
    elif share < enough:
        code = "SOME_SILENT"
    elif found.unroutable:
        code, args = "UNROUTABLE", args | {"unroutable": found.unroutable}
    elif found.answering / every < enough:
        code, args = "UNOWNED", {"address": args["address"], "unowned": found.unowned}
    else:
        code = "ANSWER"
    if code in ("MOST_SILENT", "SOME_SILENT") and silence_may_be_chance(evidence, address, _TIMES):
        return not_judged.at(address, "traceroute", Reason.SMPL, found.evidence)
    return Verdict(code=code, args=args, address=address, evidence=found.evidence)
