"""Networks of users with a vantage on them: `vantage-lan` is the switch, and each member hangs on it by its own link.

On one of them only its router is heard, the real radvd. On the other somebody else has one running too: radvd with a
higher preference, and a DHCPv6 server, dnsmasq. On the third nobody declared who the router is.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

VANTAGE = "vantage-lan"
FILE = "auditor-lan.toml"
INVENTORY = "inventory-lan.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A namespace on a LAN. ``dhcp``: it has a DHCPv6 server too."""

    name: str
    number: int
    prefix: str
    preference: str = "medium"
    dhcp: bool = False

    @property
    def address(self) -> str:
        return f"fe80::{self.number:x}"

    @property
    def mac(self) -> str:
        return f"02:00:00:00:64:{self.number:02x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLan:
    """One network of users. ``tags`` are those of its router's row."""

    site: str
    interface: str
    members: tuple[Member, ...]
    tags: str


LANS = (
    UserLan(
        site="xa-binhan",
        interface="lan0",
        members=(Member(name="rt-binhan", number=1, prefix="2001:db8:ca:1::/64"),),
        tags="ra=fe80::1 ra-prefix=2001:db8:ca::/48 no-dhcpv6",
    ),
    UserLan(
        site="xa-giamao",
        interface="lan1",
        members=(
            Member(name="rt-giamao", number=2, prefix="2001:db8:ca:2::/64"),
            Member(name="may-la", number=0xBAD & 0xFF, prefix="fd00:bad::/64", preference="high", dhcp=True),
        ),
        tags="ra=02-00-00-00-64-02 no-dhcpv6",
    ),
    UserLan(
        site="xa-chuakhai",
        interface="lan2",
        members=(Member(name="rt-chuakhai", number=3, prefix="2001:db8:ca:3::/64"),),
        tags="",
    ),
)
MEMBERS = tuple(member for lan in LANS for member in lan.members)


def links() -> Iterator[str]:
    """Commands for the `ip -batch` that makes the namespaces."""
    for member in MEMBERS:
        yield f"netns add {member.name}"
        yield f"link add name {member.name} netns {VANTAGE} type veth peer name eth0 netns {member.name}"


def commands(name: str) -> Iterator[str]:
    """What one namespace is told beside what every other is."""
    for member in MEMBERS:
        if member.name == name:
            yield f"link set eth0 address {member.mac} addrgenmode none"
            yield "link set eth0 up"
            yield f"addr add {member.address}/64 dev eth0 nodad"
            yield f"addr add {member.prefix.replace('::/64', '::1/64')} dev eth0 nodad"
    if name == VANTAGE:
        for lan in LANS:
            yield f"link add name {lan.interface} type bridge mcast_snooping 0"
            yield f"link set {lan.interface} addrgenmode none"
            yield from (f"link set {member.name} addrgenmode none master {lan.interface}" for member in lan.members)
            yield from (f"link set {member.name} up" for member in lan.members)
            yield f"link set {lan.interface} up"
            yield f"addr add fe80::aa/64 dev {lan.interface} nodad"


def radvd(member: Member) -> str:
    return (
        "interface eth0 {\n  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n"
        f"  AdvDefaultPreference {member.preference};\n  prefix {member.prefix} {{}};\n}};\n"
    )


def dnsmasq(member: Member, program: str, leases: str) -> tuple[str, ...]:
    first = member.prefix.removesuffix("/64")
    return (
        program, "-k", "--conf-file=/dev/null", "-p0", "--interface=eth0", "--bind-interfaces", "--user=root",
        f"--dhcp-range={first}100,{first}200,64,10m", f"--dhcp-leasefile={leases}", "--pid-file=",
    )  # fmt: skip


def table() -> str:
    """The rows of their routers: an inventory of its own, for nobody but this vantage can judge them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "kind", "site", "services", "tags"))
    for lan in LANS:
        writer.writerow((lan.members[0].name, "router", lan.site, "none", lan.tags))
    return out.getvalue()


def settings() -> str:
    """The part of the vantage's configuration that says where it stands."""
    return "\n".join(f'[lan.{lan.site}]\ninterface = "{lan.interface}"\n' for lan in LANS)
