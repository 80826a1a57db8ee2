"""Compares the declared channels and directions of a site with the state of the device's ports."""

from collections.abc import Mapping

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.tslcd import channels, points
from auditor.framework.check import Message, fail, inconclusive, passed, standard, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.rows import RowPosition

NEEDED = 2
NEEDS = (RowPosition, *answers.SNMP)

CODES: Mapping[str, Message] = standard(
    TWO=passed(
        "{name} has {count:n} {count/channel/channels} up, with neighbours of their own and {routes:n} declared"
        " {routes/direction/directions}."
    ),
    ONE_UP=warn("{name} has {count:n} {count/channel/channels} on record, but of their ports {up:n} is up."),
    ONE=fail("{name} has {count:n} channel on record; two are needed."),
    NO_CHANNELS=inconclusive(
        "The inventory does not say by which channels {name} is connected.",
        fix="Write the channels into the column channel, separated by semicolons.",
        reason=Reason.INV,
    ),
    DECLARED_ONLY=inconclusive(
        "{name} has {count:n} {count/channel/channels} on record; nothing that was measured shows that they are up"
        " and apart.",
        fix="Give the device an SNMP profile and name its ports to TSLCD in the column tags (wan=NAME).",
        reason=Reason.INV,
    ),
    ROUTES_UNKNOWN=inconclusive(
        "{name} has {count:n} {count/channel/channels} up; that they run in two physical directions is declared"
        " nowhere, and no probe can show it.",
        fix="Declare the physical direction of each channel in the column tags (route=NAME).",
        reason=Reason.INV,
    ),
)


def judge(subject: Subject, evidence: EvidenceSet, ctx: Context, count: int) -> Verdict:
    """Return the verdict on redundancy; ``count`` is the number of declared channels that count."""
    row = points.row(evidence)
    if count < NEEDED:
        return points.says_of(subject, "ONE", row, count=count)
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice) or not subject.tag_values("wan"):
        return points.says_of(subject, "DECLARED_ONLY", row, count=count)
    seen = channels.ports(subject, found)
    ids = (*row, *found.evidence)
    if len(seen.up) < NEEDED:
        # A channel whose port is not declared, not found or not read may be up.
        if len(subject.tag_values("wan")) < count or len(seen.up) + seen.unknown >= NEEDED:
            return points.says_of(subject, "DECLARED_ONLY", ids, count=count)
        return points.says_of(subject, "ONE_UP", ids, count=count, up=len(seen.up))
    routes = channels.routes(subject)
    if len(routes) < NEEDED:
        return points.says_of(subject, "ROUTES_UNKNOWN", ids, count=count)
    if not seen.apart:
        return points.says_of(subject, "DECLARED_ONLY", ids, count=count)
    return points.says_of(subject, "TWO", ids, count=len(seen.up), routes=len(routes))
