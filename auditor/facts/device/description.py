"""Describes a device in one line: model, software, IPv6 addresses, forwarding, router advertisements.

It contains only what the device itself reported, and unknown otherwise; nothing here is a verdict.
"""

from dataclasses import dataclass

from auditor.facts.device.answers import answered
from auditor.facts.device.vendors import maker
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Tree

_CHASSIS = 3  # entPhysicalClass chassis (RFC 6933)
_YES, _NO = 1, 2
_FORWARDING = (oids.IPV6_FORWARDING, oids.CISCO_FORWARDING, oids.LEGACY_FORWARDING)
_SENDS = (*oids.IPV6_ROUTER_ADVERT_ENTRY, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """Holds the facts that describe a device.

    ``addresses``: only IPv6, without link-local and loopback addresses. ``forwarding``: whether it forwards IPv6.
    ``announcing``: the interfaces that send router advertisements; None if it has no table of them. ``access``: the
    SNMP version and algorithms in use, ``v3 sha256 aes128``.
    """

    model: str
    software: str
    addresses: tuple[IPAddress, ...]
    forwarding: bool | None
    announcing: tuple[str, ...] | None
    access: str


def device_facts(name: str, evidence: EvidenceSet) -> DeviceFacts | None:
    """Return the description of a device, None if it answered no question over SNMP."""
    device = answered(name, evidence)
    if device is None:
        return None
    tree, (model, software) = device.tree, chassis(device.tree)
    sends = tree.integers(_SENDS)
    session = device.sessions[0]
    return DeviceFacts(
        model=model or maker(tree.oid(oids.SYS_OBJECT_ID)) or "",
        software=software or tree.text(oids.SYS_DESCR) or "",
        addresses=tuple(dict.fromkeys(interface.address for interface in device.v6 if _shown(interface.address))),
        forwarding=forwarding(tree),
        announcing=tuple(
            device.interface(index[0]) for index, sending in sorted(sends.items()) if index and sending == _YES
        )
        if sends
        else None,
        access=" ".join(part for part in (f"v{session.version}", session.auth, session.priv) if part),
    )


def _shown(address: IPAddress) -> bool:
    return not (address.is_link_local or address.is_loopback)


def chassis(tree: Tree) -> tuple[str, str]:
    """Return maker with model, and software, of the first chassis (ENTITY-MIB); empty strings if it has none."""
    for index, kind in sorted(tree.integers(oids.ENT_CLASS).items()):
        if kind == _CHASSIS:
            said = [tree.texts(column).get(index) for column in (oids.ENT_MAKER, oids.ENT_MODEL)]
            return " ".join(filter(None, said)), tree.texts(oids.ENT_SOFTWARE).get(index) or ""
    return "", ""


def forwarding(tree: Tree) -> bool | None:
    """Return whether the device as a whole forwards IPv6, by the first table with a value; None if there is none."""
    state = next((value for oid in _FORWARDING if (value := tree.integer(oid)) in (_YES, _NO)), None)
    return None if state is None else state == _YES
