"""Check that packets of 1280 bytes, which every IPv6 link must carry, and of 1500 reach the subject.

Where the vantage's own path carries less than 1500, its largest size must reach the subject. The eight bytes of PPPoE
count as no narrowing: most access lines use it; nor does a declared tunnel (the tag ``tunnel``) of which a router
tells. Where packets are lost for their size, the MSS of TCP connections shows whether users notice. Without a
conclusive echo reply the verdict stays open: a filtered echo shows nothing about the path.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.path.packets import (
    FULL,
    MINIMUM,
    PPPOE,
    AgreedSegments,
    Carried,
    agreed,
    may_be_chance,
    narrow_here,
    reference,
    segment,
    sized,
    small,
)
from auditor.facts.targets import for_each
from auditor.facts.v6_targets import v6_targets
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import SEGMENT_SIZES, FullSegment, SegmentSize
from probes.observations.transport import EchoSeries


@check(
    version=10,
    title="Path carries 1280-byte packets unfragmented",
    problem="IPv6 packets of 1280 bytes are lost",
    problems={
        "REDUCED": "IPv6 path carries less than 1500 bytes",
        "FULL_SEGMENTS_LOST": "Full-size IPv6 packets are lost and transfers stall",
    },
    why="Every IPv6 link must carry packets of 1280 bytes, and no router on the way may fragment. Where they are lost,"
    " connections open and then hang as soon as real data flows.",
    fix="Repair the link or tunnel that is too narrow: correct its MTU and the overhead of its encapsulation, and let"
    " ICMPv6 type 2 (Packet Too Big) through.",
    references=("RFC 8200 §5", "RFC 8201", "RFC 4890 §4.3.1", "RFC 2516 §7"),
    needs=(NameLookup, EchoSeries, FullSegment, SegmentSize),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    # Filters may drop only large echo requests: packets of the same sizes over TCP show the path.
    excused_by={"MINIMUM_LOST": frozenset({"full_segments"})},
    excused_if_late={"MINIMUM_LOST": frozenset({"path_mtu"})},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "CARRIES": passed("Packets of 1280 and of 1500 bytes reach {address} whole."),
        "CARRIES_OURS": passed(
            "Packets of 1280 bytes and of {size}, the most that the vantage's own path carries, reach {address} whole."
        ),
        "PPPOE": passed(
            "Packets of 1280 bytes reach {address}; of those of 1500 a router says that {mtu} bytes fit, as on lines"
            " with PPPoE, so that senders make them smaller."
        ),
        "TUNNEL": passed(
            "Packets of 1280 bytes reach {address}; of those of 1500 a router says that {mtu} bytes fit, through the"
            " tunnel that the owner declared, so that senders make them smaller."
        ),
        "OUR_WAY": inconclusive(
            "Packets of 1280 bytes reach {address}, those of 1500 do not; that may be the vantage's own path.",
            fix="Name controls under [vantage] control, and see what the run says about the vantage's own path; then "
            "measure again.",
        ),
        "REDUCED": warn(
            "Packets of 1280 bytes reach {address}; those of 1500 do not, and a router says that {mtu} bytes fit.",
            fix="Find the link or tunnel with the smaller MTU; where it cannot be widened, see to it that Packet Too"
            " Big passes everywhere.",
        ),
        "FULL_LOST": inconclusive(
            "Packets of 1280 bytes reach {address}; those of 1500 are lost, and no router says what fits.",
            fix="Let the routers on the path send ICMPv6 type 2 (Packet Too Big), or lift the limit on large echo"
            " requests if that is all it is; then check again.",
            reason=Reason.AMB,
        ),
        "FULL_SEGMENTS_LOST": warn(
            "Packets of 1280 bytes reach {address}; those of 1500 are lost, no router says what fits, and its TCP"
            " connections agree on segments of {mss:n} bytes, which make packets of that size: transfers stall.",
            fix="Let the routers on the path send ICMPv6 type 2 (Packet Too Big); until then clamp the segments (TCP"
            " MSS) to what the narrowest link carries.",
        ),
        "MINIMUM_LOST": fail(
            "Small packets reach {address}, packets of 1280 bytes do not: no IPv6 link may lose them."
        ),
        "NO_REPLY": inconclusive(
            "{address} answers no echo request at all, so nothing is known about the size of packets that reach it.",
            reason=Reason.SMPL,
        ),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def min_mtu(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(v6_targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx))


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    size = reference(ctx, address)
    minimum, full = (sized(evidence, ctx, address, number) for number in (MINIMUM, size))
    args: dict[str, Arg] = {"address": written(address)}
    ids = tuple(dict.fromkeys((*minimum.evidence, *full.evidence)))
    if minimum.arrives:
        if full.arrives:
            code = "CARRIES" if size == FULL else "CARRIES_OURS"
            more = {} if size == FULL else {"size": size}
            return Verdict(code=code, args={**args, **more}, address=address, evidence=ids)
        unknown = narrow_here(ctx, address, full)
        if unknown is not None:
            return Verdict(code="OUR_WAY", args=args, address=address, reason=unknown, evidence=ids)
        if not full.lost or (full.mtu is None and may_be_chance(evidence, address, full, size)):
            return not_judged.at(address, "icmp", full.reason or Reason.SMPL, ids)
        said = _full_lost(full, size, agreed(evidence, address), args, address)
        return replace(said, code="TUNNEL") if said.code == "REDUCED" and subject.has_tag("tunnel") else said
    if not minimum.lost or may_be_chance(evidence, address, minimum, MINIMUM):
        return not_judged.at(address, "icmp", minimum.reason or Reason.SMPL, ids)
    alive = small(evidence, ctx, address)
    if not alive.arrives and segment(evidence, ctx, address, MINIMUM).lost:
        alive = segment(evidence, ctx, address, SEGMENT_SIZES[0])
    code = "MINIMUM_LOST" if alive.arrives else "NO_REPLY"
    return Verdict(code=code, args=args, address=address, evidence=(*minimum.evidence, *alive.evidence))


def _full_lost(
    full: Carried, size: int, segments: AgreedSegments | None, args: dict[str, Arg], address: IPv6Address
) -> Verdict:
    if segments is not None:
        args["mss"] = segments.mss
    if full.mtu is not None:
        code = "PPPOE" if full.mtu == PPPOE else "REDUCED"
        return Verdict(code=code, args={**args, "mtu": full.mtu}, address=address, evidence=full.evidence)
    if segments is not None and segments.packet >= size:
        ids = (*full.evidence, segments.evidence)
        return Verdict(code="FULL_SEGMENTS_LOST", args=args, address=address, evidence=ids)
    return Verdict(code="FULL_LOST", args=args, address=address, evidence=full.evidence)
