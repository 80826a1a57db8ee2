"""Names the SNMP objects that are read (CHECKS §3) as their MIBs do; ``mib2`` objects are below 1.3.6.1.2.1."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Network

from probes.wire.snmp.tree import Oid, oid_of


def _at(text: str) -> Oid:
    found = oid_of(text)
    if found is None:
        raise ValueError(text)
    return found


@lru_cache(maxsize=1_024)  # most calls are for one of the few hundred columns here
def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


_MIB2 = (1, 3, 6, 1, 2, 1)
ENTERPRISES = (1, 3, 6, 1, 4, 1)


def enterprise(object_id: Oid | None) -> int:
    """Return the manufacturer's number in a sysObjectID (IANA, Private Enterprise Numbers); 0 if it has none."""
    inside = object_id is not None and object_id[:6] == ENTERPRISES and len(object_id) > len(ENTERPRISES)
    return object_id[6] if inside and object_id is not None else 0


# SNMPv2-MIB (RFC 3418)
SYS_DESCR = (*_MIB2, 1, 1, 0)
SYS_OBJECT_ID = (*_MIB2, 1, 2, 0)
SYS_UP_TIME = (*_MIB2, 1, 3, 0)
SYS_NAME = (*_MIB2, 1, 5, 0)
SYS_SERVICES = (*_MIB2, 1, 7, 0)

# IF-MIB (RFC 2863)
IF_DESCR = (*_MIB2, 2, 2, 1, 2)
IF_TYPE = (*_MIB2, 2, 2, 1, 3)
IF_MTU = (*_MIB2, 2, 2, 1, 4)
IF_ADMIN = (*_MIB2, 2, 2, 1, 7)
IF_OPER = (*_MIB2, 2, 2, 1, 8)
IF_NAME = (*_MIB2, 31, 1, 1, 1, 1)
IF_HC_IN_OCTETS = (*_MIB2, 31, 1, 1, 1, 6)
IF_HC_OUT_OCTETS = (*_MIB2, 31, 1, 1, 1, 10)
IF_ALIAS = (*_MIB2, 31, 1, 1, 1, 18)
IF_HIGH_SPEED = (*_MIB2, 31, 1, 1, 1, 15)
IF_STACK_STATUS = (*_MIB2, 31, 1, 2, 1, 3)
"""ifStackStatus: a row for each interface layered on another; index: the higher, the lower."""
IF_CONNECTOR = (*_MIB2, 31, 1, 1, 1, 17)
VLAN_NAME = (*_MIB2, 17, 7, 1, 4, 3, 1, 1)
"""dot1qVlanStaticName (RFC 4363)."""
IF_DISCONTINUITY = (*_MIB2, 31, 1, 1, 1, 19)

# IP-MIB (RFC 4293)
IP_FORWARDING = (*_MIB2, 4, 1, 0)
IP_ADDR_ENTRY = (*_MIB2, 4, 20, 1)
IPV6_FORWARDING = (*_MIB2, 4, 25, 0)
IPV6_INTERFACE_ENTRY = (*_MIB2, 4, 30, 1)
IPV6_INTERFACE_ENABLE = (*_MIB2, 4, 30, 1, 5)
IPV6_INTERFACE_FORWARDING = (*_MIB2, 4, 30, 1, 8)
IP_SYSTEM_STATS_ENTRY = (*_MIB2, 4, 31, 1, 1)
IP_IF_STATS_ENTRY = (*_MIB2, 4, 31, 3, 1)
IP_ADDRESS_PREFIX_ENTRY = (*_MIB2, 4, 32, 1)
IP_ADDRESS_ENTRY = (*_MIB2, 4, 34, 1)
IP_NET_TO_PHYSICAL_ENTRY = (*_MIB2, 4, 35, 1)
IP_DEFAULT_ROUTER_ENTRY = (*_MIB2, 4, 37, 1)
IPV6_ROUTER_ADVERT_ENTRY = (*_MIB2, 4, 39, 1)
ICMP_MSG_STATS_ENTRY = (*_MIB2, 5, 30, 1)
STATS_IN_OCTETS, STATS_OUT_OCTETS, STATS_DISCONTINUITY = 6, 33, 46
"""The columns of ipSystemStatsTable and ipIfStatsTable: the 64-bit octets, and the time since which they count."""
STATS_IPV4, STATS_IPV6 = 1, 2
"""The ipVersion values of these tables (InetVersion, RFC 4001)."""

