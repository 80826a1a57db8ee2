"""Declares network devices, a healthy router first; each is a namespace of its own with Net-SNMP's agent in it.

What the agent cannot read from a kernel by itself (a random address, IPV6-MIB's addresses) is configured; routing
and neighbours are those of FRR and lldpd.
"""

from typing import TypedDict

from containers.rehearsal.agent_access import AgentAccess
from containers.rehearsal.model import DeviceSpec, Load, Routing, Uplink
from containers.rehearsal.routers import NEIGHBOUR

_ADDRESS = "32.1.13.184.0.193.0.{number}.0.0.0.0.0.0.0.1"
"""The device's own address, 2001:db8:c1:N::1, as an index."""


class _Switch(TypedDict):
    kind: str
    forwards: bool
    described: str
    declared: str
    object_id: str
    tags: str


def _adverts(index: int, send: int) -> tuple[str, ...]:
    """Router advertisements of one interface (ipv6RouterAdvertTable), which Net-SNMP's agent does not show itself."""
    columns = ((2, send), (5, 2), (6, 2), (7, 0), (10, 64), (11, 1800))
    return tuple(f".1.3.6.1.2.1.4.39.1.{column}.{index} integer {value}" for column, value in columns)


def _checked(index: int, *versions: int) -> tuple[str, ...]:
    """Strict uRPF on one interface, for IPv4 (1) or IPv6 (2), as Cisco's agents show it."""
    return tuple(f".1.3.6.1.4.1.9.9.451.1.3.1.1.4.{index}.{version} integer 1" for version in versions)


_UNREAD = (
    *(
        f"ipv6.device.{name}"
        for name in (
            "address-state",
            "bgp-v6",
            "capability",
            "default-route",
            "errors",
            "forwarding",
            "global-address",
            "identity",
            "if-enabled",
            "igp-v6",
            "lldp-topology",
            "mib-coverage",
            "plan-conformance",
            "prefix-length",
            "ra-config",
            "ra-guard",
            "traffic",
            "tunnels",
        )
    ),
    "security.routing.antispoof",
    "security.snmp.v1v2-off",
    "security.snmp.v3",
    "security.snmp.write-access",
)
"""Checks that are undecided for a device that grants no access."""


_LAN = 4
"""The ifIndex of lan0: behind lo, eth0 and the far end of its own link."""


def _interfaces(*, tunnel: int, adverts: int) -> tuple[str, ...]:
    """Interfaces lan0 and tun0."""
    interfaces = ((8, "lan0", 6), (9, "tun0", 131))
    shown = [f".1.3.6.1.2.1.2.2.1.2.{index} octet_str {name}" for index, name, _ in interfaces]
    shown += [f".1.3.6.1.2.1.2.2.1.3.{index} integer {kind}" for index, _, kind in interfaces]
    shown += [f".1.3.6.1.2.1.2.2.1.8.{index} integer 1" for index, _, _ in interfaces]
    shown.append(".1.3.6.1.2.1.55.1.5.1.9.8 integer 1")  # IPv6 is on there
    shown += _adverts(8, adverts)
    return (*shown, f".1.3.6.1.2.1.10.131.1.1.1.1.3.9 integer {tunnel}")


_SWITCH: _Switch = {
    "kind": "access-switch",
    "forwards": False,
    "described": "HP J9776A 2530-24G Switch",
    "declared": "HP 2530-24G",
    "object_id": ".1.3.6.1.4.1.11.2.3.7.11.160",
    "tags": "uplink=eth0 wan=eth0",
}
"""The identity of a switch for users; its agent shows two ports beside the one that leads to the router."""


def _guarded(blocked: int) -> tuple[str, ...]:
    """Ports 8 and 9 for users, both up, and hpicfRAGuardPortBlocked of all three."""
    shown = [f".1.3.6.1.2.1.2.2.1.2.{port} octet_str {port}" for port in (8, 9)]
    shown += [f".1.3.6.1.2.1.2.2.1.3.{port} integer 6" for port in (8, 9)]
    shown += [f".1.3.6.1.2.1.2.2.1.8.{port} integer 1" for port in (8, 9)]
    states = ((2, 2), (8, blocked), (9, blocked))
    return (*shown, *(f".1.3.6.1.4.1.11.2.14.11.5.1.87.1.1.1.1.1.{port} integer {state}" for port, state in states))


