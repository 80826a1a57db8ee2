"""Tell whether the other name of a site was published, or a wildcard makes it as it makes every name."""

from auditor.facts.dns.names import Lookup, lookup
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet
from probes.framework.siblings import beside


def may_be_of_a_wildcard(evidence: EvidenceSet, ctx: Context, found: Lookup) -> bool:
    """True if a name that leads somewhere may do so only because any name beside it does. An older probe did not ask;
    where nobody answered, it may."""
    nobodys = lookup(evidence, ctx, beside(found.name), found.rtype, "wildcard")
    return bool(nobodys.evidence) and (not nobodys.known or not {*nobodys.records}.isdisjoint(found.records))