# IP-FORWARD-MIB (RFC 4292)
INET_CIDR_ROUTE_ENTRY = (*_MIB2, 4, 24, 7, 1)


def route(entry: Oid, column: int, network: IPv6Network) -> Oid:
    """Return a column of inetCidrRouteTable at a network; its index begins with type, length, address and prefix."""
    return (*entry, column, 2, 16, *network.network_address.packed, network.prefixlen)


def legacy_route(column: int, network: IPv6Network) -> Oid:
    """Return a column of ipv6RouteTable at a network: its index begins with address and prefix length."""
    return (*LEGACY_ROUTE_ENTRY, column, *network.network_address.packed, network.prefixlen)


EVERYWHERE = tuple(IPv6Network(text) for text in ("::/0", "2000::/3", "::/1", "::/2"))
"""The networks that contain all global unicast addresses: a route to one of them is a default route."""


def interfaces_of_routes(networks: Iterable[IPv6Network]) -> tuple[Oid, ...]:
    """Return the columns of all tables that show the interface of a route to the networks."""
    entries = (INET_CIDR_ROUTE_ENTRY, CISCO_ROUTE_ENTRY)
    return tuple(
        column
        for network in networks
        for column in (*(route(entry, 7, network) for entry in entries), legacy_route(4, network))
    )


def default_route(entry: Oid, column: int) -> Oid:
    """Return a column of inetCidrRouteTable at ::/0."""
    return route(entry, column, EVERYWHERE[0])


# IPV6-MIB (RFC 2465, historic)
LEGACY_FORWARDING = (*_MIB2, 55, 1, 1, 0)
LEGACY_IF_ENTRY = (*_MIB2, 55, 1, 5, 1)
LEGACY_IF_ADMIN = (*_MIB2, 55, 1, 5, 1, 9)
LEGACY_IF_OPER = (*_MIB2, 55, 1, 5, 1, 10)
LEGACY_ADDR_ENTRY = (*_MIB2, 55, 1, 8, 1)
LEGACY_ROUTE_ENTRY = (*_MIB2, 55, 1, 11, 1)
LEGACY_NEIGHBOUR_ENTRY = (*_MIB2, 55, 1, 12, 1)

# ENTITY-MIB (RFC 6933)
ENT_CLASS = (*_MIB2, 47, 1, 1, 1, 1, 5)
ENT_FIRMWARE = (*_MIB2, 47, 1, 1, 1, 1, 9)
ENT_SOFTWARE = (*_MIB2, 47, 1, 1, 1, 1, 10)
ENT_SERIAL = (*_MIB2, 47, 1, 1, 1, 1, 11)
ENT_MAKER = (*_MIB2, 47, 1, 1, 1, 1, 12)
ENT_MODEL = (*_MIB2, 47, 1, 1, 1, 1, 13)

ENT_DESCR = (*_MIB2, 47, 1, 1, 1, 1, 2)
ENT_NAME = (*_MIB2, 47, 1, 1, 1, 1, 7)

# UPS-MIB (RFC 1628)
UPS_BATTERY_STATUS = (*_MIB2, 33, 1, 2, 1, 0)
UPS_SECONDS_ON_BATTERY = (*_MIB2, 33, 1, 2, 2, 0)
UPS_MINUTES_LEFT = (*_MIB2, 33, 1, 2, 3, 0)
UPS_OUTPUT_SOURCE = (*_MIB2, 33, 1, 4, 1, 0)
UPS_ALARMS = (*_MIB2, 33, 1, 6, 1, 0)

