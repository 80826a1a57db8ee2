"""Distinguishes a device's physical ports from its other interfaces, by ifType (IANAifType-MIB) and by name."""

import re
from collections.abc import Iterator, Mapping

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import kind_of, layers
from probes.wire.snmp import oids

_ETHERNET = frozenset({6, 7, 62, 69, 117})
"""ifTypes ethernetCsmacd, iso88023Csmacd, fastEther, fastEtherFX and gigabitEthernet."""
_ACCESS_LINES = frozenset({94, 97, 238, 250})
"""ifTypes adsl, vdsl, adsl2plus and gpon."""
_CELLULAR, _AGGREGATE = 243, 161
"""ifTypes wwanPP and ieee8023adLag."""
_OF_VLANS = frozenset({135, 136})
"""ifTypes l2vlan and l3ipvlan."""
_VLAN = re.compile(r"(vlan|irb)\S*\d", re.IGNORECASE)
_TRUE, _PORT = 1, 10  # ifConnectorPresent, entPhysicalClass
_NO_PORT = re.compile(
    r"(vlan|lo\d|loop|null|npi|gre|erspan|sit\d|ip6|tun|tap|br\d|bridge|bond|veth|virbr|docker|dummy|ifb|imq|switch"
    r"|vti|wg\d|ppp|l2tp|internal|inband|eobc|cpu)\S*",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\S+[.:]\d+")
"""Matches sub-interfaces: ``eth6.500``."""
_RATES = frozenset({10, 100, 1_000, 2_500, 5_000, 10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000, 800_000})
"""Ethernet rates in Mbit/s."""
_FASTEST = 1_600_000
"""Highest rate of a port in Mbit/s; some agents show bits a second, or all ones for an unknown rate."""
_NET_SNMP, _EDGEOS = 8072, 41112
_UNKNOWN_SPEED = 10
"""Rate in Mbit/s that Net-SNMP shows for a link of unknown speed."""


def with_connector(device: SeenDevice) -> int:
    """Return the number of ports that show a connector."""
    connectors = device.tree.integers(oids.IF_CONNECTOR)
    kinds = _ETHERNET | _ACCESS_LINES | {_CELLULAR}
    return sum(1 for index in _of_kinds(device, kinds) if connectors.get((index,)) == _TRUE)


def in_entity_mib(device: SeenDevice) -> int | None:
    """Return the number of ports in the list of parts (ENTITY-MIB), including consoles.

    None if it lists none, or was not read completely.
    """
    count = sum(1 for kind in device.tree.integers(oids.ENT_CLASS).values() if kind == _PORT)
    return count if count and device.complete(oids.ENT_CLASS) else None


def shows_vlans(device: SeenDevice) -> bool:
    """True if the device has VLANs: in its bridge table, or as interfaces, which is all that routers show."""
    columns = (oids.IF_DESCR, oids.IF_NAME)
    named = any(_VLAN.fullmatch(text) for column in columns for text in device.tree.texts(column).values())
    kinds = set(device.tree.integers(oids.IF_TYPE).values())
    return named or bool(kinds & _OF_VLANS) or device.tree.has_below(oids.VLAN_NAME)


def line_rates(device: SeenDevice, index: int) -> Mapping[int, int]:
    """Return the speeds in Mbit/s of an interface and its aggregate, or of the ports below it, by ifIndex.

    Only interfaces with a line rate count. PPPoE, dial-up and cellular lines, tunnels and VLANs have none: the speed
    they show is a constant of the software.
    """
    rated, whole = frozenset(_of_kinds(device, _ETHERNET | _ACCESS_LINES | {_AGGREGATE})), layers(device, index)
    aggregates = (number for number in whole if kind_of(device, number) == _AGGREGATE)
    own = {index, *aggregates} if index in rated else whole
    speeds = device.tree.integers(oids.IF_HIGH_SPEED)
    said = {number: speeds.get((number,), 0) for number in sorted(rated & own)}
    return {number: speed for number, speed in said.items() if speed and not _is_unknown(device, speed)}


def has_bundle(device: SeenDevice) -> bool:
    return any(True for _ in _of_kinds(device, frozenset({_AGGREGATE})))


def is_configured(device: SeenDevice, index: int, speed: int) -> bool:
    """True if the speed of an Ethernet port is not an Ethernet rate, but a configured bandwidth.

    Devices of Cisco and others show the bandwidth set for routing and monitoring, not the rate of the port.
    """
    return kind_of(device, index) in _ETHERNET and speed not in _RATES


def _of_kinds(device: SeenDevice, kinds: frozenset[int]) -> Iterator[int]:
    """Yield interfaces of these types, except those that are no port by their name."""
    names = [device.tree.texts(column) for column in (oids.IF_DESCR, oids.IF_NAME)]
    for index, kind in device.tree.integers(oids.IF_TYPE).items():
        called = [name for table in names if (name := table.get(index))]
        if kind in kinds and len(index) == 1 and not any(_is_no_port(name) for name in called):
            yield index[0]


def _is_no_port(name: str) -> bool:
    return bool(_NO_PORT.fullmatch(name) or _UNIT.fullmatch(name))


def _is_unknown(device: SeenDevice, speed: int) -> bool:
    object_id = device.tree.oid(oids.SYS_OBJECT_ID) or ()
    if speed > _FASTEST:
        return True
    return speed == _UNKNOWN_SPEED and len(object_id) > 6 and object_id[6] in (_NET_SNMP, _EDGEOS)
