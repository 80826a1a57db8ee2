"""Tells whether the sibling name of a site was published, or is only synthesised by a wildcard."""

from auditor.facts.dns.names import Lookup, lookup
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet
from probes.framework.siblings import beside


def may_be_of_a_wildcard(evidence: EvidenceSet, ctx: Context, found: Lookup) -> bool:
    """True if a name that resolves may do so only because a wildcard matches every name beside it.

    Also true if the question for the wildcard was not answered. False if an older probe did not ask it.
    """
    nobodys = lookup(evidence, ctx, beside(found.name), found.rtype, "wildcard")
    return bool(nobodys.evidence) and (not nobodys.known or not {*nobodys.records}.isdisjoint(found.records))