_HOSTS_V4 = tuple(f"10.64.{{number}}.{host}" for host in range(10, 16))

DEVICES = (
    DeviceSpec(
        label="rt-trungtam",
        agency="SL-KHCN",
        authorised=True,
        tags=f"wan=eth0 lan=lan0 neighbour={NEIGHBOUR}",
        overrides=(*_adverts(_LAN, 1), *_checked(_LAN, 1, 2)),
        consequences=("security.snmp.default-community",),  # over IPv4 the controls stand in its own prefix
        lan=(*_HOSTS_V4, "2001:db8:c9:{number}::10", "2001:db8:c9:{number}::11"),
        lldp=True,
        load=Load.BOTH,
    ),
    DeviceSpec(label="rt-khongchuyen", agency="SL-XD", forwards=False, expected={"ipv6.device.forwarding": "fail"}),
    DeviceSpec(
        label="rt-lienket",
        agency="SL-TC",
        uplink=Uplink.LINK_LOCAL,
        tags="wan=eth0 ipv6-capable=no bought=2020-05-01",
        activated="2020-07-01",
        expected={"ipv6.device.global-address": "fail", "ipv6.device.capability": "fail"},
        consequences=("ipv6.device.default-route",),
    ),
    DeviceSpec(
        label="rt-tatv6",
        agency="SL-YT",
        uplink=Uplink.NO_V6,
        expected={"ipv6.device.if-enabled": "fail"},
        consequences=("ipv6.device.global-address", "ipv6.device.default-route"),
    ),
    DeviceSpec(
        label="rt-ngaunhien",
        agency="SL-NV",
        overrides=(f".1.3.6.1.2.1.4.34.1.6.2.16.{_ADDRESS} integer 6",),
        expected={"ipv6.device.address-state": "fail"},
    ),
    DeviceSpec(
        label="rt-mibcu",
        agency="SL-GD",
        hidden=("1.3.6.1.2.1.4.34", "1.3.6.1.2.1.4.35"),
        overrides=tuple(
            f".1.3.6.1.2.1.55.1.8.1.{column}.2.{_ADDRESS} integer {value}"
            for column, value in ((2, 64), (3, 2), (5, 1))
        ),
        expected={"ipv6.device.mib-coverage": "warn"},
        consequences=("ipv6.device.default-route",),  # whether the next hop answers is hidden too
    ),
    DeviceSpec(
        label="rt-nhamten",
        agency="SL-VH",
        described="VyOS 1.4.0",
        object_id=".1.3.6.1.4.1.44641",
        declared="Huawei NE40E",
        expected={"ipv6.device.identity": "warn"},
    ),
    DeviceSpec(
        label="rt-dinhtuyen",
        agency="SL-KHCN",
        overrides=_interfaces(tunnel=3, adverts=1),
        tags="wan=eth0 lan=lan0 slaac=lan0 tunnel=tun0 igp=ospfv3 bgp=2001:db8::1",
        routing=Routing.ANSWERED,
        load=Load.BOTH,
    ),
    DeviceSpec(
        label="rt-matketnoi",
        agency="SL-XD",
        overrides=_interfaces(tunnel=11, adverts=2),
        tags="wan=eth0 lan=lan0 igp=ospfv3 bgp=2001:db8::1",
        routing=Routing.ALONE,
        expected={
            "ipv6.device.tunnels": "fail",
            "ipv6.device.ra-config": "fail",
            "ipv6.device.igp-v6": "fail",
            "ipv6.device.bgp-v6": "fail",
        },
    ),
    DeviceSpec(label="rt-tientoto", agency="SL-KHCN", length=112, expected={"ipv6.device.prefix-length": "warn"}),
    DeviceSpec(
        label="rt-ngoaidai", agency="SL-XD", besides=("3fff:c9::1",), expected={"ipv6.device.plan-conformance": "fail"}
    ),
    DeviceSpec(
        label="rt-khongmacdinh", agency="SL-TC", default_route=False, expected={"ipv6.device.default-route": "fail"}
    ),
    DeviceSpec(
        label="rt-lanchiv4",
        agency="SL-YT",
        tags="wan=eth0 lan=lan0",
        overrides=_adverts(_LAN, 1),
        lan=_HOSTS_V4,
        expected={"ipv6.device.neighbours": "fail"},
    ),
    DeviceSpec(label="rt-quantriv4", agency="SL-NV", agent_v6=False, expected={"ipv6.device.mgmt-v6": "fail"}),
    DeviceSpec(
        label="rt-duphong",
        agency="SL-GD",
        tags="wan=eth0 wan=wan1",
        idle_uplink=True,
        expected={"ipv6.path.probe-8335": "fail", "ipv6.device.if-enabled": "fail"},
        consequences=("ipv6.device.default-route", "ipv6.device.global-address"),
    ),
    DeviceSpec(
        label="rt-giamaov6",
        agency="SL-TP",
        tags="wan=eth0 lan=lan0",
        overrides=(*_adverts(_LAN, 1), *_checked(_LAN, 1)),
        lan=(*_HOSTS_V4, "2001:db8:c9:{number}::10", "2001:db8:c9:{number}::11"),
        expected={"security.routing.antispoof": "warn"},
    ),
    DeviceSpec(
        label="rt-chiv4",
        agency="SL-GD",
        uplink=Uplink.LINK_LOCAL,
        forwards=False,
        v4_alone=True,
        consequences=("ipv6.device.default-route", "ipv6.device.capability"),
    ),
    # Its owner was excused from IPv6 and believes that there is none.
    DeviceSpec(label="rt-v6ngam", agency="SL-VH", v4_alone=True, expected={"security.ipv6.unintended": "fail"}),
    DeviceSpec(
        label="rt-lomac",
        agency="SL-TC",
        tags="wan=eth0 lan=lan0",
        overrides=_adverts(_LAN, 1),
        lan=tuple(f"2001:db8:c9:{{number}}:21a:2bff:fe3c:{host:x}" for host in range(16, 22)),
        expected={"security.ipv6.addr-predictability": "fail"},
    ),
    DeviceSpec(label="rt-luuluong", agency="SL-GD", load=Load.V4, expected={"ipv6.device.traffic": "warn"}),
    DeviceSpec(label="rt-thieutuyen", agency="SL-VH", load=Load.NO_ROUTE, expected={"ipv6.device.errors": "fail"}),
    DeviceSpec(label="rt-langgiengla", agency="SL-TC", lldp=True, expected={"ipv6.device.lldp-topology": "warn"}),
    DeviceSpec(label="sw-baove", agency="SL-KHCN", **_SWITCH, overrides=_guarded(1), load=Load.BOTH),
    DeviceSpec(
        label="sw-khongbaove",
        agency="SL-XD",
        **_SWITCH,
        overrides=_guarded(2),
        expected={"ipv6.device.ra-guard": "fail"},
    ),
    DeviceSpec(
        label="rt-congdong",
        agency="SL-VH",
        version=2,
        expected={"security.snmp.v1v2-off": "fail"},
        consequences=("security.snmp.v3",),
    ),
    DeviceSpec(
        label="rt-macdinh",
        agency="SL-XD",
        authorised=True,
        access=AgentAccess.PUBLIC,
        expected={"security.snmp.default-community": "fail"},
        consequences=("security.snmp.v1v2-off",),
    ),
    DeviceSpec(label="rt-nguoicu", agency="SL-TC", access=AgentAccess.OLD_USER, expected={"security.snmp.v3": "fail"}),
    DeviceSpec(
        label="rt-khongmahoa", agency="SL-YT", access=AgentAccess.WITHOUT_PRIVACY, expected={"security.snmp.v3": "fail"}
    ),
    DeviceSpec(
        label="rt-ghiduoc", agency="SL-NV", access=AgentAccess.WRITABLE, expected={"security.snmp.write-access": "fail"}
    ),
    DeviceSpec(
        label="rt-moranngoai",
        agency="SL-GD",
        access=AgentAccess.OTHERS,
        expected={"security.snmp.exposed": "fail"},
        consequences=_UNREAD,
    ),
    DeviceSpec(label="rt-dongsnmp", agency="SL-KHCN", access=AgentAccess.CLOSED, consequences=_UNREAD),
)
