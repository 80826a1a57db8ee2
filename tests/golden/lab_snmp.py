"""Builds typed observations of a device's SNMP answers. A table is columns of index → value."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address

from inventory.model import DeclaredFacts, Kind, Subject
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.snmp import SnmpAttempt, SnmpGet, SnmpSession, SnmpWalk, Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid
from tests.golden import lab

Value = int | str | bytes | Oid
Table = Mapping[Oid, Mapping[Oid, Value]]

MANAGED = "198.51.100.1"
V6 = "2001:db8:c1::1"
CORE, UPLINK, LOOPBACK = 3, 2, 1
"""Interfaces: ge-0/0/3 (LAN), ge-0/0/2 (WAN), lo0."""
MODEL = "Huawei NE40E"


def router(*addresses: str, kind: Kind = Kind.ROUTER, device: str = MODEL, tags: tuple[str, ...] = ()) -> Subject:
    subject = lab.router(*(addresses or (MANAGED,)), kind=kind, kinds=frozenset({kind}), tags=tags)
    return replace(subject, services=lab.services(("snmp", 161)), declared=DeclaredFacts(device=device))


def bind(oid: Oid, value: Value) -> Varbind:
    match value:
        case int():
            return Varbind(dotted(oid), "int", str(value))
        case str():
            return Varbind(dotted(oid), "octets", value.encode().hex())
        case bytes():
            return Varbind(dotted(oid), "octets", value.hex())
        case _:
            return Varbind(dotted(oid), "oid", dotted(value))


def walk(root: Oid, columns: Table | None = None, *, stopped: str | None = None, address: str = MANAGED) -> SnmpWalk:
    pairs = [((*column, *index), value) for column, rows in (columns or {}).items() for index, value in rows.items()]
    return SnmpWalk(
        address=ip_address(address),
        port=161,
        profile="core",
        root=dotted(root),
        rows=tuple(bind(oid, value) for oid, value in sorted(pairs)),
        stopped=stopped,
        failure=Failure(kind=FailureKind.TIMEOUT) if stopped == "failure" else None,
    )


def scalars(values: Mapping[Oid, Value]) -> SnmpGet:
    return SnmpGet(
        address=ip_address(MANAGED),
        port=161,
        profile="core",
        oids=tuple(map(dotted, values)),
        rows=tuple(bind(oid, value) for oid, value in values.items()),
    )


def polled(*steps: Observation, address: str = MANAGED) -> Evidence:
    """Return evidence of a device that accepted its profile, with its answers."""
    session = SnmpSession(
        address=ip_address(address),
        port=161,
        engine="gufo",
        attempts=(SnmpAttempt("core", "3"),),
        profile="core",
        version="3",
    )
    return lab.evidence("snmp", session, *steps, task=f"{address}#161", endpoint=lab.at(address, 161, None))


def unopened(*attempts: SnmpAttempt, failure: FailureKind, detail: str = "", address: str = MANAGED) -> Evidence:
    session = SnmpSession(
        address=ip_address(address),
        port=161,
        engine="gufo",
        attempts=attempts,
        failure=Failure(kind=failure, detail=detail),
    )
    return lab.evidence("snmp", session, task=f"{address}#161", endpoint=lab.at(address, 161, None))


def silent(profile: str = "core", failure: FailureKind = FailureKind.TIMEOUT) -> Evidence:
    return unopened(SnmpAttempt(profile, "3", False, Failure(kind=failure)), failure=failure)


SYSTEM = scalars(
    {
        oids.SYS_DESCR: "Huawei Versatile Routing Platform Software, NE40E V800R021",
        oids.SYS_OBJECT_ID: (1, 3, 6, 1, 4, 1, 2011, 2, 62, 2, 3),
        oids.IPV6_FORWARDING: 1,
    }
)
INTERFACES = (
    walk(oids.IF_DESCR, {oids.IF_DESCR: {(1,): "lo0", (2,): "ge-0/0/2", (3,): "ge-0/0/3"}}),
    walk(oids.IF_TYPE, {oids.IF_TYPE: {(1,): 24, (2,): 6, (3,): 6}}),
    walk(oids.IF_OPER, {oids.IF_OPER: {(1,): 1, (2,): 1, (3,): 1}}),
)


def named(name: str) -> Evidence:
    """Return evidence of a device with this name for the port that its owner describes as TSLCD."""
    columns = {oids.IF_DESCR: name, oids.IF_ALIAS: "TSLCD"}
    return polled(SYSTEM, *(walk(column, {column: {(2,): text}}) for column, text in columns.items()))


def index_of(address: str) -> Oid:
    packed = ip_address(address).packed
    return (2 if len(packed) == 16 else 1, len(packed), *packed)


def address_table(
    *rows: tuple[str, int] | tuple[str, int, int, int], stopped: str | None = None, pointers: bool = True
) -> SnmpWalk:
    """Return ipAddressTable: (address, interface[, origin, status]); manual and preferred by default."""
    entry = oids.IP_ADDRESS_ENTRY
    columns: dict[Oid, dict[Oid, Value]] = {(*entry, n): {} for n in (3, 4, 5, 6, 7)}
    for address, interface, *state in rows:
        origin, status = (int(number) for number in state) if state else (2, 1)
        index = index_of(address)
        network = ip_address(address).packed[:8] + bytes(8)
        pointer = (*oids.IP_ADDRESS_PREFIX_ENTRY, 5, interface, 2, 16, *network, 64) if pointers else (0, 0)
        values: tuple[Value, ...] = (interface, 1, pointer, origin, status)
        for number, value in zip((3, 4, 5, 6, 7), values, strict=True):
            columns[*entry, number][index] = value
    return walk(entry, columns, stopped=stopped)


def states_again(*rows: tuple[str, int]) -> SnmpWalk:
    """Return the second question about the states of addresses."""
    column = (*oids.IP_ADDRESS_ENTRY, 7)
    return walk(column, {column: {index_of(address): status for address, status in rows}})


NO_LEGACY = walk(oids.LEGACY_ADDR_ENTRY)
ADDRESSES = address_table((V6, UPLINK), ("fe80::1", UPLINK, 5, 1), ("fe80::2", CORE, 5, 1))


def legacy_table(*rows: tuple[str, int]) -> SnmpWalk:
    """Return ipv6AddrTable: (address, interface)."""
    entry = oids.LEGACY_ADDR_ENTRY
    indexes = [(interface, *ip_address(address).packed) for address, interface in rows]
    return walk(entry, {(*entry, 2): dict.fromkeys(indexes, 64), (*entry, 5): dict.fromkeys(indexes, 1)})
