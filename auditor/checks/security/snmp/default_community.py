"""Check that no default community reads a value.

Tested only where the owner authorised it. Only a value counts: agents answer noSuchInstance or a Report to any client
(trap S1). An address that is silent may still accept the community from others.
"""

from collections.abc import Iterator

from auditor.facts.device import remedies, unauthenticated
from auditor.facts.device.unauthenticated import AgentAnswers
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery, SnmpSession

_TRIES = 4
"""The number of questions: two communities over two versions."""


@check(
    version=2,
    title="No default community string",
    problem="Default SNMP community is accepted",
    why="Anyone who tries public and private, as every scanner does, reads the device's interfaces, neighbours and "
    "routes, and on many devices changes its configuration.",
    fix="Remove the communities and use SNMPv3 with authentication and privacy.",
    references=("CIS Controls 4.7", "QCVN 12:2026/BCA §3.7.2.7.2"),
    needs=(SnmpCommunity, SnmpDiscovery, SnmpSession),
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.TSL, VantageKind.INET}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/161"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    question=SilenceMeaning.EXPOSURE,
    vendor_fixes=remedies.of("default-community"),
    messages={
        **unauthenticated.CODES,
        "NONE": passed(
            "{address} gave nothing for the communities public and private to this vantage; whether it lets"
            " others use them cannot be seen from here."
        ),
        "ACCEPTED": fail("{address} gives values for the default community {community} (SNMP{version})."),
        "LIMITED": warn(
            "{address} takes the default community {community} (SNMP{version}) from this vantage, which"
            " manages it, and shows a restricted view."
        ),
        "NO_VALUE": inconclusive(
            "{address} answers the default community {community} (SNMP{version}) without any value; whether it takes"
            " it cannot be told.",
            fix="Look on the device whether the community is configured, and remove it.",
            reason=Reason.AMB,
        ),
        "CLOSED": not_applicable("Nothing listens for SNMP at {address}."),
    },
)
def default_community(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    nothing = unauthenticated.none_to_ask(subject, evidence)
    if nothing is not None:
        yield nothing
        return
    for agent in unauthenticated.agents(subject, evidence):
        yield _judge(agent, ctx)


def _judge(agent: AgentAnswers, ctx: Context) -> Verdict:
    by_answer = {step.answered: step for step in reversed(agent.defaults) if step.answered}
    for answered in ("value", "other"):
        if answered in by_answer:
            if answered == "other" and agent.untried:
                return agent.undecided(Reason.CUT)
            limited = answered == "other" and agent.managed
            return _of(agent, "LIMITED" if limited else "ACCEPTED", by_answer[answered])
    if by_answer:
        return _of(agent, "NO_VALUE", next(iter(by_answer.values())))
    if agent.closed:
        return agent.says("CLOSED")
    if not agent.defaults:
        reason = agent.doubts(ctx) if not agent.steps else None
        return agent.undecided(reason or Reason.CUT)
    doubt = agent.doubts(ctx)
    if doubt is not None:
        return agent.undecided(doubt)
    whole = len({(step.version, step.community) for step in agent.defaults}) == _TRIES
    return agent.says("NONE") if whole else agent.undecided(Reason.CUT)


def _of(agent: AgentAnswers, code: str, step: SnmpCommunity) -> Verdict:
    return agent.says(code, community=step.community, version=f"v{step.version}")
