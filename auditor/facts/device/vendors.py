"""Names makers by the enterprise number of a sysObjectID (IANA Private Enterprise Numbers)."""

from collections.abc import Mapping

from probes.wire.snmp.tree import Oid

_ENTERPRISES = (1, 3, 6, 1, 4, 1)
MAKERS: Mapping[int, str] = {
    2: "IBM",
    9: "Cisco",
    11: "HP",
    42: "Sun",
    43: "3Com",
    94: "Nokia",
    161: "Motorola",
    171: "D-Link",
    193: "Ericsson",
    207: "Allied Telesis",
    232: "Compaq",
    311: "Microsoft",
    343: "Intel",
    534: "Eaton",
    674: "Dell",
    789: "NetApp",
    868: "Transition Networks",
    890: "Zyxel",
    1271: "Ciena",
    1588: "Brocade",
    1916: "Extreme Networks",
    1991: "Foundry",
    2011: "Huawei",
    2272: "Nortel",
    2440: "EfficientIP",
    2604: "Sophos",
    2620: "Check Point",
    2636: "Juniper",
    3224: "NetScreen",
    3320: "BDCOM",
    3375: "F5",
    3807: "FiberHome",
    3902: "ZTE",
    4413: "Broadcom",
    4526: "Netgear",
    4881: "Ruijie",
    5651: "Maipu",
    6027: "Force10",
    6141: "Ciena",
    6296: "Dasan",
    6486: "Alcatel-Lucent Enterprise",
    6527: "Nokia",
    6876: "VMware",
    7367: "DrayTek",
    7779: "Infoblox",
    8072: "Net-SNMP",
    8741: "SonicWall",
    8886: "Raisecom",
    10002: "Ubiquiti",
    11863: "TP-Link",
    12325: "FreeBSD",
    12356: "Fortinet",
    14823: "Aruba",
    14988: "MikroTik",
    17163: "Riverbed",
    17409: "C-Data",
    17713: "Cambium",
    22610: "A10 Networks",
    24681: "QNAP",
    25049: "Opengear",
    25053: "Ruckus",
    25461: "Palo Alto Networks",
    25506: "H3C",
    26866: "Gigamon",
    27514: "QTECH",
    30065: "Arista",
    30803: "Vyatta",
    35098: "Pica8",
    35265: "Eltex",
    36673: "IP Infusion",
    39165: "Hikvision",
    40310: "Cumulus Networks",
    41112: "Ubiquiti",
    43191: "Metamako",
    44641: "VyOS",
    47196: "Aruba",
    47565: "Forcepoint",
    48690: "Teltonika",
    50536: "TrueNAS",
    52642: "FS",
}


_VENDORS: Mapping[int, str] = {
    9: "cisco",
    2011: "huawei",
    2636: "juniper",
    8072: "netsnmp",
    12356: "fortinet",
    14988: "mikrotik",
}
"""Makers with commands in ``remedies``."""


_SOFTWARE_ROUTERS = frozenset({2021, 8072, 12325, 30803, 44641})
"""Enterprise numbers of agents on machines that forward every packet in the kernel.

They are those of UCD and Net-SNMP, FreeBSD, Vyatta, VyOS.
"""


def forwards_in_software(object_id: Oid | None) -> bool:
    """True if a device is known to forward every packet by its processor, so that its counters see all packets.

    With hardware forwarding, the processor sees only the exceptions.
    """
    if object_id is None or len(object_id) < 7 or object_id[:6] != _ENTERPRISES:
        return False
    return object_id[6] in _SOFTWARE_ROUTERS


def mtu_is_of_ip(object_id: Oid | None) -> bool:
    """True if the device is known to report the MTU of IP as ifMtu.

    On others that may be the size of frames, with a smaller MTU of IP set apart (``ipv6 mtu``, ``family inet6 mtu``).
    """
    is_mikrotik = vendor_of(object_id) == _VENDORS[14988]  # which has the MTU of frames in a table of its own
    return is_mikrotik or forwards_in_software(object_id)


def vendor_of(object_id: Oid | None) -> str | None:
    """Return the maker's word in ``fix.<vendor>``, None if there is none."""
    if object_id is None or len(object_id) < 7 or object_id[:6] != _ENTERPRISES:
        return None
    return _VENDORS.get(object_id[6])


def vendor_of_engine(engine_id: bytes | None) -> str | None:
    """Return that word by an SNMP engine id, which begins with its maker's number (RFC 3411 §5)."""
    if engine_id is None or len(engine_id) < 5 or not engine_id[0] & 0x80:
        return None
    return _VENDORS.get(int.from_bytes(engine_id[:4]) & 0x7FFFFFFF)


def maker(object_id: Oid | None) -> str | None:
    """Return the maker's name, None if its number is not known here."""
    if object_id is None or len(object_id) < 7 or object_id[:6] != _ENTERPRISES:
        return None
    return MAKERS.get(object_id[6])
