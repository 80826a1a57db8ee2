"""Picks the terms of a domain's own SPF record that have no effect or not the intended one."""

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
"""Mechanisms that allow the hosts of a name, and the record type that lists these."""


def behind_all(records: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the term ``all`` of a good record, and the allowing terms that it makes ineffective (RFC 7208 §5.1, §6.1).

    A second ``all`` is only redundant, and not listed. Both are empty if there is no ``all`` or it is ``+all``.
    """
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
    """Return the allowing terms if all of them are private addresses, else none."""
    private = [term.text for _, term in spf.granting if term.network is not None and _is_private(term.network)]
    return tuple(dict.fromkeys(private)) if len(private) == len(spf.granting) else ()


def _is_private(network: IPv4Network | IPv6Network) -> bool:
    return any(
        inner.version == network.version and network.network_address in inner and network.prefixlen >= inner.prefixlen
        for inner in _PRIVATE
    )


def unowned_by(term: Term, evidence: EvidenceSet, ctx: Context) -> tuple[Lookup, str]:
    """Return the lookup for a term ``a`` or ``mx``, and the unregistered domain it leads to, empty if there is none."""
    look = lookup(evidence, ctx, canonical(term.domain), _BY_NAME.get(term.name, "A"), "spf")
    return look, unowned_domain(look, evidence, ctx) if term.name in _BY_NAME and term.domain else ""
