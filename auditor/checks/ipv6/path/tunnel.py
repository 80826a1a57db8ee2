"""Check that no 6to4, Teredo or ISATAP address is in use, and nothing on the path looks like a tunnel.

A path that is narrower than the vantage's own is a weak sign: it warns. One that is narrower only by the eight bytes of
PPPoE is none: most access lines use it. A declared tunnel (the tag ``tunnel``) is not judged.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.path.packets import MINIMUM, PPPOE, narrow_here, reference, sized
from auditor.facts.v6_targets import judged_v6
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
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import FullSegment
from probes.observations.transport import EchoSeries

_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")  # RFC 5214 §6.1


@check(
    version=3,
    title="No transition tunnel on the path",
    problem="IPv6 address belongs to a transition tunnel",
    problems={"NARROW": "IPv6 path seems to lead through a tunnel"},
    why="6to4, Teredo and ISATAP lead through relays that nobody answers for: slow, often broken, past the firewall.",
    fix="Replace the tunnel by native IPv6, or by 6PE/6VPE inside the transport network.",
    references=("RFC 9099 §2.7.2", "RFC 7526", "RFC 6169", "RFC 5214", "RFC 2516 §7"),
    needs=(NameLookup, EchoSeries, FullSegment),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NATIVE": passed("Nothing about {address} or the path to it looks like a tunnel."),
        "PPPOE": passed(
            "The path to {address} carries {mtu} bytes, as a line with PPPoE does; nothing looks like a tunnel."
        ),
        "NARROW": warn(
            "The path to {address} carries {mtu} bytes instead of 1500, as it does through a tunnel.",
            fix="Find out what narrows the path; declare the tunnel in the inventory where it is meant.",
        ),
        "TRANSITION": fail("{address} is an address of a transition tunnel ({kind})."),
        "OUR_WAY": inconclusive(
            "{address} itself is native; that packets of 1500 bytes do not reach it may be the vantage's own path.",
            fix="Name controls under [vantage] control, and see what the run says about the vantage's own path; then "
            "measure again.",
        ),
        "NOT_MEASURED": inconclusive(
            "{address} itself is native; how wide the path to it is could not be measured by echo.", reason=Reason.SMPL
        ),
        "DECLARED": not_applicable("The owner declared that {name} is reached through a tunnel."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def tunnel(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    usable = judged_v6(subject, evidence, ctx)
    addresses = [address for address in look.v6 if address in usable or _transition(address) is not None]
    if subject.has_tag("tunnel"):
        yield Verdict(code="DECLARED", args={"name": look.name})
    elif addresses:
        yield from (_judge(evidence, ctx, address, look.evidence) for address in addresses)
    elif not look.known:
        yield not_judged.dns(look)
    else:
        yield Verdict(code="NO_ADDRESS", args={"name": look.name}, evidence=look.evidence)


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address, named: tuple[EvidenceId, ...]) -> Verdict:
    args: dict[str, Arg] = {"address": written(address)}
    size = reference(ctx, address)
    full, minimum = (sized(evidence, ctx, address, number) for number in (size, MINIMUM))
    kind, seen = _transition(address), named or full.evidence or minimum.evidence
    if kind is not None and seen:
        return Verdict(code="TRANSITION", args={**args, "kind": kind}, address=address, evidence=seen)
    if full.arrives:
        return Verdict(code="NATIVE", args=args, address=address, evidence=full.evidence)
    if full.mtu is None and (full.lost or minimum.lost):
        ids = full.evidence or minimum.evidence
        return Verdict(code="NOT_MEASURED", args=args, address=address, evidence=ids)
    unknown = narrow_here(ctx, address, full)
    if unknown is not None:
        return Verdict(code="OUR_WAY", args=args, address=address, reason=unknown, evidence=full.evidence)
    if full.mtu is not None:
        args["mtu"] = full.mtu
        return Verdict(
            code="PPPOE" if full.mtu == PPPOE else "NARROW", args=args, address=address, evidence=full.evidence
        )
    return not_judged.at(address, "icmp", full.reason, full.evidence)


def _transition(address: IPv6Address) -> str | None:
    if address.sixtofour is not None:
        return "6to4"
    if address.teredo is not None:
        return "Teredo"
    return "ISATAP" if address.packed[8:12] in _ISATAP else None
