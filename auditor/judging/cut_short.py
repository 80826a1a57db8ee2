"""Finds measurements cut short by time, by a peer's budget or by too many addresses, and limits verdicts by them."""

from collections.abc import Iterable
from dataclasses import replace

from auditor.framework.check import Check
from auditor.framework.findings import Reason, Verdict
from auditor.judging.evidence_guard import about, rests_on
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.framework.expand import ADDRESSES_PROBED, probed

_UNSPECIFIC = frozenset({"U_CUT", "NO_EVIDENCE", "NOT_DECIDED", "DNS_NOT_ASKED", "NOT_READ"})
"""Codes that say that something was not measured to its end, and not why."""


def named(verdict: Verdict, reason: Reason | None, evidence: EvidenceSet) -> Verdict:
    """The verdict; one that lacks what the time for one subject did not suffice for names the probes that were cut."""
    if reason is not Reason.CUT or verdict.code not in _UNSPECIFIC:
        return verdict
    ours = (one for one in evidence if about(one, verdict.address) or one.id in verdict.evidence)
    probes = sorted({one.probe for one in ours if one.is_out_of_time})
    return replace(verdict, code="OUT_OF_TIME", args={"probes": tuple(probes)}) if probes else verdict


def over_budget(check: Check, verdict: Verdict, reason: Reason | None, evidence: EvidenceSet) -> Verdict:
    """The verdict; one that was cut short because a peer took more than its budget says so."""
    steps = (
        step for envelope in rests_on(verdict, evidence) for step in envelope.steps if isinstance(step, check.needs)
    )
    over = (step.failure is not None and step.failure.kind is FailureKind.OVER_BUDGET for step in steps)
    return replace(verdict, code="OVER_BUDGET", args={}) if reason is Reason.CUT and any(over) else verdict


def tested(addresses: Iterable[IPAddress]) -> frozenset[IPAddress]:
    """Those that are probed of all the addresses of a name."""
    every = frozenset(addresses)
    return every if len(every) <= ADDRESSES_PROBED else frozenset(probed(tuple(sorted(every, key=int))))


def more_addresses(count: int) -> Verdict:
    """The one verdict about so many others."""
    return Verdict(code="MORE_ADDRESSES", args={"count": count, "most": ADDRESSES_PROBED}, detail=f"+{count}")
