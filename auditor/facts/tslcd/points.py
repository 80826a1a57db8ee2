"""Finds which addresses of a TSLCD site answered by any method: echo, STAMP, SNMP, a connection."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.facts.attribution import excuse, unseen
from auditor.facts.cached import remembered
from auditor.facts.cut_off import cut_off
from auditor.facts.tslcd.gathering import NO_ECHO
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from auditor.framework.localdate import civil_day
from auditor.framework.sample_periods import together
from inventory.model import IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.framework.expand import addresses
from probes.observations.rows import RowPosition
from probes.observations.series import SampleSummary, SeriesWindow
from probes.observations.snmp import SnmpSession
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect

NEEDS = (EchoSeries, StampSeries, SnmpSession, TcpConnect)
"""Observations that a check of a site's reachability needs."""

UNDECIDED: Mapping[str, Message] = standard(
    NOT_DECIDED=inconclusive("What was measured of {name} from here does not decide this; it is not held against it.")
)
NO_ADDRESS: Mapping[str, Message] = standard(
    NO_ADDRESS=inconclusive(
        "The inventory has no address of {name}.",
        fix="Write the addresses of the terminal device into the columns ipv4 and ipv6.",
        reason=Reason.INV,
    )
)
SHADOWED: Mapping[str, Message] = {
    "IN_SHADOW": inconclusive(
        "{name} cannot be reached because {nodes:list}, through which it is connected, {nodes/does/do} not answer"
        " either; this is not held against {name}.",
        fix="Restore the node first, then measure again.",
        reason=Reason.EGR,
    )
}
"""Message for a point that is silent because a node before it is down; the defect is the node's."""
_Sign = EchoSeries | StampSeries | SnmpSession | TcpConnect
_METHODS = frozenset({"site_echo", "site_stamp", "snmp", "tcp"})
"""Probes that test whether an address answers."""
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLife:
    """Holds the answers of one address.

    ``methods``: those that were answered (``icmp``, ``tcp/443``, ``udp/161``). If it is not ``alive``, ``reason`` is
    why its silence proves nothing, None if it may be reported as a defect.
    """

    address: IPAddress
    methods: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()
    reason: Reason | None = None

    @property
    def alive(self) -> bool:
        return bool(self.methods)

    @property
    def dead(self) -> bool:
        return not self.methods and self.reason is None


@remembered
def lives(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[AddressLife, ...]:
    """Return every address of the subject with its answers, IPv4 first."""
    mute = subject.has_tag(NO_ECHO)
    return tuple(_life(evidence, ctx, address, mute=mute) for address in addresses(subject, evidence))


def _life(evidence: EvidenceSet, ctx: Context, address: IPAddress, *, mute: bool) -> AddressLife:
    """Return the answers of one address; ``mute``: it does not answer echo, by policy."""
    steps = list(_steps(evidence, address))
    found = [(envelope, step) for envelope, step in steps if step.is_answered_by(address)]
    if found:
        return AddressLife(
            address=address,
            methods=tuple(dict.fromkeys(step.at()[1] for _, step in found)),
            evidence=_ids(envelope for envelope, _ in found),
        )
    reasons = [(_why(ctx, envelope, step, mute=mute), envelope) for envelope, step in steps]
    proven = [envelope for reason, envelope in reasons if reason is None]
    unfinished = cut_off(evidence, _METHODS, address)
    if proven and unfinished:
        ids = (*_ids(proven), *unfinished)
        return AddressLife(address=address, evidence=tuple(dict.fromkeys(ids)), reason=Reason.CUT)
    if proven:
        return AddressLife(address=address, evidence=_ids(proven))
    reason = next((reason for reason, _ in reasons), None) or unseen(ctx, address)
    return AddressLife(address=address, evidence=_ids(envelope for envelope, _ in steps), reason=reason)


def _steps(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[Evidence, _Sign]]:
    yield from ((envelope, step) for envelope, step in evidence.of(EchoSeries) if step.address == address)
    yield from ((envelope, step) for envelope, step in evidence.of(StampSeries) if step.address == address)
    yield from ((envelope, step) for envelope, step in evidence.of(SnmpSession) if step.address == address)
    yield from ((envelope, step) for envelope, step in evidence.of(TcpConnect) if step.address == address)


def _why(ctx: Context, one: Evidence, step: _Sign, *, mute: bool) -> Reason | None:
    """Return why a step without an answer proves nothing, None if it does prove something.

    Silent SNMP proves nothing, because a wrong community looks the same. Echo proves nothing at an address that does
    not answer it by policy.
    """
    if isinstance(step, SnmpSession):
        return Reason.CRED
    if isinstance(step, EchoSeries) and mute:
        return Reason.INV
    if isinstance(step, EchoSeries | StampSeries) and not step.sent and step.failure is None:
        return Reason.CUT
    return excuse(ctx, one, step.failure or _SILENCE, step.address, step.at()[1])


def shadowed(subject: Subject, ctx: Context, evidence: Iterable[EvidenceId]) -> Verdict | None:
    """Return the verdict about a silent subject that is reached only through nodes that are down, else None."""
    down = ctx.sites.shadows.get(subject.id, ())
    return says_of(subject, "IN_SHADOW", evidence, nodes=down) if down else None


def is_in_operation(subject: Subject, at: datetime) -> bool:
    """True if a point was in operation for the whole Vietnamese calendar day of ``at``.

    On its declared day of activation it may have been in operation for only an hour.
    """
    activated = subject.declared.activated
    return activated is None or activated < civil_day(at)


def in_operation(subject: Subject, step: SeriesWindow) -> tuple[SampleSummary, int]:
    """Return the summary of a window from the day after activation on, and its length in seconds.

    If the window begins before that day, the summary is merged from its whole periods: before it there was nothing to
    measure.
    """
    length = int((step.until - step.since).total_seconds())
    if is_in_operation(subject, step.since):
        return step.whole, length
    some = [period for period in step.periods if is_in_operation(subject, period.start)]
    return (together(some) if some else SampleSummary(start=step.since)), min(length, len(some) * step.step)


def name_of(subject: Subject) -> str:
    return subject.host or subject.name


def says_of(
    subject: Subject,
    code: str,
    evidence: Iterable[EvidenceId] = (),
    more: Mapping[str, Arg] | None = None,
    *,
    reason: Reason | None = None,
    **args: Arg,
) -> Verdict:
    """Return a verdict about the subject as a whole; its values are ``args`` and ``more``."""
    return Verdict(
        code=code,
        args={"name": name_of(subject), **(more or {}), **args},
        evidence=tuple(dict.fromkeys(evidence)),
        reason=reason,
    )


def texts(found: Iterable[IPAddress]) -> tuple[str, ...]:
    return tuple(written(address) for address in found)


def row(evidence: EvidenceSet) -> tuple[EvidenceId, ...]:
    """Return the evidence of the subject's row in the inventory."""
    return _ids(envelope for envelope, _ in evidence.of(RowPosition))


def traces(evidence: EvidenceSet, address: IPAddress) -> list[tuple[Evidence, PathTrace]]:
    return [(envelope, step) for envelope, step in evidence.of(PathTrace) if step.address == address]


def _ids(found: Iterable[Evidence]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(envelope.id for envelope in found))
