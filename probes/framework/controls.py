"""The names that recursive resolvers are asked for, by the keys under which planning hands them to the probe."""

ORDINARY = "ordinary"
AAAA_ONLY = "aaaa-only"
IPV6_ONLY_ZONE = "ipv6-only-zone"
ROOTS = "roots"
"""Names of root servers, separated by spaces: everybody knows them, and they have both families."""
ROOTS_NAMED = 6
ANCHORS = "anchors"
"""Addresses on the Internet, separated by spaces, that must not answer from inside TSLCD."""
MANAGEMENT = "management"
"""``ADDRESS#PORT`` of the management of other agencies, separated by spaces, which must not accept from here."""