# Optical power that ports receive
ENTITY_SENSOR_ENTRY = (*_MIB2, 99, 1, 1, 1)
"""ENTITY-SENSOR-MIB (RFC 3433)."""
CISCO_SENSOR_ENTRY = _at("1.3.6.1.4.1.9.9.91.1.1.1.1")
JUNIPER_RX_POWER = _at("1.3.6.1.4.1.2636.3.60.1.1.1.1.5")
JUNIPER_RX_LEAST = _at("1.3.6.1.4.1.2636.3.60.1.1.1.1.10")
"""jnxDomCurrentRxLaserPower and its LowAlarmThreshold."""
HUAWEI_RX_POWER = _at("1.3.6.1.4.1.2011.5.25.31.1.1.3.1.8")
HUAWEI_TX_POWER = _at("1.3.6.1.4.1.2011.5.25.31.1.1.3.1.9")
HUAWEI_RX_LEAST = _at("1.3.6.1.4.1.2011.5.25.31.1.1.3.1.13")
"""hwEntityOpticalRxPower, its TxPower and RxLowThreshold."""
MIKROTIK_OPTICAL_NAME = _at("1.3.6.1.4.1.14988.1.1.19.1.1.2")
MIKROTIK_RX_POWER = _at("1.3.6.1.4.1.14988.1.1.19.1.1.10")

# VRRPV3-MIB (RFC 6527)
VRRP_STATUS = (*_MIB2, 207, 1, 1, 1, 1, 6)
"""vrrpv3OperationsStatus; index: interface, virtual router, address type."""

# CISCO-HSRP-MIB
HSRP_STATE = _at("1.3.6.1.4.1.9.9.106.1.2.1.1.15")
"""cHsrpGrpStandbyState; index: interface, group."""

# HOST-RESOURCES-MIB (RFC 2790)
HOST_UP_TIME = (*_MIB2, 25, 1, 1, 0)

# Routing and neighbours
BGP_LOCAL_AS = (*_MIB2, 15, 2, 0)
"""bgpLocalAs (RFC 4273); 0 where no BGP runs."""
OSPFV3_ADMIN = (*_MIB2, 191, 1, 1, 2, 0)
OSPFV3_NBR_ENTRY = (*_MIB2, 191, 1, 9, 1)
OSPFV3_NBR_STATE = (*OSPFV3_NBR_ENTRY, 8)
HUAWEI_OSPFV3_NBR = _at("1.3.6.1.4.1.2011.5.25.147.1.8.1.8")
OSPF_NBR_STATE = (*_MIB2, 14, 10, 1, 6)
ISIS_ADJ_STATE = (*_MIB2, 138, 1, 6, 1, 1, 2)
TUNNEL_METHOD = (*_MIB2, 10, 131, 1, 1, 1, 1, 3)

# Neighbours on a link (IEEE 802.1AB, 2005 and 2009; CISCO-CDP-MIB)
LLDP_LOC_CHASSIS = _at("1.0.8802.1.1.2.1.3.2.0")
LLDP_REM_ENTRY = _at("1.0.8802.1.1.2.1.4.1.1")
LLDP_REM_MAN_ADDR = _at("1.0.8802.1.1.2.1.4.2.1.4")
LLDP_V2_LOC_CHASSIS = _at("1.3.111.2.802.1.1.13.1.3.2.0")
LLDP_V2_REM_ENTRY = _at("1.3.111.2.802.1.1.13.1.4.1.1")
LLDP_V2_REM_MAN_ADDR = _at("1.3.111.2.802.1.1.13.1.4.2.1.4")
CDP_CACHE_ENTRY = _at("1.3.6.1.4.1.9.9.23.1.2.1.1")

