"""Joins equal findings about several addresses of a subject for readers; stored findings stay separate."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from auditor.framework.findings import Arg, Finding
from inventory.model import IPAddress, written
from probes.framework.evidence import EvidenceId

_ADDRESS = "address"
_MOST_NAMED = 4
"""Addresses that a joined message names; the heading has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedFinding:
    """Findings with one text. ``finding`` is the first of them, with all addresses in its message."""

    finding: Finding
    members: tuple[Finding, ...]

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        return tuple(member.address for member in self.members if member.address is not None)

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """The evidence of all members, each once."""
        return tuple(dict.fromkeys(item for member in self.members for item in member.evidence))


def join(findings: Iterable[Finding]) -> list[JoinedFinding]:
    """Join findings of one subject that differ in nothing but their address, in the order of the first of each."""
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_key(finding), []).append(finding)
    return [_joined(members) for members in groups.values()]


def _joined(members: list[Finding]) -> JoinedFinding:
    first = members[0]
    if len(members) > 1 and _ADDRESS in first.args:
        addresses = [str(member.args[_ADDRESS]) for member in members]
        text = " / ".join(addresses[:_MOST_NAMED]) + (" / …" if len(addresses) > _MOST_NAMED else "")
        first = replace(first, args={**first.args, _ADDRESS: text})
    return JoinedFinding(finding=first, members=tuple(members))


def _key(finding: Finding) -> Hashable:
    """Return the key of findings to join. One of no address, or seen by other vantages too, gets a key of its own."""
    own = None if finding.address is None else written(finding.address)
    if own is None or finding.vantages or finding.args.get(_ADDRESS, own) != own:
        return finding.id
    args = tuple(sorted((name, _plain(value)) for name, value in finding.args.items() if name != _ADDRESS))
    return (
        finding.check,
        finding.code,
        finding.outcome,
        finding.severity,
        finding.level,
        finding.level_basis,
        finding.detail,
        finding.vantage,
        finding.reason,
        finding.waived,
        args,
    )


def _plain(value: Arg) -> str:
    return repr(list(value)) if isinstance(value, tuple | list) else repr(value)
