"""Check that equipment of TSLCD that has a public address does not answer on the Internet.

An answer to a vantage inside is correct: only a vantage that is only on the Internet can judge this.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.exposure import sweeps
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.life import echo_replied
from auditor.facts.ranges import is_public
from auditor.facts.tslcd import points
from auditor.facts.tslcd.gathering import EQUIPMENT
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Network, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.exposure import PortSweep
from probes.observations.transport import EchoSeries

_MANAGED = (22, 23, 80, 443, 7547, 8291, 8443)


@check(
    version=4,
    title="TSLCD equipment is not reachable from the Internet",
    problem="TSLCD equipment can be managed from the Internet",
    problems={"ECHO_ONLY": "TSLCD equipment answers from the Internet"},
    why="Equipment of the state's own network that can be reached from anywhere can be attacked from anywhere.",
    fix="Filter at the gateway, and move management into the VPN.",
    references=("Điều 8 Thông tư số 06/2026/TT-BKHCN", "RFC 9099 §2.4.2", "CIS Controls v8 4, 12, 13"),
    needs=(EchoSeries, PortSweep),
    kinds=EQUIPMENT,
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.INET}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"icmp", "tcp"}),
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"ECHO_ONLY", "OPEN"}),
    messages={
        **not_judged.NOT_DECIDED,
        **points.NO_ADDRESS,
        "HIDDEN": passed("{address} answers nothing from the Internet; SNMP was asked with no community or user."),
        "ECHO_ONLY": warn("{address} can be reached from the Internet, though no management port of it is open."),
        "OPEN": fail(
            "{address} has {ports/a management port/management ports} open to the Internet, and what is behind"
            " {ports/it/them} answers: TCP {ports:list}."
        ),
        "PRIVATE": not_applicable("{address} is a private address, which the Internet has no route to."),
        "FROM_INSIDE": inconclusive(
            "This vantage is in TSLCD as well, so what answers here need not answer on the Internet.",
            fix="Measure from a vantage that is connected only to the Internet.",
            reason=Reason.VP,
        ),
        "EVERYTHING_OPEN": sweeps.FRAME["EVERYTHING_OPEN"],
        "MUTE": sweeps.MUTE_PORTS["MUTE"],
    },
)
def not_exposed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    addresses = sweeps.probed(subject, evidence, ctx)
    if not addresses:
        yield points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    for address in addresses:
        public = is_public(address, documentation_is_global=ctx.reference.documentation_is_global)
        args = {"address": written(address)}
        if not public:
            yield Verdict(code="PRIVATE", args=args, address=address)
        elif Network.TSLCD in ctx.vantage.networks:
            yield Verdict(code="FROM_INSIDE", args=args, address=address)
        else:
            yield _judge(sweeps.swept(evidence, ctx, address), evidence, ctx)


def _judge(seen: Swept, evidence: EvidenceSet, ctx: Context) -> Verdict:
    answering = seen.answering(_MANAGED)
    if answering:
        return seen.say("OPEN", ports=seen.shown(answering))
    framed = sweeps.frame(seen)
    if framed is not None:
        return framed
    unclear = (*seen.mute(_MANAGED), *seen.wrapped(_MANAGED))
    if unclear:
        return seen.say("MUTE", ports=tuple(map(str, sorted(unclear))))
    replied = echo_replied(evidence, seen.address)
    # An ICMP error from a router on the path, unreachable or prohibited, is no answer of the address.
    refused = any(seen.ports[port].refused for port in _MANAGED if port in seen.ports)
    if replied is not None or refused:
        ids = (*seen.evidence, *(() if replied is None else (replied,)))
        return Verdict(code="ECHO_ONLY", args={"address": written(seen.address)}, address=seen.address, evidence=ids)
    unknown = seen.unknown(_MANAGED)
    if unknown:
        reason = next(
            (state.reason for port in unknown if (state := seen.ports.get(port)) and state.reason), Reason.CUT
        )
        return not_judged.at(seen.address, f"tcp/{unknown[0]}", reason, seen.evidence)
    return seen.say("HIDDEN")
