"""Check that every visible hop to a site or a shared system is inside TSLCD, as are its addresses.

Measured from the vantage: the path there, not the path back.
"""

from collections.abc import Iterable, Iterator

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns.names import own
from auditor.facts.path.hops import before, own_routers, plain, strangers
from auditor.facts.path.packets import ECHOES, silence_may_be_chance
from auditor.facts.ranges import PRIVATE
from auditor.facts.tslcd import points
from auditor.framework.address_owners import IPNetwork
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
from inventory.model import WEB_KINDS, IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.framework.expand import addresses
from probes.observations.dns import NameLookup
from probes.observations.path import EchoTrain
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, TcpConnect

_HALF, BY_DESIGN = 0.5, "outside-by-design"
_TIMES = 2
"""The answers of a hop that may be its only ones: where packets are lost, a site itself looks like hops before it."""


@check(
    version=6,
    title="Traffic between agencies stays inside TSLCD",
    problem="Traffic between agencies leaves TSLCD",
    problems={
        "PUBLIC_ADDRESS": "Service name leads to an Internet address inside TSLCD",
        "UNKNOWN_HOP": "Path has a hop outside the declared TSLCD prefixes",
        "CORE_HOP": "Path inside TSLCD shows a public address",
        "MOSTLY_SILENT": "Most hops on the path do not show themselves",
    },
    why="What agencies say to each other is not to cross the Internet, where anybody on the way can hear or stop it.",
    fix="Correct the routing, and what the DNS says inside, so that the way leads only through TSLCD.",
    references=("Điều 4 Thông tư số 06/2026/TT-BKHCN", "khoản 1 Điều 6 Thông tư số 06/2026/TT-BKHCN"),
    needs=(PathTrace, NameLookup),
    beside=(EchoSeries, EchoTrain, TcpConnect),
    kinds=WEB_KINDS | {Kind.CONNECTION_POINT, Kind.DATACENTRE},
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    excused_if_late={"MOSTLY_SILENT": ECHOES | {"site_echo"}},
    messages={
        **points.NO_ADDRESS,
        **not_judged.DNS_CODES,
        "NO_NAME": not_applicable("{name} has no address inside TSLCD, so no way leads there."),
        "BY_DESIGN": not_applicable("{name} is declared to be hosted outside TSLCD by design."),
        "PUBLIC_ADDRESS": fail(
            "What the DNS says inside TSLCD leads {name} to {address}, an address on the Internet.",
            fix="Let the DNS inside answer with the system's address in TSLCD, or tag the row outside-by-design.",
        ),
        "NOT_ASKED_INSIDE": inconclusive(
            "The resolvers of TSLCD were not asked for {name}, so where it is inside is not known.",
            fix="Name them under networks.tslcd.resolvers.",
            reason=Reason.INV,
        ),
        "INSIDE": passed("All hops to {address} that show themselves are inside TSLCD ({count:n})."),
        "UNKNOWN_HOP": warn(
            "On the way to {address} there {hops/is a private hop/are private hops} of no declared prefix of"
            " TSLCD: {hops:list}."
        ),
        "CORE_HOP": warn(
            "On the way to {address} {hops/a hop shows/hops show} a public address between two of TSLCD: {hops:list}."
            " It is the operator's core if nobody announces its prefix on the Internet.",
            fix="Ask the operator whose router this is, and whether its prefix is announced on the Internet.",
        ),
        "MOSTLY_SILENT": warn(
            "Of the hops on the way to {address} {silent:n} of {count:n} {silent/does/do} not show themselves."
        ),
        "LIMITED": inconclusive(
            "Of the hops on the way to {address} {silent:n} of {count:n} {silent/does/do} not show themselves. Routers"
            " limit how many errors they send, and those that answer left many questions of this run unanswered: the"
            " others may be silent for the same reason.",
            fix="Check it by itself, when no other paths are traced.",
            reason=Reason.RATE,
        ),
        "OUTSIDE": fail("The way to {address} leads through the Internet: {hops:list}."),
        "NO_PREFIXES": inconclusive(
            "Which prefixes belong to TSLCD is not on record, so the hops to {address} cannot be placed.",
            fix="Write them into networks.tslcd.prefixes.",
            reason=Reason.INV,
        ),
        "NOT_TRACED": inconclusive("The way to {address} could not be traced from here."),
    },
)
def via_tslcd(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = addresses(subject, evidence)
    if subject.has_tag(BY_DESIGN):
        yield points.says_of(subject, "BY_DESIGN", points.row(evidence))
    elif not found:
        yield _nowhere(subject, evidence, ctx)
    elif asked := _asked_elsewhere(subject, evidence):
        yield points.says_of(subject, "NOT_ASKED_INSIDE", asked)
    else:
        yield from (_judge(subject, address, evidence, ctx) for address in found)


def _asked_elsewhere(subject: Subject, evidence: EvidenceSet) -> list[EvidenceId]:
    """Return the evidence of answers about the subject's name from the Internet, which may differ inside TSLCD."""
    looks = (
        (envelope, step)
        for envelope, step in evidence.of(NameLookup)
        if step.role == "host" and subject.host is not None
    )
    return [envelope.id for envelope, step in looks if step.via == "iterative" and step.records]


def _nowhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    if subject.host is None:
        return points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("A", "AAAA")]
    unknown = [look for look in looks if not look.known]
    if unknown:
        return not_judged.dns(unknown[0])
    return points.says_of(subject, "NO_NAME", [id_ for look in looks for id_ in look.evidence])


