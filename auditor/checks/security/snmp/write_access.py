"""Check in its own tables that a device allows no writing over SNMP; nothing is ever set."""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies, snmp_access
from auditor.facts.device.snmp_access import AUTH_PRIV, COMMUNITY_MODELS, ShownAccess
from auditor.framework.check import VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import DEVICE_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.snmp import SnmpGroup

_WHOLE = frozenset({"1", "1.3", "1.3.6", "1.3.6.1"})
"""iso, org, dod and internet (RFC 2578 §2)."""
_MODELS = {0: "SNMP", 1: "SNMPv1", 2: "SNMPv2c", 3: "SNMPv3"}


@check(
    version=2,
    title="No writable SNMP view",
    problem="Device settings can be written over SNMP",
    problems={"LIMITED": "Part of the device can be written over SNMPv3"},
    why="Anyone who may write over SNMP can switch off ports, reroute traffic and on many devices load another"
    " configuration.",
    fix="Take the write views away from all groups; change the configuration over SSH.",
    references=("RFC 3415",),
    needs=snmp_access.NEEDS,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    vendor_fixes=remedies.of("write-access"),
    messages={
        **answers.CODES,
        **snmp_access.NOT_SHOWN,
        "NONE": passed("No group on {name} has a write view."),
        "LIMITED": warn("A group on {name} may write {subtrees:list}, with authentication and privacy (SNMPv3)."),
        "WRITABLE": fail("A group on {name} may write over {models:list}: {subtrees:list}."),
    },
)
def write_access(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = snmp_access.access(subject, evidence, ctx)
    yield _judge(found) if isinstance(found, ShownAccess) else found


def _judge(access: ShownAccess) -> Verdict:
    if access.groups is None:
        return access.not_read() if access.cut else access.says("NOT_SHOWN")
    writers = [group for group in access.groups if group.writes]
    bad = [group for group in writers if _is_wide(group)]
    if bad:
        models = tuple(sorted({_MODELS.get(group.model, "SNMP") for group in bad}))
        return access.says("WRITABLE", models=models, subtrees=_subtrees(bad))
    if writers:
        return access.says("LIMITED", subtrees=_subtrees(writers))
    return access.not_read() if access.cut else access.says("NONE")


def _is_wide(group: SnmpGroup) -> bool:
    weak = group.model in COMMUNITY_MODELS or group.level != AUTH_PRIV
    return weak or any(subtree in _WHOLE for subtree in group.writes)


def _subtrees(groups: list[SnmpGroup]) -> tuple[str, ...]:
    return tuple(sorted({subtree for group in groups for subtree in group.writes}))
