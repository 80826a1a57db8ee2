"""Reads a device's own SNMP access tables from all addresses at which it was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import Message, inconclusive
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpGroup, SnmpLevel, SnmpSession, SnmpUser

NEEDS = (SnmpSession, SnmpAccess, SnmpLevel, SnmpCommunity)
AUTH_PRIV = 3
COMMUNITY_MODELS = frozenset({1, 2})
_ACTIVE, _PERMANENT = 1, 4  # RowStatus, StorageType
_ILMI, _ILMI_TOO = "1.3.6.1.4.1.353", "1.3.6.1.2.1.1"
NOT_SHOWN: Mapping[str, Message] = {
    "NOT_SHOWN": inconclusive(
        "{name} does not show its tables of SNMP access to the user that reads it.",
        fix="Let the user of the vantage read SNMP-VIEW-BASED-ACM-MIB and SNMP-USER-BASED-SM-MIB, or give the"
        " fact by declaration.",
        reason=Reason.OBJ,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAccess:
    """Holds the SNMP access tables of a device; ``groups`` and ``users`` are None if no table shows them.

    Only entries in use are listed: active rows, and groups with members, except the built-in ILMI group of Cisco IOS.
    ``cut``: no reading of the tables was complete.
    """

    device: SeenDevice
    groups: tuple[SnmpGroup, ...] | None
    users: tuple[SnmpUser, ...] | None
    communities: int | None
    tried: tuple[SnmpCommunity, ...]
    levels: tuple[SnmpLevel, ...]
    cut: bool
    evidence: tuple[EvidenceId, ...]

    @property
    def sessions(self) -> tuple[SnmpSession, ...]:
        return self.device.sessions

    def says(self, code: str, **args: Arg) -> Verdict:
        return replace(self.device.says(code, **args), evidence=self.evidence)

    def not_read(self) -> Verdict:
        return Verdict(code="NOT_READ", args={"name": self.device.name}, evidence=self.evidence, reason=Reason.CUT)


def access(subject: Subject, evidence: EvidenceSet, ctx: Context) -> ShownAccess | Verdict:
    """Return the tables of a device that accepted credentials, or the verdict about one that did not."""
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice):
        return found
    read = [step for _, step in evidence.of(SnmpAccess)]
    groups = [group for step in read for group in step.groups or () if _is_used(group)]
    users = [user for step in read for user in step.users or () if user.status in (None, _ACTIVE)]
    counted = [step.communities for step in read if step.communities is not None]
    ids = [envelope.id for kind in NEEDS for envelope, _ in evidence.of(kind)]
    return ShownAccess(
        device=found,
        groups=tuple(dict.fromkeys(groups)) if any(step.groups is not None for step in read) else None,
        users=tuple(dict.fromkeys(users)) if any(step.users is not None for step in read) else None,
        communities=max(counted, default=None),
        tried=tuple(step for _, step in evidence.of(SnmpCommunity)),
        levels=tuple(step for _, step in evidence.of(SnmpLevel)),
        cut=not read or all(step.failure is not None for step in read),
        evidence=tuple(dict.fromkeys(ids)),
    )


def _is_used(group: SnmpGroup) -> bool:
    return group.members > 0 and group.status in (None, _ACTIVE) and not _is_ilmi(group)


def _is_ilmi(group: SnmpGroup) -> bool:
    """True if a group is the permanent one of Cisco IOS for ILMI, the management of ATM lines, with its own view.

    It cannot be reached over IP or removed.
    """
    own = _ILMI in group.writes and set(group.writes) <= {_ILMI, _ILMI_TOO}
    return group.model in COMMUNITY_MODELS and own and group.storage in (None, _PERMANENT)
