"""Chooses the IPv6 addresses of a subject that are judged."""

from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.targets import JudgedTargets
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet


def judged_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPv6Address, ...]:
    """Return the addresses that checks of paths and hosts judge.

    For a web service these are the usable ones: an unusable published address is the finding of addr-sane. A device is
    judged at every declared address.
    """
    if subject.kinds & WEB_KINDS:
        return usable_v6(subject, evidence, ctx)
    return own(subject, evidence, ctx, "AAAA").v6


def v6_targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[IPv6Address]:
    """Return the judged IPv6 addresses as targets.

    If there are none, DNS_CODES and NO_IPV6_ADDRESS of ``not_judged`` state the reason.
    """
    look, found = own(subject, evidence, ctx, "AAAA"), judged_v6(subject, evidence, ctx)
    none = Verdict(code="NO_ADDRESS", args={"name": look.name}, evidence=look.evidence)
    return JudgedTargets(found=found, nothing=none if look.known else not_judged.dns(look))
