"""Finds measurements that were cut short or had no address to go to, and limits verdicts by them.

They are cut short by the time for a subject, a peer's budget, or too many addresses.
"""

from collections.abc import Iterable
from dataclasses import replace

from auditor.framework.check import Check
from auditor.framework.findings import Reason, Verdict
from auditor.judging.evidence_guard import about, rests_on
from inventory.model import IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.framework.expand import ADDRESSES_PROBED, probed
from probes.observations.dns import LookupStatus, NameLookup

_UNSPECIFIC = frozenset({"U_CUT", "NO_EVIDENCE", "NOT_DECIDED", "DNS_NOT_ASKED", "NOT_READ"})
"""Codes that state that something was not measured completely, without the reason."""
_ADDRESS_TYPES = frozenset({"A", "AAAA"})
_NO_HOSTS = frozenset({Kind.ZONE, Kind.MAIL})
"""Kinds that are measured at other names than their own."""
_NONE = (LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME)


def named(
    verdict: Verdict, reason: Reason | None, subject: Subject, evidence: EvidenceSet, usable: EvidenceSet
) -> Verdict:
    """Return the verdict; one that lacks evidence names the probes that ran out of time, or a name without address.

    Whether the name has an address is read from ``usable``, for a resolver may have hidden some.
    """
    if reason is not Reason.CUT or verdict.code not in _UNSPECIFIC:
        return verdict
    ours = (one for one in evidence if about(one, verdict.address) or one.id in verdict.evidence)
    probes = sorted({one.probe for one in ours if one.is_out_of_time})
    if probes:
        return replace(verdict, code="OUT_OF_TIME", args={"probes": tuple(probes)})
    return _without_address(subject, usable) or verdict


def _without_address(subject: Subject, evidence: EvidenceSet) -> Verdict | None:
    """Return the verdict for a subject with a name that has no address, else None.

    It names no evidence: a verdict that rests on none was not tested.
    """
    if not has_no_address(subject, evidence):
        return None
    return Verdict(code="NAME_WITHOUT_ADDRESS", args={"name": subject.host or ""})


def has_no_address(subject: Subject, evidence: EvidenceSet) -> bool:
    """True if DNS answered for every type that a subject's name has no address, and none is listed.

    False for kinds that are measured at other names than their own.
    """
    found = [
        step
        for _, step in evidence.of(NameLookup)
        if step.role == "host" and step.name == subject.host and step.rtype in _ADDRESS_TYPES
    ]
    is_known = {step.rtype for step in found} == _ADDRESS_TYPES and all(step.status in _NONE for step in found)
    return is_known and not subject.addresses and not subject.kinds & _NO_HOSTS


def over_budget(check: Check, verdict: Verdict, reason: Reason | None, evidence: EvidenceSet) -> Verdict:
    """Return the verdict, with the code OVER_BUDGET if it was cut short because a peer took more than its budget."""
    steps = (
        step for envelope in rests_on(verdict, evidence) for step in envelope.steps if isinstance(step, check.needs)
    )
    over = (step.failure is not None and step.failure.kind is FailureKind.OVER_BUDGET for step in steps)
    return replace(verdict, code="OVER_BUDGET", args={}) if reason is Reason.CUT and any(over) else verdict


def tested(addresses: Iterable[IPAddress]) -> frozenset[IPAddress]:
    """Return those of a name's addresses that are probed."""
    every = frozenset(addresses)
    return every if len(every) <= ADDRESSES_PROBED else frozenset(probed(tuple(sorted(every, key=int))))


def more_addresses(count: int) -> Verdict:
    """Return the one verdict about ``count`` further addresses."""
    return Verdict(code="MORE_ADDRESSES", args={"count": count, "most": ADDRESSES_PROBED}, detail=f"+{count}")
