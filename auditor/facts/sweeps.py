"""What the sweeps of an address's ports show: each port's best attempt, and whether the address may be believed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from auditor.check import Message, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.blame import excuse, unseen
from auditor.facts.names import own, usable_v6
from auditor.facts.ports import State
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.framework.expand import ADDRESSES_PROBED, addresses
from probes.observations.exposure import UNUSED, DatagramReply, PortReply, PortSweep

BELIEVABLE = 20
"""More open ports than this of a list that no single machine serves, and something in between accepts for it."""

FRAME: Mapping[str, Message] = {
    **undecided.DNS_CODES,
    **undecided.NOT_DECIDED,
    "NO_ADDRESS": says(Outcome.NOT_APPLICABLE, "{name} has no address."),
    "EVERYTHING_OPEN": says(
        Outcome.INCONCLUSIVE,
        "{address} accepts connections on every port, even on one that nothing uses: a device in between answers for"
        " the host, and what the host itself has open cannot be told.",
        fix="Let the measuring point past the device that answers for the host (SYN proxy, tarpit), then check again.",
        reason=Reason.RATE,
    ),
    "UNPROVEN": says(
        Outcome.INCONCLUSIVE,
        "{address}: nothing that matters here was seen open, but nothing showed that packets to TCP"
        " {ports/port/ports} {ports:list} leave the measuring point at all.",
        fix="Configure a control endpoint that answers on these ports ([vantage] control), then check again.",
        reason=Reason.EGR,
    ),
}  # fmt: skip
"""What every check of a sweep says where there is nothing to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One port. ``closed`` apart from SILENT: somebody said no; ``refused``: the address itself, or in its name."""

    port: int
    state: State
    reason: Reason | None = None
    greeting: bytes = b""
    ended: bool = False
    refused: bool = False

    @property
    def open(self) -> bool:
        """Accepted the connection and kept it, or said something."""
        return self.state is State.OPEN and not self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """All sweeps of one address folded into one. ``reason`` set: nothing is known, and why."""

    address: IPAddress
    ports: Mapping[int, Seen] = field(default_factory=dict)
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def everything_open(self) -> bool:
        unused = self.ports.get(UNUSED)
        accepted = sum(seen.state is State.OPEN for seen in self.ports.values())
        return (unused is not None and unused.state is State.OPEN) or accepted > BELIEVABLE

    def opened(self, wanted: Iterable[int]) -> tuple[int, ...]:
        return tuple(port for port in wanted if port in self.ports and self.ports[port].open)

    def unknown(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Ports of which nothing can be said: not tried, silent without proof, or open and closed again at once."""
        return tuple(p for p in wanted if p not in self.ports or self.ports[p].state is State.UNKNOWN)

    def wrapped(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Ports that accept and close at once, as a wrapper does that lets only some addresses in."""
        return tuple(p for p in wanted if p in self.ports and self.ports[p].ended)

    def beside(self, ids: Iterable[EvidenceId]) -> "Swept":
        """The same, resting on further evidence too."""
        return replace(self, evidence=tuple(dict.fromkeys((*self.evidence, *ids))))

    def say(self, code: str, **args: Arg) -> Verdict:
        whole = {"address": written(self.address), **args}
        return Verdict(code=code, args=whole, address=self.address, evidence=self.evidence)


def swept(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Swept:
    """What is known of the ports of one address."""
    found: dict[int, Seen] = {}
    ids: list[EvidenceId] = []
    reason: Reason | None = None
    for envelope, step in evidence.of(PortSweep):
        if step.address != address:
            continue
        ids.append(envelope.id)
        if step.failure is not None:
            reason = excuse(ctx, envelope, step.failure, address, "tcp") or Reason.CUT
        for reply in step.replies:
            seen = _seen(ctx, envelope, address, reply)
            if reply.port not in found or seen.state < found[reply.port].state:
                found[reply.port] = seen
    if not found:
        reason = reason or unseen(ctx, address)
    return Swept(
        address=address, ports=found, reason=None if found else reason, evidence=tuple(dict.fromkeys(ids))
    )  # fmt: skip


def answered(evidence: EvidenceSet, address: IPAddress, service: str) -> tuple[EvidenceId, ...]:
    """Where a UDP service (a name of ``probes.wire.amplifiers``) answered; it is asked where the owner allows it."""
    return tuple(one.id for one, step in evidence.of(DatagramReply)
                 if (step.address, step.service) == (address, service) and step.received)  # fmt: skip


def judge_each(
    subject: Subject, evidence: EvidenceSet, ctx: Context, judge: Callable[[Swept], Verdict]
) -> Iterator[Verdict]:
    """The frame of a check of every address, around what it says of one that can be judged."""
    yield from no_addresses(subject, evidence, ctx)
    for one in everywhere(subject, evidence, ctx):
        yield frame(one) or judge(one)


def frame(one: Swept) -> Verdict | None:
    """Why nothing can be said of an address, None where it can be judged."""
    if one.reason is not None:
        return undecided.at(one.address, "tcp", one.reason, one.evidence)
    return one.say("EVERYTHING_OPEN") if one.everything_open else None


def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Swept, ...]:
    """Every address of the subject that is probed, IPv4 first."""
    return tuple(swept(evidence, ctx, address) for address in probed(subject, evidence, ctx))


def probed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPAddress, ...]:
    """The addresses of the subject that are measured, IPv4 first; those beyond the bound are not.

    What a web site publishes that is no usable address is ``addr-sane``'s finding: nobody's ports are there.
    """
    every = addresses(subject, evidence)
    usable = frozenset(usable_v6(subject, evidence, ctx)) if subject.kinds & WEB_KINDS else frozenset(every)
    four = [one for one in every if one.version == 4]
    six = [one for one in every if one.version == 6 and one in usable]
    return (*four[:ADDRESSES_PROBED], *six[:ADDRESSES_PROBED])


def no_addresses(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    """What is to be said of address families that are not known; that there are none at all."""
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("A", "AAAA")]
    yield from (undecided.dns(look, detail=look.rtype) for look in looks if not look.known)
    if all(look.known for look in looks) and not probed(subject, evidence, ctx):
        ids = tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence))
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name}, evidence=ids)


def _seen(ctx: Context, envelope: Evidence, address: IPAddress, reply: PortReply) -> Seen:
    if reply.failure is None:
        return Seen(port=reply.port, state=State.OPEN, greeting=reply.greeting, ended=reply.ended)
    reason = excuse(ctx, envelope, Failure(kind=reply.failure), address, f"tcp/{reply.port}")
    if reason is not None:
        return Seen(port=reply.port, state=State.UNKNOWN, reason=reason)
    silent = reply.failure is FailureKind.TIMEOUT
    refused = reply.failure in (FailureKind.REFUSED, FailureKind.RESET)
    return Seen(port=reply.port, state=State.SILENT if silent else State.CLOSED, refused=refused)


def authorised(subject: Subject, ctx: Context) -> bool:
    """Whether the owner and this run allow intrusive measurements."""
    return all(one.covers(Clearance.INTRUSIVE) for one in (subject.clearance, ctx.clearance))
