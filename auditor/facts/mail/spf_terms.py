"""Pick the terms of a domain's own SPF record that do not do what they were written for."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from auditor.facts.dns.dangling import unowned_domain
from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.framework.context import Context
from inventory.scope import PRIVATE_USE
from probes.framework.evidence import EvidenceSet
from probes.wire.mail.spf.record import Term, records_of, terms
from probes.wire.mail.spf.walk import Spf

_PRIVATE = (*PRIVATE_USE, ip_network("127.0.0.0/8"))
_BY_NAME = {"a": "A", "mx": "MX"}
"""Terms that let in the hosts of a name, and the type of the record that tells of these."""


def behind_all(records: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The term ``all`` of a good record, and the terms to let somebody in that it keeps from being read (RFC 7208 §5.1,
    §6.1). A second ``all`` is nothing but too much."""
    every = [term for text in records_of(records)[:1] for term in terms(text) if term.name]
    end = next((number for number, term in enumerate(every) if term.name == "all"), None)
    if end is None or every[end].qualifier == "+":
        return "", ()
    redirects = (term for term in every[:end] if term.name == "redirect")
    behind = (term for term in every[end + 1 :] if term.name == "redirect" or _lets_in(term))
    unread = (*redirects, *behind)
    return every[end].text, tuple(term.text[:80] for term in unread)


def _lets_in(term: Term) -> bool:
    return term.name != "all" and term.qualifier == "+"


def only_private(spf: Spf) -> tuple[str, ...]:
    """Return all terms that let somebody in, where these are addresses of inner networks alone; else none."""
    private = [term.text for _, term in spf.granting if term.network is not None and _is_private(term.network)]
    return tuple(dict.fromkeys(private)) if len(private) == len(spf.granting) else ()


def _is_private(network: IPv4Network | IPv6Network) -> bool:
    return any(
        inner.version == network.version and network.network_address in inner and network.prefixlen >= inner.prefixlen
        for inner in _PRIVATE
    )


def unowned_by(term: Term, evidence: EvidenceSet, ctx: Context) -> tuple[Lookup, str]:
    """What was looked up for a term ``a`` or ``mx``, and the domain that nobody owns to which it leads, if one."""
    look = lookup(evidence, ctx, canonical(term.domain), _BY_NAME.get(term.name, "A"), "spf")
    return look, unowned_domain(look, evidence, ctx) if term.name in _BY_NAME and term.domain else ""
