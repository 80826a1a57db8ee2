"""What the makers of network software say about IPv6 in it: claims, not evidence (CHECKS ``ipv6.device.capability``).

By the enterprise number of sysObjectID and a pattern in sysDescr. Only families whose documentation describes IPv6
forwarding and management are here; that a family is missing says nothing about it.
"""

import re
from dataclasses import dataclass

from probes.wire.snmp.tree import Oid


@dataclass(frozen=True, slots=True)
class Claim:
    """``software`` as the maker calls it; ``pattern`` is looked for in sysDescr."""

    enterprise: int
    pattern: re.Pattern[str]
    software: str


def _claim(enterprise: int, pattern: str, software: str) -> Claim:
    return Claim(enterprise, re.compile(pattern, re.IGNORECASE), software)


CLAIMS = (
    _claim(9, r"IOS[ -]XE", "Cisco IOS XE"),
    _claim(9, r"IOS XR", "Cisco IOS XR"),
    _claim(9, r"NX-OS", "Cisco NX-OS"),
    _claim(2011, r"\bV[28]00R0", "Huawei VRP V200R/V800R"),
    _claim(2636, r"\bJUNOS\b", "Junos OS"),
    _claim(12356, r"", "FortiOS"),
    _claim(14988, r"^RouterOS", "MikroTik RouterOS"),
    _claim(25461, r"", "PAN-OS"),
    _claim(30065, r"\bEOS\b", "Arista EOS"),
    _claim(8072, r"^Linux ", "Linux"),
)


def claimed(object_id: Oid | None, described: str) -> str | None:
    """The software whose maker says that it does IPv6; None when none is known here."""
    number = object_id[6] if object_id is not None and len(object_id) > 6 else None
    found = (one.software for one in CLAIMS if one.enterprise == number and one.pattern.search(described))
    return next(found, None)
