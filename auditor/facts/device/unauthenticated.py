"""Tells which answers the SNMP agent of a device gives without credentials, address by address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.cut_off import cut_off
from auditor.facts.device.vendors import vendor_of_engine
from auditor.framework.check import Message, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import VENDOR, Arg, Reason, Verdict
from inventory.model import IPAddress, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.framework.expand import expand
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery, SnmpSession

CODES: Mapping[str, Message] = standard(
    **not_judged.NOT_DECIDED,
    **not_judged.NOT_MANAGED,
    NO_ADDRESS=not_applicable("The inventory gives no address of {name} to ask."),
)
Tried = SnmpDiscovery | SnmpCommunity
_SILENT = FailureKind.TIMEOUT
_SESSIONS = frozenset({"snmp", "snmp_security"})
"""Probes that offer our own credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswers:
    """Holds the answers of the agent at one address, asked without credentials.

    ``managed``: the device accepted our credentials there, so this vantage is a management station; the effect of its
    access lists on others cannot be seen from here. ``untried``: whether it accepts them was not measured in time.
    ``lost``: credentials that the device accepts elsewhere got no answer here, not even a report.
    ``refused``: the host reported that nobody listens there, be it to a question with our credentials.
    """

    address: IPAddress
    port: int
    managed: bool
    steps: tuple[tuple[Evidence, Tried], ...]
    engine_id: bytes | None = None
    untried: bool = False
    refused: bool = False
    lost: bool = False

    @property
    def discoveries(self) -> tuple[SnmpDiscovery, ...]:
        return tuple(step for _, step in self.steps if isinstance(step, SnmpDiscovery))

    @property
    def defaults(self) -> tuple[SnmpCommunity, ...]:
        """The steps with well-known communities, without our own."""
        return tuple(step for _, step in self.steps if isinstance(step, SnmpCommunity))

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        return tuple(dict.fromkeys(envelope.id for envelope, _ in self.steps))

    @property
    def closed(self) -> bool:
        """True if the host itself reports that the port is closed."""
        return bool(self.steps) and all(_refused(step) for _, step in self.steps)

    def doubts(self, ctx: Context) -> Reason | None:
        """Return why silence proves nothing, None if it does prove something."""
        if not self.steps:
            return unseen(ctx, self.address)
        for envelope, step in self.steps:
            if step.failure is not None:
                reason = excuse(ctx, envelope, step.failure, self.address, f"udp/{self.port}")
                if reason is not None:
                    return reason
        return None

    def says(self, code: str, **args: Arg) -> Verdict:
        vendor = vendor_of_engine(self.engine_id)
        known: dict[str, Arg] = {} if vendor is None else {VENDOR: vendor}
        whole: dict[str, Arg] = {"address": written(self.address), **args, **known}
        return Verdict(code=code, args=whole, address=self.address, evidence=self.evidence)

    def undecided(self, reason: Reason) -> Verdict:
        return not_judged.at(self.address, f"udp/{self.port}", reason, self.evidence)


def agents(subject: Subject, evidence: EvidenceSet) -> Iterator[AgentAnswers]:
    """Yield the agent at every address at which the device is managed, IPv4 first."""
    sessions = [step for _, step in evidence.of(SnmpSession)]
    opened = {step.address for step in sessions if step.profile is not None}
    unfinished = bool(cut_off(evidence, _SESSIONS))
    steps: list[tuple[Evidence, Tried]] = [(envelope, step) for envelope, step in evidence.of(SnmpDiscovery)]
    steps += [(envelope, step) for envelope, step in evidence.of(SnmpCommunity) if step.community]
    for task in expand(subject, evidence):
        if task.service is not None and task.service.name == "snmp":
            address, port = task.endpoint.address, task.service.port
            of_it = tuple((envelope, step) for envelope, step in steps if step.address == address and step.port == port)
            engine_ids = (step.engine_id for _, step in of_it if isinstance(step, SnmpDiscovery) and step.engine_id)
            yield AgentAnswers(
                address=address,
                port=port,
                managed=address in opened,
                steps=of_it,
                engine_id=next(engine_ids, None),
                untried=address not in opened and bool(cut_off(evidence, _SESSIONS, address)),
                lost=address not in opened and _was_lost(sessions, address, port, unfinished=unfinished),
                refused=any(
                    _refused(step)
                    for step in (*(tried for _, tried in of_it), *sessions)
                    if (step.address, step.port) == (address, port)
                ),
            )


def none_to_ask(subject: Subject, evidence: EvidenceSet) -> Verdict | None:
    """Return the verdict about a device without SNMP or without an address, else None."""
    args: dict[str, Arg] = {"name": subject.host or subject.name}
    if not any(service.name == "snmp" for service in subject.services):
        return Verdict(code="NOT_MANAGED", args=args)
    return None if next(agents(subject, evidence), None) is not None else Verdict(code="NO_ADDRESS", args=args)


def _was_lost(sessions: Sequence[SnmpSession], address: IPAddress, port: int, *, unfinished: bool) -> bool:
    """True if a user of version 3 that the device accepts elsewhere, or may accept, got no answer here.

    Where trials are ``unfinished``, any user may be accepted. An agent that answers anything reports what it rejects
    (RFC 3414 §3.2): then the question or the answer was lost.
    """
    taken = {step.profile for step in sessions}
    here = (step for step in sessions if (step.address, step.port) == (address, port))
    tried = (attempt for step in here for attempt in step.attempts if attempt.version == "3" and not attempt.rejected)
    silent = (attempt for attempt in tried if attempt.failure is not None and attempt.failure.kind is _SILENT)
    return any(unfinished or attempt.profile in taken for attempt in silent)


def _refused(step: Tried | SnmpSession) -> bool:
    return step.failure is not None and step.failure.kind is FailureKind.REFUSED
