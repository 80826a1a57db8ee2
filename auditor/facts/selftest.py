"""Judges the vantage's own IPv4 and IPv6 at each point of a run: address, route, anchors that answer (CHECKS §2.0)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address

from auditor.facts.addresses import flaw
from auditor.facts.dns.names import in_tslcd
from auditor.facts.path.vantage_path import WHOLE, own_path
from auditor.framework.check import Message, fail, inconclusive, passed, standard, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import IPAddress, Network
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.vantage import (
    AAAA_ONLY,
    NEIGHBOURS,
    TCP_FULL,
    ControlAnswer,
    ControlPath,
    LimitHit,
    VantageAddress,
)

ANCHORS_NEEDED = 2


class FamilyFault(IntEnum):
    """Names the fault of a family at one point of the run, the most basic first."""

    NO_ROUTE = 0
    BAD_SOURCE = 1
    ANCHORS_SILENT = 2
    FETCH_FAILED = 3
    NOT_TESTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Holds the state of one family at one moment of the run; ``cause`` is None where the family worked."""

    when: str
    evidence: EvidenceId
    cause: FamilyFault | None
    source: str
    answered: int


FAMILY_CODES: Mapping[str, Message] = standard(
    WORKS=passed(
        "IPv{family} works here at every point of the run: source address {source}, anchors that answer: {answered:n}"
        " of {known:n}."
    ),
    POINT_FAILED=warn(
        "IPv{family} works here, but did not at {when:datetime}; what was measured next to that is set aside.",
        fix="Find out what interrupted the connection of the vantage, then run again.",
    ),
    NO_ROUTE=fail(
        "The vantage has no IPv{family} route.",
        fix="Give the vantage an IPv{family} address and a default route; a container needs a network with it.",
    ),
    BAD_SOURCE=fail(
        "The vantage would send IPv{family} from {source}, which the network to be judged cannot answer.",
        fix="Give the vantage a global address of its own that is not a tunnel's.",
    ),
    ANCHORS_SILENT=fail(
        "IPv{family} anchors that answer: {answered:n} of {known:n}; {needed:n} {needed/is/are} needed.",
        fix="Check the vantage's IPv{family} uplink and firewall, and that the configured anchors are up.",
    ),
    FETCH_FAILED=fail(
        "The anchors answer, but the page of the control name with IPv{family} addresses only cannot be fetched.",
        fix="Check that the control name's web server is up and that TCP port 80 leaves the vantage.",
    ),
    FULL_SIZE_LOST=warn(
        "Small packets pass over IPv{family}, TCP segments of full size to and from the controls do not: this is a"
        " black hole on the vantage's own path. What depends on large answers over IPv{family} is not judged.",
        fix="Let ICMP messages about packets that are too big (ICMPv6 type 2, ICMP type 3 code 4) reach the vantage"
        " and its router, or clamp the segments (TCP MSS) to what the uplink carries.",
    ),
    NARROW=passed(
        "The vantage's own IPv{family} path carries packets of {mtu} bytes at most, as behind PPPoE or a"
        " tunnel; the paths to others are compared with that."
    ),
    LOSSY=warn(
        "Of {sent:n} echo {sent/request/requests} to the controls over IPv{family} {lost:n} got no reply: this is loss"
        " near the vantage. It is left out of what is said of others.",
        fix="Look at the vantage's own line and its load.",
    ),
    NEIGHBOURS_FULL=warn(
        "The vantage's table of IPv{family} neighbours was full ({setting} = {room:n}): its kernel dropped packets"
        " before they left. What stayed silent meanwhile is not judged.",
        fix="Raise {setting} on the vantage to at least twice the number of hosts in its own networks (for a container:"
        " on the machine that runs it), gc_thresh2 beside it to half of that, then run again.",
    ),
    NOT_TESTED=inconclusive("IPv{family} was not tested: the self-test has no step for it.", reason=Reason.CUT),
)


DETOUR: Mapping[str, Message] = {
    "DETOUR": warn(
        "From the vantage IPv6 takes {milliseconds:n} ms longer than IPv4 to the controls too; that is left out"
        " of what is said of others.",
        fix="Give the vantage native IPv6 over the line that IPv4 takes, without a tunnel.",
    )
}
"""Message about IPv6 only: its delay is compared with that of IPv4."""
_DETOUR = 10.0
"""Milliseconds of extra delay on our own path above which DETOUR is reported."""


def path_verdicts(evidence: EvidenceSet, family: int) -> Iterator[Verdict]:
    """Yield a verdict for each property of the vantage's own path that affects measurements of every subject."""
    name, ids = {"family": str(family)}, tuple(envelope.id for envelope in evidence if _measures(envelope, family))
    if _only_small_packets_pass(evidence, family):
        yield Verdict(code="FULL_SIZE_LOST", args=name, detail="full-size", evidence=ids)
    way = own_path(evidence, family)
    if way.mtu is not None and way.mtu < WHOLE:
        yield Verdict(code="NARROW", args={**name, "mtu": way.mtu}, detail="mtu", evidence=ids)
    other = own_path(evidence, 4)
    if family == 6 and way.milliseconds is not None and other.milliseconds is not None:
        more = way.milliseconds - other.milliseconds
        if more > _DETOUR:
            yield Verdict(code="DETOUR", args={"milliseconds": round(more, 1)}, detail="delay", evidence=ids)
    if way.is_lossy:
        args: dict[str, Arg] = {**name, "sent": way.sent, "lost": way.lost}
        yield Verdict(code="LOSSY", args=args, detail="loss", evidence=ids)
    yield from limit_verdicts(evidence, NEIGHBOURS[family], "NEIGHBOURS_FULL", family=str(family))


