"""Choose the IPv6 addresses of a subject that are judged."""

from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.targets import JudgedTargets
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet


def judged_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPv6Address, ...]:
    """The addresses that checks of paths and hosts judge: what a web service publishes wrongly is addr-sane's finding;
    a device is met wherever it was declared to be."""
    if subject.kinds & WEB_KINDS:
        return usable_v6(subject, evidence, ctx)
    return own(subject, evidence, ctx, "AAAA").v6


def v6_targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[IPv6Address]:
    """Return each of these addresses. Where there is none, DNS_CODES and NO_IPV6_ADDRESS of ``not_judged`` tell why."""
    look, found = own(subject, evidence, ctx, "AAAA"), judged_v6(subject, evidence, ctx)
    none = Verdict(code="NO_ADDRESS", args={"name": look.name}, evidence=look.evidence)
    return JudgedTargets(found=found, nothing=none if look.known else not_judged.dns(look))
