"""Network devices, a healthy router first. Each is a namespace of its own with Net-SNMP's agent on it.

What the agent cannot show of a kernel by itself (a random address, IPV6-MIB's addresses) it is told to show.
"""

from containers.rehearsal.model import Device, Uplink

_ADDRESS = "32.1.13.184.0.193.0.{number}.0.0.0.0.0.0.0.1"
"""The device's own address, 2001:db8:c1:N::1, as an index."""

DEVICES = (
    Device(label="rt-trungtam", agency="SL-KHCN", version=3),
    Device(
        label="rt-khongchuyen",
        agency="SL-XD",
        forwards=False,
        expected={"ipv6.device.forwarding": "fail"},
    ),
    Device(
        label="rt-lienket",
        agency="SL-TC",
        uplink=Uplink.LINK_LOCAL,
        expected={"ipv6.device.global-address": "fail"},
    ),
    Device(
        label="rt-tatv6",
        agency="SL-YT",
        uplink=Uplink.NO_V6,
        expected={"ipv6.device.if-enabled": "fail"},
        consequences=("ipv6.device.global-address",),
    ),
    Device(
        label="rt-ngaunhien",
        agency="SL-NV",
        overrides=(f".1.3.6.1.2.1.4.34.1.6.2.16.{_ADDRESS} integer 6",),
        expected={"ipv6.device.address-state": "fail"},
    ),
    Device(
        label="rt-mibcu",
        agency="SL-GD",
        hidden=("1.3.6.1.2.1.4.34", "1.3.6.1.2.1.4.35"),
        overrides=tuple(f".1.3.6.1.2.1.55.1.8.1.{column}.2.{_ADDRESS} integer {value}"
                        for column, value in ((2, 64), (3, 2), (5, 1))),
        expected={"ipv6.device.mib-coverage": "warn"},
    ),
    Device(
        label="rt-nhamten",
        agency="SL-VH",
        declared="Huawei NE40E",
        expected={"ipv6.device.identity": "warn"},
    ),
)  # fmt: skip
