"""Finds the prefixes under which a network reaches IPv4 through NAT64, and the addresses inside them.

The network's resolver reveals them (RFC 7050 §3) in the addresses that it synthesises for a name with well-known IPv4
addresses, in one of the forms of RFC 6052 §2.2.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from auditor.facts.addresses import RFC6052_LENGTHS, embed
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.vantage import ResolverFact

_WELL_KNOWN = (IPv4Address("192.0.0.170"), IPv4Address("192.0.0.171"))
_MOST = 8


def nat64_prefixes(selftests: EvidenceSet) -> tuple[IPv6Network, ...]:
    """Return the prefixes that a vantage's resolvers showed in its self-test; empty where there is no DNS64."""
    facts = (fact for _, fact in selftests.of(ResolverFact) if fact.step == "dns64")
    found = {prefix: None for fact in facts for address in fact.addresses if (prefix := _prefix(address)) is not None}
    return tuple(sorted(found)[:_MOST])


def _prefix(address: IPAddress) -> IPv6Network | None:
    """Return the longest prefix under which an address embeds a well-known IPv4 address; None if it embeds none."""
    if not isinstance(address, IPv6Address):
        return None
    for length in sorted(RFC6052_LENGTHS, reverse=True):
        if any(embed(address, known, length) == address for known in _WELL_KNOWN):
            return IPv6Network((address, length), strict=False)
    return None


def is_translated(address: IPAddress, prefixes: Iterable[IPv6Network]) -> bool:
    """True if packets to an address go through NAT64, so that an IPv4 host answers them."""
    return address.version == 6 and any(address in prefix for prefix in prefixes)
