"""Check that a device gives nothing over SNMPv1 and v2c, which send communities in clear text.

Tried are the communities of the configuration, at a device that has proved itself by version 3, and, where the owner
authorised it, the two default ones. Other communities may work: the finding names those that were tried.
"""

from collections.abc import Iterator
from datetime import date

from auditor.facts.device import answers, remedies, snmp_access
from auditor.facts.device.snmp_access import COMMUNITY_MODELS, ShownAccess
from auditor.facts.moments import day_of
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Subject
from probes.framework.evidence import EvidenceSet

_TAG = "snmp-v2c-until"


@check(
    version=2,
    title="SNMPv1/v2c is disabled",
    problem="Unencrypted SNMPv1/v2c is in use",
    problems={
        "MIGRATING": "SNMPv1/v2c is still in use until a declared date",
        "CONFIGURED": "SNMPv1/v2c is still configured",
        "READ_WRITE": "Device can be reconfigured over SNMPv1/v2c",
    },
    why="SNMPv1 and v2c send the community in clear: anyone who sees one packet can read the device from then on.",
    fix="Read the device by SNMPv3 with authentication and privacy, then remove the communities.",
    references=("RFC 3584", "RFC 9099 §2.4.2", "điểm đ Phụ lục I Thông tư số 06/2026/TT-BKHCN"),
    needs=snmp_access.NEEDS,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    transports=frozenset({"udp/161"}),
    question=SilenceMeaning.EXPOSURE,
    vendor_fixes=remedies.of("v1v2-off"),
    messages={
        **answers.CODES,
        "OFF": passed("{name} answers no community that was tried ({tried:list}); others are not excluded."),
        "NOT_CONFIGURED": passed("No group on {name} is open to SNMPv1 or v2c."),
        "MIGRATING": warn(
            "{name} still answers over {versions:list}, read-only; the owner declared that this ends on {until:date}."
        ),
        "CONFIGURED": warn(
            "{name} answers no community that was tried, but its tables still open it to {versions:list}.",
            fix="Remove the communities that are no longer used.",
        ),
        "ANSWERS": fail("{name} answers over {versions:list} ({tried:list}), and no end date for this is declared."),
        "READ_WRITE": fail("{name} can be written over {versions:list}."),
        "NOT_TRIED": inconclusive(
            "{name} does not show its tables, and there was no community to try.",
            fix="Authorise the question for the default communities, or let the user of the vantage read"
            " SNMP-VIEW-BASED-ACM-MIB.",
            reason=Reason.OBJ,
        ),
    },
)
def v1v2_off(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = snmp_access.access(subject, evidence, ctx)
    yield _judge(found, subject, evidence, ctx) if isinstance(found, ShownAccess) else found


def _judge(access: ShownAccess, subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    groups = [group for group in access.groups or () if group.model in COMMUNITY_MODELS]
    writable = sorted({f"SNMPv{'1' if group.model == 1 else '2c'}" for group in groups if group.writes})
    if writable:
        return access.says("READ_WRITE", versions=tuple(writable))
    answered = _answered(access)
    if answered:
        versions = tuple(sorted({f"SNMPv{version}" for version, _ in answered}))
        until = _until(subject)
        if until is not None and day_of(evidence, access.evidence, ctx) <= until:
            return access.says("MIGRATING", versions=versions, until=until.isoformat())
        return access.says("ANSWERS", versions=versions, tried=_named(answered))
    readable = sorted({f"SNMPv{'1' if group.model == 1 else '2c'}" for group in groups if group.reads})
    if readable:
        return access.says("CONFIGURED", versions=tuple(readable))
    silent = {(step.version, step.profile or step.community) for step in access.tried}
    if silent:
        return access.says("OFF", tried=_named(silent))
    if access.groups is None or access.cut:
        return access.says("NOT_TRIED") if not access.cut else access.not_read()
    return access.says("NOT_CONFIGURED")


def _answered(access: ShownAccess) -> set[tuple[str, str]]:
    """Return version and name of each access that returned a value: a default community, or a profile of ours."""
    opened = {(session.version, session.profile) for session in access.sessions if session.version and session.profile}
    tried = {
        (snmp_community.version, snmp_community.profile or snmp_community.community)
        for snmp_community in access.tried
        if snmp_community.answered in ("value", "other")
    }
    return {(version, name) for version, name in opened if version != "3"} | tried


def _named(pairs: set[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"v{version} {name}" for version, name in sorted(pairs))


def _until(subject: Subject) -> date | None:
    """Return the day that the tag declares as the end of the migration."""
    for text in subject.tag_values(_TAG):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None
