"""Reads the declared user networks: the routers and DHCPv6 servers that are allowed at a site.

The words are tags of any row with that site: ``ra=SENDER`` for each router that may advertise itself, ``dhcpv6-server=
SENDER`` for each DHCPv6 server or relay (SENDER is a link-local or a MAC address), ``ra-prefix=PREFIX`` for each prefix
that may be announced there, ``no-dhcpv6`` where there must be no server. Invalid values are left out: they were
reported when the inventory was read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from inventory.model import Kind, Subject, SubjectId

LAN_KINDS = frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL, Kind.CONNECTION_POINT})
"""Kinds of subjects at a site with a user network."""
EDGE_KINDS = frozenset({Kind.ROUTER, Kind.FIREWALL})
"""Kinds of devices between a user network and the rest."""
PREFIX = "lan:"
"""The prefix of a site's name among the networks of a vantage."""
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLan:
    """Holds one user network.

    ``owner`` is the row that its findings stand with, ``edge`` the router or firewall that must let no forged sources
    out of it; senders as ``sender`` writes them.
    """

    site: str
    owner: SubjectId
    edge: SubjectId | None = None
    routers: frozenset[str] = frozenset()
    servers: frozenset[str] = frozenset()
    prefixes: tuple[IPv6Network, ...] = ()
    no_dhcp: bool = False


def lans(subjects: Iterable[Subject]) -> Mapping[str, DeclaredLan]:
    """Return the LANs by site.

    The owner is the first row that declares a LAN (``lan=NAME``) or senders on it, else the first; the edge is the same
    among routers and firewalls.
    """
    rows: dict[str, list[Subject]] = {}
    for subject in subjects:
        if subject.declared.site and subject.kinds & LAN_KINDS:
            rows.setdefault(subject.declared.site, []).append(subject)
    return {site: _lan(site, of_site) for site, of_site in rows.items()}


def _lan(site: str, rows: list[Subject]) -> DeclaredLan:
    telling = [row for row in rows if any(row.tag_values(key) for key in ("lan", "ra", "dhcpv6-server", "ra-prefix"))]
    edges = [row for row in (*telling, *rows) if row.kinds & EDGE_KINDS]
    prefixes = (prefix_of(text) for row in rows for text in row.tag_values("ra-prefix"))
    return DeclaredLan(
        site=site,
        owner=(telling or rows)[0].id,
        edge=edges[0].id if edges else None,
        routers=_senders(rows, "ra"),
        servers=_senders(rows, "dhcpv6-server"),
        prefixes=tuple(prefix for prefix in prefixes if prefix is not None),
        no_dhcp=any(row.has_tag("no-dhcpv6") for row in rows),
    )


def _senders(rows: Iterable[Subject], key: str) -> frozenset[str]:
    found = (sender(text) for row in rows for text in row.tag_values(key))
    return frozenset(text for text in found if text is not None)


def sender(text: str) -> str | None:
    """Return a link-local or MAC address in one way of writing, None when it is neither."""
    plain = text.lower()
    if _MAC.fullmatch(plain):
        return plain.replace("-", ":")
    try:
        address = IPv6Address(plain)
    except ValueError:
        return None
    return str(address) if address.is_link_local and address.scope_id is None else None


def prefix_of(text: str) -> IPv6Network | None:
    try:
        return IPv6Network(text, strict=False)
    except ValueError:
        return None
