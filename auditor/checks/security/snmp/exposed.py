"""Check that the SNMP agent does not answer unauthenticated clients, over either family.

An agent that is reached answers version 3's discovery for any user (trap S2). The access lists of a device admit a
vantage that manages it, which then cannot see how others are treated; only where it is blocked over IPv4 and admitted
over IPv6 does that show a list that is missing for IPv6.
"""

from collections.abc import Iterator

from auditor.facts.device import remedies, unauthenticated
from auditor.facts.device.unauthenticated import AgentAnswers
from auditor.facts.path.packets import ECHOES, SNMP_TRIES, silence_may_be_chance
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Network, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery, SnmpSession
from probes.observations.transport import EchoSeries, TcpConnect, UdpPortTest


@check(
    version=6,
    title="SNMP is not reachable from outside the management network",
    problem="SNMP is open to the Internet",
    problems={
        "REACHED_INSIDE": "SNMP answers outside the management network",
        "ONLY_IPV6": "SNMP is open over IPv6 although closed over IPv4",
    },
    why="An agent that anyone can reach tells which device it is, lets passwords be tried without limit, and "
    "amplifies attacks on others.",
    fix="Restrict UDP port 161 to the management stations by an access list, on IPv4 and on IPv6.",
    references=("RFC 9099 §2.4.2", "CIS Controls 12"),
    needs=(SnmpDiscovery, SnmpCommunity, SnmpSession, TcpConnect),
    beside=(EchoSeries, UdpPortTest),
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/161"}),
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"EXPOSED", "ONLY_IPV6"}),
    vendor_fixes=remedies.of("exposed"),
    excused_by={"ONLY_IPV6": frozenset({"snmp", "snmp_security", "icmp_errors"})},
    excused_if_late={"ONLY_IPV6": ECHOES},
    messages={
        **unauthenticated.CODES,
        "NO_ANSWER": passed("{address} answers no SNMP question without credentials."),
        "REACHED_INSIDE": warn("{address} answers SNMP without credentials inside TSLCD ({how:list})."),
        "EXPOSED": fail("{address} answers SNMP without credentials from the Internet ({how:list})."),
        "ONLY_IPV6": fail(
            "{address} answers SNMP over IPv6 ({how:list}), while over IPv4 the same device holds it back ({silent}).",
            fix="Give IPv6 the access list that IPv4 has.",
        ),
        "MANAGED_FROM_HERE": inconclusive(
            "{address} answers, but this vantage manages the device and is let in by its access lists; what others "
            "see must be measured from elsewhere.",
            fix="Let a vantage that does not manage the device check it.",
            reason=Reason.VP,
        ),
    },
)
def exposed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    nothing = unauthenticated.none_to_ask(subject, evidence)
    if nothing is not None:
        yield nothing
        return
    every = tuple(unauthenticated.agents(subject, evidence))
    alive = {step.address for _, step in evidence.of(TcpConnect) if _came_back(step)}
    held_back = next((agent for agent in every if agent.address in alive and _is_held_back(agent, evidence, ctx)), None)
    inside = subject.network is Network.TSLCD and Network.TSLCD in ctx.vantage.networks
    for agent in every:
        yield _judge(agent, held_back, ctx, inside=inside)


def _judge(agent: AgentAnswers, held_back: AgentAnswers | None, ctx: Context, *, inside: bool) -> Verdict:
    how = _answers(agent)
    if not how:
        doubt = agent.doubts(ctx) if agent.discoveries else Reason.CUT if agent.steps else agent.doubts(ctx)
        return agent.says("NO_ANSWER") if doubt is None else agent.undecided(doubt)
    if agent.address.version == 6 and held_back is not None:
        verdict = agent.says("ONLY_IPV6", how=how, silent=str(held_back.address))
        return Verdict(
            code=verdict.code,
            args=verdict.args,
            address=verdict.address,
            evidence=(*agent.evidence, *held_back.evidence),
        )
    if agent.managed:
        return agent.says("MANAGED_FROM_HERE")
    if agent.untried or agent.lost:
        return agent.undecided(Reason.CUT if agent.untried else Reason.SMPL)
    return agent.says("REACHED_INSIDE" if inside else "EXPOSED", how=how)


def _answers(agent: AgentAnswers) -> tuple[str, ...]:
    """Return the questions that were answered, by their names in reports."""
    discovered = any(step.failure is None for step in agent.discoveries)
    given = [step for step in agent.defaults if step.answered in ("value", "other")]
    communities = tuple(f"SNMPv{step.version} {step.community}" for step in given)
    return (("SNMPv3 engine discovery",) if discovered else ()) + communities


def _is_held_back(agent: AgentAnswers, evidence: EvidenceSet, ctx: Context) -> bool:
    """True if the address is alive and silent over IPv4 because of an access list, not because no agent listens.

    An agent that accepts our credentials there admits the same clients as over IPv6, and a line that loses packets
    loses questions and answers by chance. Of a device that does not refuse a closed port either, or sends only so many
    ICMP errors in a time, silence shows no list: its agent may listen over IPv6 alone.
    """
    silent = [step for step in agent.discoveries if step.failure is not None]
    kinds = {step.failure.kind for step in silent if step.failure is not None}
    filtered = kinds and kinds <= {FailureKind.TIMEOUT, FailureKind.PROHIBITED}
    if agent.address.version != 4 or agent.managed or agent.untried or agent.refused or not filtered:
        return False
    if _answers(agent) or agent.doubts(ctx) is not None:
        return False
    if FailureKind.PROHIBITED in kinds:
        return True
    closed = [step.failure for _, step in evidence.of(UdpPortTest) if step.address == agent.address]
    if any(failure is not None and failure.kind is FailureKind.TIMEOUT for failure in closed):
        return False
    return not silence_may_be_chance(evidence, agent.address, SNMP_TRIES * len(silent))


def _came_back(step: TcpConnect) -> bool:
    return step.failure is None or step.failure.kind is FailureKind.REFUSED