# BGP peers over IPv6 (BGP4-MIB has IPv4 peers only)
BGP4V2_PEER_STATE = _at("1.3.6.1.3.5.1.1.2.1.13")  # the draft's number, which FRR uses
BGP4V2_ROUTE_BEST = (*_at("1.3.6.1.3.5.1.1.9.1.9"), 1, 2)  # instance 1, IPv6; FRR continues from no longer index
CISCO_PEER3_STATE = _at("1.3.6.1.4.1.9.9.187.1.2.9.1.5")
CISCO_PEER2_STATE = _at("1.3.6.1.4.1.9.9.187.1.2.5.1.3")
CISCO_PEER2_ACCEPTED = _at("1.3.6.1.4.1.9.9.187.1.2.8.1.1")
JUNIPER_PEER_STATE = _at("1.3.6.1.4.1.2636.5.1.1.2.1.1.1.2")
HUAWEI_PEER_STATE = _at("1.3.6.1.4.1.2011.5.25.177.1.1.2.1.5")
ARISTA_PEER_STATE = _at("1.3.6.1.4.1.30065.4.1.1.2.1.13")
DELL_PEER_STATE = _at("1.3.6.1.4.1.674.11000.5000.200.1.1.2.1.13")
H3C_PEER_STATE = _at("1.3.6.1.4.1.25506.2.183.1.1.1.3")
"""hh3cBgp4v2PeerState; its index is only the IPv6 address."""
NOKIA_PEER_STATE = _at("1.3.6.1.4.1.6527.3.1.2.14.4.7.1.59")
"""tBgpPeerNgConnState (TIMETRA-BGP-MIB); its index begins with the virtual router, so no context is needed."""

# Addresses of vendors
CISCO_ADDRESS_ENTRY = _at("1.3.6.1.4.1.9.10.86.1.1.2.1")
CISCO_URPF_CHECK = _at("1.3.6.1.4.1.9.9.451.1.3.1.1.4")
"""cipUrpfIfCheckStrict: a row for each interface and IP version with source checks (CISCO-IP-URPF-MIB)."""
CISCO_FORWARDING = _at("1.3.6.1.4.1.9.10.86.1.2.1.0")
HUAWEI_IF_ENABLE = _at("1.3.6.1.4.1.2011.5.25.153.1.1.1.2")
HUAWEI_GLOBAL_ADDR = _at("1.3.6.1.4.1.2011.5.25.153.1.4.1.1")
CISCO_NEIGHBOUR_ENTRY = _at("1.3.6.1.4.1.9.10.86.1.1.3.1")
CISCO_ROUTE_ENTRY = _at("1.3.6.1.4.1.9.10.85.7.1")
NEIGHBOUR_TABLES = (IP_NET_TO_PHYSICAL_ENTRY, CISCO_NEIGHBOUR_ENTRY, LEGACY_NEIGHBOUR_ENTRY)
"""The tables that show neighbours over IPv6."""
TPLINK_ADDR_ENTRY = _at("1.3.6.1.4.1.11863.6.50.1.1.1")

# First-hop security tables of manufacturers; there is no standard MIB
HP_RA_GUARD_BLOCKED = _at("1.3.6.1.4.1.11.2.14.11.5.1.87.1.1.1.1.1")
CISCO_SB_RA_GUARD_VLANS = _at("1.3.6.1.4.1.9.6.1.101.215.3.6.1")
JUNIPER_IPV6_IF_ENTRY = _at("1.3.6.1.4.1.2636.3.11.1.3.1.1")

FIRST_ROUTES = ((*INET_CIDR_ROUTE_ENTRY, 7, 2), (*CISCO_ROUTE_ENTRY, 7, 2), (*LEGACY_ROUTE_ENTRY, 4))
"""The columns with the interface of each IPv6 route; only the first row of each is requested."""

IN_CONTEXTS = (
    IP_ADDRESS_ENTRY,
    IP_ADDRESS_PREFIX_ENTRY,
    IP_NET_TO_PHYSICAL_ENTRY,
    IP_DEFAULT_ROUTER_ENTRY,
    VRRP_STATUS,
    OSPFV3_NBR_STATE,
    OSPF_NBR_STATE,
    ISIS_ADJ_STATE,
    BGP4V2_PEER_STATE,
    CISCO_PEER2_STATE,
    CISCO_PEER2_ACCEPTED,
    JUNIPER_PEER_STATE,
    HUAWEI_PEER_STATE,
    ARISTA_PEER_STATE,
    *(
        route(entry, column, network)
        for entry in (INET_CIDR_ROUTE_ENTRY, CISCO_ROUTE_ENTRY)
        for network in EVERYWHERE[:2]
        for column in (7, 8, 17)
    ),
)
"""The objects that each virtual network has separately (CHECKS §2.5, trap D6)."""
