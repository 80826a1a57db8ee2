"""Tells whether a router may have learned a route to every network of the Internet by BGP."""

from auditor.facts.device.answers import SeenDevice
from probes.wire.snmp import oids
from probes.wire.snmp.routing import PEER_TABLES, peers

_COUNTED = 64
"""How many routes are read at most from a table that is counted route by route: as many or more say nothing."""


def may_have_the_whole_table(device: SeenDevice) -> bool:
    """True if the router may have the whole table of the Internet, and so need no default route.

    It has a session over IPv6 of which not just a few prefixes were accepted, or of which nothing tells how many; or it
    runs BGP and has no table that could show such a session, as BGP4-MIB (RFC 4273) shows IPv4 peers alone.
    """
    sessions = peers(device.tree)
    if not sessions and not any(device.tree.has_below(root) for root in PEER_TABLES):
        return bool(device.tree.integer(oids.BGP_LOCAL_AS))
    accepted = [peer.accepted for peer in sessions if peer.state == "established"]
    return None in accepted or sum(filter(None, accepted)) >= _COUNTED
