"""Check that no UDP service answers unauthenticated clients with more bytes than they sent.

A service whose test was not authorised is not judged; DNS and SNMP have checks of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.exposure import sweeps
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, Clearance, IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DatagramReply
from probes.wire.exposure.amplifiers import REQUESTS

_FACTOR = 2
_AMPLIFIERS = frozenset(name for name, request in REQUESTS.items() if request.amplifies)


@check(
    version=3,
    title="No UDP amplification service",
    problem="UDP service can be abused to amplify attacks",
    problems={"TIME_ONLY": "NTP answers any client", "ANSWERS": "UDP service answers any client"},
    why="An attacker who forges a victim's address makes such a service send the victim many times what it cost to "
    "ask.",
    fix="Switch the service off, or restrict it to the agency's own addresses over IPv4 and IPv6.",
    references=("BCP 38", "CIS Controls 13", "RFC 9327 §3", "CVE-2013-5211"),
    needs=(NameLookup, DatagramReply),
    kinds=HOST_KINDS,
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"TIME_ONLY", "ANSWERS", "AMPLIFIES"}),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NO_ADDRESS": sweeps.FRAME["NO_ADDRESS"],
        "NONE": passed("{address} answers none of the UDP services that amplify."),
        "TIME_ONLY": warn(
            "{address} tells any client the time over NTP; nothing that amplifies answered.",
            fix="Restrict NTP to the agency's own networks, unless this is meant to be a public time server.",
        ),
        "ANSWERS": warn(
            "{address} answers any client over UDP, without amplifying: {services:list}.",
            fix="Restrict these services to the agency's own networks.",
        ),
        "AMPLIFIES": fail("{address} answers with several times what it was sent: {services:list}."),
        "UNPROVEN": inconclusive(
            "{address}: no amplifier answered, but nothing showed that these datagrams leave the vantage:"
            " {services:list}.",
            fix="Configure a control endpoint that answers over UDP ([vantage] control), then check again.",
            reason=Reason.EGR,
        ),
    },
)
def amplifiers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(address: IPAddress) -> Verdict:
        return _judge(_heard(evidence, ctx, address))

    yield from for_each(sweeps.each_address(subject, evidence, ctx), judge)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AddressReplies:
    address: IPAddress
    answered: tuple[DatagramReply, ...]
    unproven: tuple[str, ...]
    missed: Reason | None
    asked: frozenset[str]
    reason: Reason
    evidence: tuple[EvidenceId, ...]

    def say(self, code: str, *services: str) -> Verdict:
        args: dict[str, Arg] = {"address": written(self.address)}
        if services:
            args["services"] = services
        return Verdict(code=code, args=args, address=self.address, evidence=self.evidence)


def _heard(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> _AddressReplies:
    steps = [
        (envelope, step)
        for envelope, step in evidence.of(DatagramReply)
        if step.address == address and step.service in _AMPLIFIERS
    ]
    doubts = _doubts(ctx, address, steps)
    missed = [reason for reason in doubts.values() if reason is not Reason.EGR]
    return _AddressReplies(
        address=address,
        answered=tuple(step for _, step in steps if step.received),
        unproven=tuple(sorted(service for service, reason in doubts.items() if reason is Reason.EGR)),
        missed=missed[0] if missed else None,
        asked=frozenset(step.service for _, step in steps),
        reason=unseen(ctx, address),
        evidence=tuple(dict.fromkeys(envelope.id for envelope, _ in steps)),
    )


def _doubts(ctx: Context, address: IPAddress, steps: list[tuple[Evidence, DatagramReply]]) -> dict[str, Reason]:
    """Return why the silence of services proves nothing; a missing control counts before all other reasons.

    An answer of another service shows that datagrams to its port arrive.
    """
    arrive = {step.port for _, step in steps if step.received}
    doubts: dict[str, Reason] = {}
    for envelope, step in steps:
        reason = step.failure and excuse(ctx, envelope, step.failure, address, f"udp/{step.port}")
        if reason and step.port not in arrive and doubts.get(step.service) is not Reason.EGR:
            doubts[step.service] = reason
    return doubts


def _judge(reply: _AddressReplies) -> Verdict:
    loud = sorted({step.service for step in reply.answered if step.received > _FACTOR * step.sent})
    quiet = sorted({step.service for step in reply.answered} - set(loud))
    if loud:
        return reply.say("AMPLIFIES", *loud)
    if not reply.asked:
        return not_judged.at(reply.address, "udp", reply.reason)
    if quiet:
        return reply.say("ANSWERS", *quiet) if set(quiet) - {"ntp"} else reply.say("TIME_ONLY")
    if reply.unproven:
        return reply.say("UNPROVEN", *reply.unproven)
    if reply.missed is not None:
        return not_judged.at(reply.address, "udp", reply.missed, reply.evidence)
    if reply.asked < _AMPLIFIERS:
        return not_judged.at(reply.address, "udp", Reason.CUT, reply.evidence)
    return reply.say("NONE")
