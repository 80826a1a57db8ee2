"""How many addresses an SPF record lets send: ranges that are too wide, and ranges that together are everybody."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from probes.wire.spf.record import Term
from probes.wire.spf.walk import Spf

_WIDEST = {4: 16, 6: 32}
"""The shortest prefixes that one organisation may well have."""
_EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))


def is_everybody(spf: Spf) -> bool:
    """Whether the ranges that are let in are all of IPv4 together, or all global IPv6 addresses."""
    networks = [term.network for _, term in spf.granting if term.network is not None]
    v4: list[IPv4Network] = [one for one in networks if isinstance(one, IPv4Network)]
    v6: list[IPv6Network] = [one for one in networks if isinstance(one, IPv6Network)]
    merged: list[IPv4Network | IPv6Network] = [*collapse_addresses(v4), *collapse_addresses(v6)]
    return any(_holds(one, everybody) for one in merged for everybody in _EVERYBODY)


def wide_terms(spf: Spf, *, own: bool) -> tuple[str, ...]:
    """The terms with a range that is too wide: of the domain's own records, or of those that others publish."""
    return tuple(dict.fromkeys(term.text for term in _of(spf, own=own) if _is_wide(term)))


def ptr_terms(spf: Spf) -> tuple[str, ...]:
    """The terms ``ptr`` of the domain's own records."""
    return tuple(dict.fromkeys(term.text for term in _of(spf, own=True) if term.name == "ptr"))


def _of(spf: Spf, *, own: bool) -> Iterator[Term]:
    domain = spf.place.lower()
    for place, term in spf.granting:
        name = place.lower().removesuffix(".")
        if (name == domain or name.endswith(f".{domain}")) is own:
            yield term


def _is_wide(term: Term) -> bool:
    if term.network is not None:
        return term.network.prefixlen < _WIDEST[term.network.version]
    return term.name in {"a", "mx"} and (term.lengths[0] < _WIDEST[4] or term.lengths[1] < _WIDEST[6])


def _holds(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and one.prefixlen <= other.prefixlen and other.network_address in one
