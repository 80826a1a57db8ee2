"""Folds the port sweeps of an address into one, and decides whether the address can be believed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.cached import remembered
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.exposure import port_replies as talks
from auditor.facts.exposure import sweep_controls
from auditor.facts.exposure.port_state import OpenState
from auditor.facts.targets import JudgedTargets
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.framework.expand import ADDRESSES_PROBED, addresses
from probes.observations.exposure import DATA, MANAGEMENT, UNUSED, DatagramReply, PortReply, PortSweep
from probes.wire.exposure.port_hellos import HTTP, SSH, TLS, UNSPECIFIC
from probes.wire.exposure.recognised_protocols import RecognisedProtocol, is_its_own, recognise

_NETCONF = 830
BELIEVABLE = 20
"""The number of open ports in the list above which a middlebox accepts: no single machine serves so many."""
MUTE = 5
"""The number of management and data ports that accept and send nothing from which a middlebox accepts them."""

FRAME: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    NO_ADDRESS=not_applicable("{name} has no address."),
    EVERYTHING_OPEN=inconclusive(
        "{address} accepts connections on every port, even on one that nothing uses: a device in between answers for"
        " the host, and what the host itself has open cannot be told.",
        fix="Let the vantage past the device that answers for the host (SYN proxy, tarpit), then check again.",
        reason=Reason.RATE,
    ),
    UNPROVEN=inconclusive(
        "{address}: nothing that matters here was seen open, but nothing showed that packets to TCP"
        " {ports/port/ports} {ports:list} leave the vantage at all.",
        fix="Configure a control endpoint that answers on these ports ([vantage] control), then check again.",
        reason=Reason.EGR,
    ),
    BANNED=inconclusive(
        "{address} stopped answering the vantage in the middle of the sweep: a port that had answered was silent "
        "too. What it has open on TCP {ports/port/ports} {ports:list} is not known.",
        fix="Ask the operator of the firewall or the intrusion prevention to admit the vantage's addresses, then "
        "check again.",
        reason=Reason.RATE,
    ),
)
"""Messages of every check of a sweep where there is nothing to judge."""
MUTE_PORTS: Mapping[str, Message] = standard(
    MUTE=inconclusive(
        "{address} accepts connections on {ports:list}, but what should answer there did not: what is behind is not"
        " clear.",
        fix="Look at what listens on these ports, and close what is not needed.",
        reason=Reason.AMB,
    ),
    IN_BETWEEN=inconclusive(
        "{address} accepts connections on {ports:list} and says nothing there: a device in between seems to accept them"
        " for the host (SYN proxy, load balancer, front end of a content network).",
        fix="Ask the operator of the device in between what it passes on to the host; behind it, check the host "
        "itself.",
        reason=Reason.AMB,
    ),
    WRAPPED=inconclusive(
        "{address} accepts connections on {ports:list} and closes them at once: what is behind is not clear.",
        fix="Look at what listens on these ports; filter them if only some addresses are meant to get in.",
        reason=Reason.AMB,
    ),
)
"""Messages about ports that accept connections and give no answer in their protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptPort:
    """Holds one port. ``closed`` apart from SILENT: something refused; ``refused``: the address itself, or in its name.

    ``absent``: a router reported that no host is there, or no route to it. ``silent_once``: it did not answer in one of
    the sweeps. ``spoken``: the protocol that answered; ``said``: something was heard, if only bytes of no known
    protocol.
    """

    port: int
    state: OpenState
    reason: Reason | None = None
    spoken: RecognisedProtocol | None = None
    said: bool = False
    ended: bool = False
    refused: bool = False
    absent: bool = False
    silent_once: bool = False

    @property
    def answered(self) -> bool:
        """True if the port's own protocol answered, or another for managing a machine."""
        return self.spoken is not None and is_its_own(self.port, self.spoken)

    @property
    def open(self) -> bool:
        """True if the port accepted the connection and kept it, or sent something."""
        return self.state is OpenState.OPEN and not self.ended

    @property
    def mute(self) -> bool:
        """True if the port is open and nothing shows its protocol."""
        return self.open and not self.answered

    @property
    def shown(self) -> str:
        """The port for a reader, with the protocol and product that answered there."""
        if self.spoken is None:
            return str(self.port)
        return f"{self.port} ({self.spoken.protocol}{self.spoken.product and ': '}{self.spoken.product})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """Holds all sweeps of one address folded into one. ``reason`` set: nothing is known, and why."""

    address: IPAddress
    ports: Mapping[int, SweptPort] = field(default_factory=dict)
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def everything_open(self) -> bool:
        """True if a middlebox accepts connections to any port.

        A protocol that answered counts all the same, unless something answers on the unused ports too, or on more ports
        than any machine serves.
        """
        accepted = [seen for seen in self.ports.values() if seen.state is OpenState.OPEN]
        return any(seen.port in UNUSED for seen in accepted) or len(accepted) > BELIEVABLE

    @property
    def limits_refusals(self) -> bool:
        """True if ports that stay silent may be refused like others: by ICMP errors, of which a host sends a few.

        Linux sends one in a second and address, whatever its firewall rejects (RFC 1812 §4.3.2.8, RFC 4443 §2.4). Then
        most ports stay silent, or some were silent once and refused at another time. Over IPv4 the error of a firewall
        that prohibits is read as an absent host.
        """
        refusing = [seen for seen in self.ports.values() if seen.state is OpenState.CLOSED]
        silent = sum(seen.state is OpenState.SILENT for seen in self.ports.values())
        return 0 < len(refusing) < silent or any(seen.silent_once or seen.absent for seen in refusing)

    @property
    def deceives(self) -> bool:
        """True if answers are made up: they come even where nothing is."""
        ports = [seen for seen in self.ports.values() if seen.said]
        return any(seen.port in UNUSED for seen in ports) or len(ports) > BELIEVABLE

    def answering(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return the ports with an answer in their protocol.

        A middlebox answers HTTP and TLS itself: where it accepts everything, they show nothing of the host.
        """
        if self.deceives:
            return ()
        ports = (port for port in wanted if port in self.ports and self.ports[port].answered)
        return tuple(port for port in ports if not (self.everything_open and self.speaks(port, *UNSPECIFIC)))

    def opened(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return the ports that accept connections, with any service behind them."""
        return tuple(port for port in wanted if port in self.ports and self.ports[port].open)

    def mute(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return the ports that accept connections and show no service."""
        return tuple(port for port in wanted if port in self.ports and self.ports[port].mute)

    def unknown(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return ports without a known state: not tried, or silent without proof that the silence is theirs."""
        return tuple(p for p in wanted if p not in self.ports or self.ports[p].state is OpenState.UNKNOWN)

    def unheard(self, unknown: Iterable[int]) -> bool:
        """True if ports are unknown only because this machine was too busy to hear of them."""
        return all(port in self.ports and self.ports[port].reason is Reason.CUT for port in unknown)

    def wrapped(self, wanted: Iterable[int]) -> tuple[int, ...]:
        """Return ports that accept and close without a byte, as a wrapper does that lets only some addresses in."""
        return tuple(p for p in wanted if p in self.ports and self.ports[p].ended)

    def speaks_web(self, port: int) -> bool:
        """True if the protocol that answered there is TLS or HTTP, and nothing more particular."""
        return self.speaks(port, HTTP, TLS)

    def speaks(self, port: int, *protocols: str) -> bool:
        """True if one of these protocols answered at a port."""
        seen = self.ports.get(port)
        return seen is not None and seen.spoken is not None and seen.spoken.protocol in protocols

    def is_moved_ssh(self, port: int) -> bool:
        """True if SSH answered there, on its own port or one it was moved to; NETCONF over it is more than that."""
        return port != _NETCONF and self.speaks(port, SSH)

    def shown(self, ports: Iterable[int]) -> tuple[str, ...]:
        """Return the ports as text, each with the protocol that answered there."""
        return tuple(self.ports[port].shown if port in self.ports else str(port) for port in ports)

    def beside(self, ids: Iterable[EvidenceId]) -> "Swept":
        """Return the same with further evidence."""
        return replace(self, evidence=tuple(dict.fromkeys((*self.evidence, *ids))))

    def say(self, code: str, **args: Arg) -> Verdict:
        whole = {"address": written(self.address), **args}
        return Verdict(code=code, args=whole, address=self.address, evidence=self.evidence)

    def nothing(self) -> Verdict:
        """Return the verdict for an address of which nothing is known, or where everything is accepted."""
        if self.reason is not None:
            return not_judged.at(self.address, "tcp", self.reason, self.evidence)
        return self.say("EVERYTHING_OPEN")

    def unclear(self, ports: Iterable[int], *, at_edge: bool = False) -> Verdict | None:
        """Return the verdict for ports that accept and send nothing, or are not known; None where all are closed.

        ``at_edge``: the address is a content network's, which accepts for its customers.
        """
        wanted = tuple(ports)
        wrapped, mute = self.wrapped(wanted), self.mute(wanted)
        if wrapped:
            return self.say("WRAPPED", ports=tuple(map(str, wrapped)))
        if mute:
            many = len(self.mute((*MANAGEMENT, *DATA))) >= MUTE
            return self.say("IN_BETWEEN" if many or at_edge else "MUTE", ports=self.shown(mute))
        return self.not_known(wanted)

    def not_known(self, ports: Iterable[int]) -> Verdict | None:
        """Return the verdict where nothing is known of some ports; None where all are known.

        The reasons are: we were banned, this machine was too busy to hear of them, or nothing shows that packets get
        there.
        """
        unknown = self.unknown(ports)
        if not unknown:
            return None
        if self.unheard(unknown):
            return not_judged.at(self.address, "tcp", Reason.CUT, self.evidence)
        banned = [port for port in unknown if port in self.ports and self.ports[port].reason is Reason.RATE]
        return self.say("BANNED" if banned else "UNPROVEN", ports=tuple(map(str, banned or unknown)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """Holds the ports of an address as one piece of evidence shows them."""

    at: datetime
    ports: Mapping[int, SweptPort]
    evidence: EvidenceId
    reason: Reason | None = None


@remembered
def swept(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Swept:
    """Return all that is known of the ports of one address; answers to questions of other probes count as well."""
    found: dict[int, SweptPort] = {}
    every = looks(evidence, ctx, address)
    for look in every:
        _keep_best(found, look.ports.values())
    if not every or not found:
        reason = next((look.reason for look in every if look.reason is not None), None) or unseen(ctx, address)
        return Swept(address=address, reason=reason, evidence=tuple(look.evidence for look in every))
    ids = dict.fromkeys(look.evidence for look in every)
    for port, (talk, id_) in talks.heard(evidence, address).items():
        seen = found.get(port)
        if seen is not None and not seen.answered:
            found[port] = replace(seen, state=OpenState.OPEN, reason=None, spoken=talk, ended=False, said=True)
            ids[id_] = None
    return Swept(address=address, ports=found, evidence=tuple(ids))


@remembered
def looks(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> tuple[SweepResult, ...]:
    """Return the pieces of evidence that hold sweeps of an address, in their order in time."""
    steps: dict[EvidenceId, tuple[Evidence, list[PortSweep]]] = {}
    for envelope, step in evidence.of(PortSweep):
        if step.address == address:
            steps.setdefault(envelope.id, (envelope, []))[1].append(step)
    accepting = talks.accepting(evidence, address)
    found = (_look(ctx, envelope, address, port_sweeps, accepting) for envelope, port_sweeps in steps.values())
    return tuple(sorted(found, key=lambda look: (look.at, look.evidence)))


def _look(
    ctx: Context, envelope: Evidence, address: IPAddress, steps: list[PortSweep], accepting: frozenset[int]
) -> SweepResult:
    ports: dict[int, SweptPort] = {}
    reason: Reason | None = None
    for step, doubt in zip(steps, sweep_controls.doubts(steps, accepting), strict=True):
        if step.failure is not None:
            reason = excuse(ctx, envelope, step.failure, address, "tcp") or Reason.CUT
        _keep_best(ports, (_seen(ctx, envelope, address, reply, doubt) for reply in step.replies))
    return SweepResult(at=envelope.started, ports=ports, evidence=envelope.id, reason=reason)


def _keep_best(found: dict[int, SweptPort], more: Iterable[SweptPort]) -> None:
    for seen in more:
        before = found.get(seen.port)
        kept = seen if before is None or _rank(seen) < _rank(before) else before
        silent_once = any(each.silent_once for each in (seen, before) if each is not None)
        found[seen.port] = kept if kept.silent_once == silent_once else replace(kept, silent_once=silent_once)


def _rank(seen: SweptPort) -> tuple[OpenState, bool, bool]:
    return seen.state, not seen.answered, seen.ended


def answered(evidence: EvidenceSet, address: IPAddress, service: str) -> tuple[EvidenceId, ...]:
    """Return the evidence in which a UDP service answered; it is asked where the owner allows it.

    ``service`` is a name of ``wire.exposure.amplifiers``.
    """
    return tuple(
        envelope.id
        for envelope, step in evidence.of(DatagramReply)
        if (step.address, step.service) == (address, service) and step.received
    )


def targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[Swept]:
    """Return every address of the subject that was swept."""
    every = everywhere(subject, evidence, ctx)
    return JudgedTargets(
        found=[sweep if sweep.reason is None else sweep.nothing() for sweep in every],
        unknown=list(no_addresses(subject, evidence, ctx)),
    )


def believable(judge: Callable[[Swept], Verdict], accusing: frozenset[str]) -> Callable[[Swept], Verdict]:
    """Return ``judge``, limited to its codes ``accusing`` where every port is open: then a protocol answered."""

    def judged(swept: Swept) -> Verdict:
        verdict = judge(swept)
        return verdict if verdict.code in accusing or not swept.everything_open else swept.nothing()

    return judged


def frame(sweep: Swept) -> Verdict | None:
    """Return the verdict that an address cannot be judged, with the reason; None where it can."""
    return sweep.nothing() if sweep.reason is not None or sweep.everything_open else None


def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Swept, ...]:
    """Return every address of the subject that is probed, IPv4 first."""
    return tuple(swept(evidence, ctx, address) for address in probed(subject, evidence, ctx))


def each_address(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[IPAddress]:
    """Return every address of the subject that is probed, whether it was swept or not."""
    return JudgedTargets(found=probed(subject, evidence, ctx), unknown=list(no_addresses(subject, evidence, ctx)))


def probed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPAddress, ...]:
    """Return the addresses of the subject that are measured, IPv4 first; those beyond the bound are not.

    Unusable addresses that a web site publishes are ``addr-sane``'s finding: no host has ports there.
    """
    every = addresses(subject, evidence)
    usable = frozenset(usable_v6(subject, evidence, ctx)) if subject.kinds & WEB_KINDS else frozenset(every)
    four = [address for address in every if address.version == 4]
    six = [address for address in every if address.version == 6 and address in usable]
    return (*four[:ADDRESSES_PROBED], *six[:ADDRESSES_PROBED])


def no_addresses(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    """Yield verdicts for address families that are not known, or one that there are no addresses at all."""
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("A", "AAAA")]
    yield from (not_judged.dns(look, detail=look.rtype) for look in looks if not look.known)
    if all(look.known for look in looks) and not probed(subject, evidence, ctx):
        ids = tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence))
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name}, evidence=ids)


def _seen(ctx: Context, envelope: Evidence, address: IPAddress, reply: PortReply, doubt: Reason | None) -> SweptPort:
    if reply.failure is None:
        recognised = recognise(reply.port, reply.greeting, reply.reply)
        said = bool(reply.greeting or reply.reply)
        return SweptPort(port=reply.port, state=OpenState.OPEN, spoken=recognised, said=said, ended=reply.ended)
    reason = excuse(ctx, envelope, Failure(kind=reply.failure), address, f"tcp/{reply.port}")
    if reason is None and reply.failure is FailureKind.TIMEOUT:
        reason = doubt
    if reason is not None:
        return SweptPort(port=reply.port, state=OpenState.UNKNOWN, reason=reason)
    silent = reply.failure is FailureKind.TIMEOUT
    refused = reply.failure in (FailureKind.REFUSED, FailureKind.RESET)
    state, absent = OpenState.SILENT if silent else OpenState.CLOSED, reply.failure is FailureKind.UNREACHABLE
    return SweptPort(port=reply.port, state=state, refused=refused, absent=absent, silent_once=silent)


def authorised(subject: Subject, ctx: Context) -> bool:
    """True if the owner and this run allow intrusive measurements."""
    return all(clearance.covers(Clearance.INTRUSIVE) for clearance in (subject.clearance, ctx.clearance))
