"""Check that from inside the VPN of TSLCD neither the Internet nor others' management answers.

Judged once, of the data centre in which the vantage stands. Silence counts only over transports that were shown to work
from there. Other agencies' management (``[vantage].foreign_management``) has a finding of its own, where some is named;
only an accepted connection is access, a refusal is none. Where an address also accepts on an unused port, a device in
between accepts for it, and no path to it is shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.facts.attribution import excuse
from auditor.facts.tslcd import points
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Network, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.isolation import AnchorReach, ManagementReach

_NEEDED = 3
_GATEWAY = "internet-gateway"
_MANAGEMENT = "management"
_SAID_NO = frozenset({FailureKind.REFUSED, FailureKind.RESET})


@check(
    version=4,
    title="TSLCD VPN cannot reach the Internet directly",
    problem="TSLCD leads directly to the Internet",
    problems={
        "GATEWAY_ONE_FAMILY": "Internet gateway of TSLCD works over one IP version only",
        "CROSS_AGENCY": "Other agencies' management ports can be reached",
    },
    why="A way from the VPN to the Internet is a way from the Internet into every commune office.",
    fix="Remove the leaking routes, and apply the same rule to IPv6 as to IPv4.",
    references=(
        "điểm a khoản 1 Điều 6 Thông tư số 06/2026/TT-BKHCN",
        "khoản 1 Điều 8 Thông tư số 06/2026/TT-BKHCN",
        "khoản 3 Điều 8 Thông tư số 06/2026/TT-BKHCN",
    ),
    needs=(AnchorReach, ManagementReach),
    kinds=frozenset({Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    transports=frozenset({"icmp", "tcp/443"}),
    question=SilenceMeaning.EXPOSURE,
    others=frozenset({"endpoints"}),
    excused_by={"GATEWAY_ONE_FAMILY": frozenset({"internet_anchors"})},
    messages={
        **points.UNDECIDED,
        "ISOLATED": passed("From inside TSLCD none of {count:n} {count/anchor/anchors} on the Internet answers."),
        "VIA_GATEWAY": passed(
            "From inside TSLCD the Internet answers over IPv4 and IPv6, as the declared gateway allows."
        ),
        "GATEWAY_ONE_FAMILY": warn(
            "From inside TSLCD the Internet answers by the declared gateway over IPv{family} only: {anchors:list}.",
            fix="Treat IPv4 and IPv6 alike at the gateway.",
        ),
        "LEAKS": fail("From inside TSLCD the Internet answers directly: {anchors:list}."),
        "IN_BETWEEN": inconclusive(
            "From inside TSLCD {endpoints:list} {endpoints/accepts/accept} connections, but on a port that nothing uses"
            " too: a device in between (SYN proxy, accelerator of a satellite link) accepts them, and what is behind"
            " cannot be told.",
            fix="Let the vantage past the device in between, then check again.",
            reason=Reason.AMB,
        ),
        "FEW_ANCHORS": inconclusive(
            "Anchors on the Internet that were tried over IPv{family}: {count:n}; 3 are needed.",
            fix="Name at least three addresses of each family under [vantage].internet_anchors.",
            reason=Reason.INV,
        ),
        "AGENCIES_APART": passed(
            "From inside TSLCD none of {count:n} management {count/port/ports} of other agencies accepts a connection."
        ),
        "CROSS_AGENCY": fail(
            "From inside TSLCD the management of other agencies accepts connections: {endpoints:list}.",
            fix="Separate the agencies' networks (VRF), and let management be reached only from its own subnet.",
        ),
        "NOT_INSIDE": inconclusive(
            "This vantage is on the Internet as well, so what it reaches there says nothing of TSLCD.",
            fix="Measure from a vantage that is connected only to TSLCD.",
            reason=Reason.VP,
        ),
    },
)
def vpn(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    pairs = list(evidence.of(AnchorReach))
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in pairs))
    accepted = [(envelope, step) for envelope, step in pairs if step.failure is None]
    answered = [(envelope, step) for envelope, step in accepted if not step.accepts_all]
    if Network.INTERNET in ctx.vantage.networks:
        yield points.says_of(subject, "NOT_INSIDE", ids)
    elif answered:
        yield _answered(subject, answered)
    elif accepted:
        endpoints = (f"{step.address} ({step.transport})" for _, step in accepted)
        yield _in_between(subject, endpoints, (envelope.id for envelope, _ in accepted))
    else:
        yield _silent(subject, ctx, pairs)
    managed = list(evidence.of(ManagementReach))
    if managed:
        yield replace(_of_others(subject, ctx, managed), detail=_MANAGEMENT)


def _of_others(subject: Subject, ctx: Context, pairs: list[tuple[Evidence, ManagementReach]]) -> Verdict:
    ids = [envelope.id for envelope, _ in pairs]

    def told(*, by_all: bool) -> dict[str, EvidenceId]:
        accepted = [pair for pair in pairs if pair[1].failure is None and pair[1].accepts_all == by_all]
        return {f"{written(step.address)} (tcp/{step.port})": envelope.id for envelope, step in accepted}

    if accessible := told(by_all=False):
        return points.says_of(subject, "CROSS_AGENCY", accessible.values(), endpoints=tuple(accessible))
    if doubtful := told(by_all=True):
        return _in_between(subject, doubtful, doubtful.values())
    for envelope, step in pairs:
        failure = step.failure or Failure(kind=FailureKind.TIMEOUT)
        reason = excuse(ctx, envelope, failure, step.address, f"tcp/{step.port}")
        if reason is not None and failure.kind not in _SAID_NO:
            return points.says_of(subject, "NOT_DECIDED", (envelope.id,), reason=reason)
    return points.says_of(subject, "AGENCIES_APART", ids, count=len({(step.address, step.port) for _, step in pairs}))


def _in_between(subject: Subject, endpoints: Iterable[str], evidence: Iterable[EvidenceId]) -> Verdict:
    return points.says_of(subject, "IN_BETWEEN", tuple(dict.fromkeys(evidence)), endpoints=tuple(endpoints))


def _answered(subject: Subject, answered: list[tuple[Evidence, AnchorReach]]) -> Verdict:
    families = {step.address.version for _, step in answered}
    declared = {int(text) for text in subject.tag_values(_GATEWAY) if text in ("4", "6")}
    anchors = tuple(dict.fromkeys(f"{step.address} ({step.transport})" for _, step in answered))
    ids = [envelope.id for envelope, _ in answered]
    if not families <= declared:
        return points.says_of(subject, "LEAKS", ids, anchors=anchors)
    if len(families) < 2:
        return points.says_of(subject, "GATEWAY_ONE_FAMILY", ids, family=min(families), anchors=anchors)
    return points.says_of(subject, "VIA_GATEWAY", ids)


def _silent(subject: Subject, ctx: Context, pairs: list[tuple[Evidence, AnchorReach]]) -> Verdict:
    ids = [envelope.id for envelope, _ in pairs]
    tried = {family: {step.address for _, step in pairs if step.address.version == family} for family in (6, 4)}
    for family, anchors in tried.items():
        if len(anchors) < _NEEDED:
            args: dict[str, Arg] = {"family": family, "count": len(anchors)}
            return points.says_of(subject, "FEW_ANCHORS", ids, args)
    for envelope, step in pairs:
        failure = step.failure or Failure(kind=FailureKind.TIMEOUT)
        reason = excuse(ctx, envelope, failure, step.address, step.transport)
        if failure.kind in (FailureKind.REFUSED, FailureKind.RESET):
            reason = Reason.AMB  # by the anchor, or in its name by a firewall on the path
        if reason is not None:
            return points.says_of(subject, "NOT_DECIDED", (envelope.id,), reason=reason)
    return points.says_of(subject, "ISOLATED", ids, count=sum(map(len, tried.values())))
