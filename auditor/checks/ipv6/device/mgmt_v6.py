"""Check that the management services of a device answer over IPv6 too.

A session with the device's own credentials shows whether SNMP answers; if these were accepted over no family, nothing
is known (trap D7: each family is a question of its own). SSH that answers us over IPv4 neither is not asked for:
an access list leaves us out.
"""

from collections.abc import Iterator, Sequence

from auditor.facts.attribution import excuse
from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.path.packets import ECHOES, SNMP_TRIES, SYNS, silence_may_be_chance
from auditor.framework.check import FamilyClaim, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Subject, written
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.snmp import FROM_ELSEWHERE, SnmpDiscovery, SnmpSession
from probes.observations.transport import EchoSeries, TcpConnect

_WAYS = {"snmp": "SNMP", "ssh": "SSH"}


@check(
    version=5,
    title="Device can be managed over IPv6",
    problem="Device cannot be managed over IPv6",
    problems={"SOME": "Some management services do not answer over IPv6"},
    why="A device that is managed only over IPv4 keeps IPv4 alive in the whole management network.",
    fix="Let SNMP and SSH listen on IPv6, with the same access list as on IPv4.",
    references=("RFC 9099 §2.4.2", "RIPE-772 §4.4"),
    needs=(SnmpSession, TcpConnect),
    beside=(SnmpDiscovery, EchoSeries),
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP, VantageKind.TSL, VantageKind.INET}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/161", "tcp/22"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("mgmt-v6"),
    excused_by=dict.fromkeys(("NONE", "SOME"), frozenset({"snmp", "snmp_exposure", "tcp"})),
    excused_if_late={"NONE": ECHOES, "SOME": ECHOES},
    messages={
        **answers.CODES,
        "ALL": passed("{name} answers over IPv6: {services:list}."),
        "SOME": warn("{name} answers over IPv6 by {services:list}, but not by {missing:list}."),
        "NONE": fail("{name} has an IPv6 address ({address}), but answers there by none of {missing:list}."),
        "ONLY_V4": not_applicable("The owner declared that {name} is managed over IPv4 only (tag mgmt-v4-only)."),
        "NOT_DECLARED": inconclusive(
            "The inventory gives no IPv6 address at which {name} is managed.",
            fix="Write the address into the column ipv6.",
            reason=Reason.INV,
        ),
    },
)
def mgmt_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    found = answers.device(subject, evidence, ctx)
    address = next((address for address in subject.addresses if address.version == 6), None)
    if subject.has_tag("mgmt-v4-only"):
        yield Verdict(code="ONLY_V4", args={"name": name})
    elif not isinstance(found, SeenDevice):
        yield found
    elif address is None:
        yield found.says("NOT_DECLARED")
    else:
        yield _judge(name, subject, evidence, ctx)


def _judge(name: str, subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    declared = {service.name: service.port for service in subject.services if service.name in _WAYS}
    if _is_shut_alike(subject, evidence):
        del declared["ssh"]
    steps = [
        (envelope, step)
        for envelope in evidence
        for step in envelope.steps
        if _is_of(step, frozenset(declared.values()))
    ]
    answered = {_way(step) for _, step in steps if step.failure is None}
    missing = [way for way in declared if way not in answered]
    doubts = [reason for way in missing if (reason := _doubt(way, steps, evidence, ctx)) is not None]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in steps))
    services = tuple(_WAYS[way] for way in declared if way in answered)
    if not missing:
        return Verdict(code="ALL", args={"name": name, "services": services}, evidence=ids)
    if doubts:
        return Verdict(code="NOT_READ", args={"name": name}, evidence=ids, reason=doubts[0])
    lost = tuple(_WAYS[way] for way in missing)
    if services:
        return Verdict(code="SOME", args={"name": name, "services": services, "missing": lost}, evidence=ids)
    address = next(address for address in subject.addresses if address.version == 6)
    return Verdict(code="NONE", args={"name": name, "address": written(address), "missing": lost}, evidence=ids)


def _is_of(step: Observation, ports: frozenset[int]) -> bool:
    return isinstance(step, SnmpSession | TcpConnect) and step.address.version == 6 and step.port in ports


def _way(step: Observation) -> str:
    return "snmp" if isinstance(step, SnmpSession) else "ssh"


def _doubt(way: str, steps: list[tuple[Evidence, Observation]], evidence: EvidenceSet, ctx: Context) -> Reason | None:
    """Return why a missing way of management does not count; None where it was shown to be missing."""
    tried = [(envelope, step) for envelope, step in steps if _way(step) == way]
    for envelope, step in tried:
        if isinstance(step, SnmpSession) and any(attempt.rejected for attempt in step.attempts):
            return Reason.CRED
        if isinstance(step, SnmpSession) and _speaks(step.failure):
            return Reason.CUT
        if isinstance(step, SnmpSession | TcpConnect) and step.failure is not None:
            reason = excuse(ctx, envelope, step.failure, step.address, _transport(step))
            if reason is not None:
                return reason
    if not tried:
        return Reason.CUT
    silent = [step for _, step in tried if isinstance(step, SnmpSession | TcpConnect)]
    if any(_answers_strangers(evidence, step) for step in silent):
        return Reason.AMB
    return Reason.SMPL if _may_be_chance(evidence, silent) else None


def _answers_strangers(evidence: EvidenceSet, silent: SnmpSession | TcpConnect) -> bool:
    """True if the agent answered a question that needs no credentials: it is there, but rejects ours."""
    discoveries = [step for _, step in evidence.of(SnmpDiscovery) if step.failure is None]
    return any((step.address, step.port) == (silent.address, silent.port) for step in discoveries)


def _is_shut_alike(subject: Subject, evidence: EvidenceSet) -> bool:
    """True if SSH was tried over both families, and let us in over neither."""
    ports = {service.port for service in subject.services if service.name == "ssh"}
    connects = [step for _, step in evidence.of(TcpConnect) if step.port in ports]
    return {4, 6} <= {step.address.version for step in connects} and all(step.failure for step in connects)


def _may_be_chance(evidence: EvidenceSet, silent: Sequence[SnmpSession | TcpConnect]) -> bool:
    """True if a line that loses packets may have lost all questions, or all requests to connect, by chance."""
    if any(step.failure is None or step.failure.kind is not FailureKind.TIMEOUT for step in silent):
        return False
    lost = sum(SYNS if isinstance(step, TcpConnect) else SNMP_TRIES * len(step.attempts) for step in silent)
    return silence_may_be_chance(evidence, silent[0].address, lost)


def _speaks(failure: Failure | None) -> bool:
    """True if something came in spite of the failure: an error, unreadable data, or another address's answer."""
    return failure is not None and (failure.kind is FailureKind.PROTOCOL or failure.detail == FROM_ELSEWHERE)


def _transport(step: SnmpSession | TcpConnect) -> str:
    return f"{'udp' if isinstance(step, SnmpSession) else 'tcp'}/{step.port}"
