"""Check that no host forwards packets with a type 0 routing header.

Tested only where the owner authorised it. An error about the packet and silence are both correct.
"""

from collections.abc import Iterator
from functools import partial
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.path.forwarding import forwarded
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, VantageKind, check, fail, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import HOST_KINDS, Clearance, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import SourceRoute
from probes.observations.vantage import ROUTING_HEADER

_CODES = {"arrived": "FORWARDS", "icmp": "REFUSES", "reply": "IGNORES", "refused": "REFUSES", "silent": "DROPS"}


@check(
    version=1,
    title="Type 0 routing header is not processed",
    problem="Type 0 routing headers (RH0) are processed",
    why="With a type 0 routing header one small packet can be made to go back and forth between two hosts dozens of"
    " times, and past filters that trust where a packet seems to come from.",
    fix="Upgrade the software: every system since 2007 ignores this header (RFC 5095). Until then drop routing header"
    " type 0 at the border.",
    references=("RFC 5095", "RFC 8504 §5.2", "RFC 9288"),
    needs=(NameLookup, SourceRoute),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.V6,
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    question=SilenceMeaning.EXPOSURE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "REFUSES": passed("{address} refuses a packet with a type 0 routing header."),
        "IGNORES": passed("{address} does not pass on a packet with a type 0 routing header."),
        "DROPS": passed("A packet with a type 0 routing header is dropped, by {address} or by a filter before it."),
        "FORWARDS": fail("{address} passes on a packet as its type 0 routing header says; that must be ignored."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def rh0(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    result = forwarded(evidence, ctx, address, ROUTING_HEADER)
    if result.answer is None:
        return not_judged.at(address, ROUTING_HEADER, result.reason, result.evidence)
    args: dict[str, Arg] = {"address": written(address)}
    return Verdict(code=_CODES[result.answer], args=args, address=address, evidence=result.evidence)
