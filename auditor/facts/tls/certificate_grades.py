"""Grades a certificate by the parts that every client checks: its chain, its name and its dates.

The checks of each state it in their messages; ``ipv6.web.tls-parity`` compares addresses by the same measure.
"""

from datetime import timedelta

from auditor.facts.tls.certificates import Certificate, ChainTrust, covers, has_roots, trust
from auditor.facts.tls.presented import Served
from auditor.framework.context import Context
from auditor.framework.findings import Outcome

_CHAIN = {
    ChainTrust.TRUSTED: Outcome.PASS,
    ChainTrust.DECLARED: Outcome.WARN,
    ChainTrust.REPAIRED: Outcome.WARN,
    ChainTrust.DISPUTED: Outcome.INCONCLUSIVE,
}


def chain_ends(served: Served, ctx: Context) -> ChainTrust:
    """Return the trust of the chain at the time it was served, with the issuers that could be fetched."""
    reference = ctx.reference
    return trust(
        served.chain or (), reference.trust_roots, reference.declared_roots, served.seen, served.issuers.issuers
    )


def margin(leaf: Certificate, ctx: Context) -> timedelta:
    """Return the policy's days, or a quarter of the validity if less: ACME clients renew when a third is left."""
    days = timedelta(days=ctx.policy.threshold("security.tls.cert-expiry", "warn_days"))
    return min(days, leaf.lifetime / 4)


def grade(served: Served, host: str | None, ctx: Context) -> Outcome:
    """Return PASS, WARN, FAIL, or INCONCLUSIVE where two verifiers differ. Without roots no chain is untrusted."""
    if not served.chain:
        return Outcome.FAIL
    leaf = served.chain[0]
    named = host is None or covers(leaf, host)
    if not (named and leaf.not_before <= served.seen <= leaf.not_after):
        return Outcome.FAIL
    ends = _chain(served, ctx)
    soon = leaf.not_after - served.seen <= margin(leaf, ctx)
    return Outcome.WARN if soon and ends is Outcome.PASS else ends


def _chain(served: Served, ctx: Context) -> Outcome:
    if not has_roots(ctx.reference.trust_roots + ctx.reference.declared_roots):
        return Outcome.PASS
    how = chain_ends(served, ctx)
    untried = how is ChainTrust.INCOMPLETE and served.issuers.open_still
    return Outcome.WARN if untried else _CHAIN.get(how, Outcome.FAIL)