def _judge(subject: Subject, address: IPAddress, evidence: EvidenceSet, ctx: Context) -> Verdict:
    prefixes = ctx.reference.networks.get(Network.TSLCD, ())
    of_family = [prefix for prefix in prefixes if prefix.version == address.version]
    if subject.host is not None and of_family and not _is_inside(address, of_family):
        look = own(subject, evidence, ctx, "AAAA" if address.version == 6 else "A")
        args: dict[str, Arg] = {"name": points.name_of(subject), "address": written(address)}
        return Verdict(code="PUBLIC_ADDRESS", args=args, address=address, evidence=look.evidence)
    return _of_traces(address, evidence, ctx)


def _is_inside(address: IPAddress, prefixes: Iterable[IPNetwork]) -> bool:
    """True if an address is in TSLCD, or at least private and so not on the Internet."""
    return any(address in prefix for prefix in (*prefixes, *PRIVATE))


def _of_traces(address: IPAddress, evidence: EvidenceSet, ctx: Context) -> Verdict:
    traces = points.traces(evidence, address)
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in traces))
    args: dict[str, Arg] = {"address": written(address)}
    failed = [(envelope, step.failure) for envelope, step in traces if step.failure is not None]
    if failed and len(failed) == len(traces):
        reason = excuse(ctx, failed[0][0], failed[0][1], address, "icmp") or Reason.CUT
        return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=reason)
    done = [step for _, step in traces if step.failure is None]
    hops = before(done, address)
    shown = {plain(hop) for hop in hops if hop is not None}
    if not any(step.reached for _, step in traces) and not shown:
        reason = Reason.SMPL if traces else unseen(ctx, address)
        return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=reason)
    prefixes = ctx.reference.networks.get(Network.TSLCD, ())
    if not any(prefix.version == address.version for prefix in prefixes):
        return Verdict(code="NO_PREFIXES", args=args, address=address, evidence=ids)
    for code, some in strangers(done, address, prefixes).items():
        if some:
            return Verdict(code=code, args={**args, "hops": points.texts(some)}, address=address, evidence=ids)
    silent = hops.count(None)
    if not any(step.reached for _, step in traces):
        return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=Reason.SMPL)
    if hops and silent > _HALF * len(hops):
        if silence_may_be_chance(evidence, address, _TIMES):
            return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=Reason.SMPL)
        counts: dict[str, Arg] = {**args, "silent": silent, "count": len(hops)}
        limits = ctx.vantage.routers.get(address.version)
        code = "LIMITED" if limits is not None and limits.are_limited else "MOSTLY_SILENT"
        return Verdict(code=code, args=counts, address=address, evidence=ids)
    return Verdict(code="INSIDE", args={**args, "count": len(shown - own_routers(done))}, address=address, evidence=ids)