def limit_verdicts(evidence: EvidenceSet, setting: str, code: str, **args: Arg) -> Iterator[Verdict]:
    """Yield one verdict if a limit of the vantage's kernel was hit."""
    hits = [(envelope.id, step) for envelope, step in evidence.of(LimitHit) if step.setting == setting]
    if hits:
        room = max(step.room for _, step in hits)
        ids = tuple(dict.fromkeys(id_ for id_, _ in hits))
        yield Verdict(code=code, args={**args, "setting": setting, "room": room}, detail="limit", evidence=ids)


def _measures(envelope: Evidence, family: int) -> bool:
    kinds = ControlPath | ControlAnswer
    return any(isinstance(step, kinds) and step.address.version == family for step in envelope.steps)


def _only_small_packets_pass(evidence: EvidenceSet, family: int) -> bool:
    """True if at some point of the run no control answered full segments, although one answered small packets."""
    for envelope in evidence:
        steps = [step for step in envelope.steps if isinstance(step, ControlAnswer) and step.address.version == family]
        full = [step for step in steps if step.transport == TCP_FULL]
        if full and not any(_answered(step) for step in full) and any(_answered(step) for step in steps):
            return True
    return False


def family_verdict(evidence: EvidenceSet, ctx: Context, family: int) -> Verdict:
    """Return one verdict for all points of the run; a single bad point among several gives a warning."""
    steps = [step for _, step in evidence.of(ControlAnswer) if step.anchor and step.address.version == family]
    known = len({step.address for step in steps if step.transport != AAAA_ONLY})
    needed = min(ANCHORS_NEEDED, known)
    points = [_point(envelope, ctx, family, needed) for envelope in evidence if _is_selftest(envelope)]
    tested = [point for point in points if point.cause is not FamilyFault.NOT_TESTED]
    if not tested:
        return Verdict(code="NOT_TESTED", args={"family": str(family)}, evidence=tuple(p.evidence for p in points))
    bad = [point for point in points if point.cause is not None]
    if len(bad) == 1 and len(points) > 1:
        args = {"family": str(family), "when": bad[0].when}
        return Verdict(code="POINT_FAILED", args=args, evidence=(bad[0].evidence,))
    shown = min(tested, key=lambda point: (point.cause is None, point.cause or 0, point.answered, point.when))
    if not bad:
        return _say("WORKS", family, shown, known, needed, points)
    cause = min(point.cause for point in bad if point.cause is not None)
    return _say(cause.name, family, shown, known, needed, bad)


def _say(code: str, family: int, shown: Point, known: int, needed: int, rests_on: list[Point]) -> Verdict:
    values: dict[str, Arg] = {
        "family": str(family),
        "source": shown.source,
        "answered": shown.answered,
        "known": known,
        "needed": needed,
    }
    wanted = {
        "WORKS": ("family", "source", "answered", "known"),
        "BAD_SOURCE": ("family", "source"),
        "ANCHORS_SILENT": ("family", "answered", "known", "needed"),
    }.get(code, ("family",))
    return Verdict(
        code=code, args={name: values[name] for name in wanted}, evidence=tuple(p.evidence for p in rests_on)
    )


def _is_selftest(envelope: Evidence) -> bool:
    return any(isinstance(step, VantageAddress | ControlAnswer) for step in envelope.steps)


def _point(envelope: Evidence, ctx: Context, family: int, needed: int) -> Point:
    own = [step for step in envelope.steps if isinstance(step, VantageAddress) and step.family == family]
    asked = [step for step in envelope.steps if isinstance(step, ControlAnswer) and step.address.version == family]
    anchors = {step.address for step in asked if step.anchor and step.transport != AAAA_ONLY and _answered(step)}
    fetches = [step for step in asked if step.transport == AAAA_ONLY]
    sources = sorted(str(step.source) for step in own if step.failure is None and step.source is not None)
    cause = None
    if not own:
        cause = FamilyFault.NOT_TESTED
    elif not sources:
        cause = FamilyFault.NO_ROUTE
    elif not any(step.source is not None and _can_be_answered(step.source, ctx) for step in own):
        cause = FamilyFault.BAD_SOURCE
    elif len(anchors) < needed:
        cause = FamilyFault.ANCHORS_SILENT
    elif fetches and not any(step.failure is None for step in fetches):
        cause = FamilyFault.FETCH_FAILED
    source = sources[0] if sources else ""
    return Point(
        when=envelope.started.isoformat(), evidence=envelope.id, cause=cause, source=source, answered=len(anchors)
    )


def _answered(step: ControlAnswer) -> bool:
    return step.is_control


def _can_be_answered(source: IPAddress, ctx: Context) -> bool:
    """True if the networks to be judged can reply to ``source``: it is no tunnel's address and no local one."""
    if not isinstance(source, IPv6Address):
        return not (source.is_loopback or source.is_link_local or source.is_unspecified or source.is_multicast)
    flaw_facts = flaw(source, documentation_is_global=ctx.reference.documentation_is_global)
    if flaw_facts is None:
        return True
    # Inside TSLCD every host has a unique local address.
    inside = Network.TSLCD in ctx.vantage.networks and Network.INTERNET not in ctx.vantage.networks
    return inside and in_tslcd(source, ctx)
