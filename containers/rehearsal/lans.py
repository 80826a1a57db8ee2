"""Builds user networks with a vantage on them: `vantage-lan` is the switch, and each member has its own link to it.

On the first only its own router, the real radvd, sends advertisements. On the second another host runs radvd too, with
a higher preference, and a DHCPv6 server, dnsmasq. On the third the inventory does not declare the router.

Each router has a route to `receiver`, which looks for spoofed sources. The first lets only the vantage's own address
out (source guard), the second every source, the third sources of the network it came from (strict
reverse path filtering, by nftables over both families).
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

VANTAGE = "vantage-lan"
FILE = "auditor-lan.toml"
INVENTORY = "inventory-lan.csv"
RECEIVER = "receiver"
WITNESS = 18_620
"""The UDP port at which `auditor respond` tells which forged packets arrived."""


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
    """Describes one network of users.

    ``tags`` are those of its router's row; ``lets_out`` is a rule of its router's filter for packets from the network.
    """

    site: str
    interface: str
    members: tuple[Member, ...]
    tags: str
    lets_out: tuple[str, ...] = ()

    @property
    def router(self) -> Member:
        return self.members[0]

    @property
    def receivers(self) -> tuple[str, str]:
        return f"2001:db8:ce:{self.router.number:x}::2", f"10.78.{self.router.number}.2"


LANS = (
    UserLan(
        site="xa-binhan",
        interface="lan0",
        members=(Member(name="rt-binhan", number=1, prefix="2001:db8:ca:1::/64"),),
        tags="ra=fe80::1 ra-prefix=2001:db8:ca::/48 no-dhcpv6",
        lets_out=("ip saddr != 10.77.1.10 drop", "ip6 saddr != 2001:db8:ca:1::10 drop"),
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
        lets_out=("fib saddr . iif oif missing drop",),
    ),
)
MEMBERS = tuple(member for lan in LANS for member in lan.members)
NAMES = (*(member.name for member in MEMBERS), RECEIVER)


def links() -> Iterator[str]:
    """Commands for the `ip -batch` that makes the namespaces."""
    for member in MEMBERS:
        yield f"netns add {member.name}"
        yield f"link add name {member.name} netns {VANTAGE} type veth peer name eth0 netns {member.name}"
    yield f"netns add {RECEIVER}"
    for lan in LANS:
        yield f"link add name {lan.router.name} netns {RECEIVER} type veth peer name up0 netns {lan.router.name}"


def commands(name: str) -> Iterator[str]:
    """Yield the commands of one namespace beside those of every other."""
    for member in MEMBERS:
        if member.name == name:
            yield f"link set eth0 address {member.mac} addrgenmode none"
            yield "link set eth0 up"
            yield f"addr add {member.address}/64 dev eth0 nodad"
            yield f"addr add {member.prefix.replace('::/64', '::1/64')} dev eth0 nodad"
    for lan in LANS:
        if name == lan.router.name:
            yield "link set up0 addrgenmode none up"
            yield "addr add fe80::1/64 dev up0 nodad"
            yield from (f"addr add {text}" for text in _both(lan, "77", "ca", 1, "eth0") if "." in text)
            yield from (f"addr add {text}" for text in _both(lan, "78", "ce", 1, "up0"))
        if name == RECEIVER:
            yield f"link set {lan.router.name} addrgenmode none up"
            yield f"addr add fe80::2/64 dev {lan.router.name} nodad"
            yield from (f"addr add {text}" for text in _both(lan, "78", "ce", 2, lan.router.name))
            yield from _routes(lan, "77", "78", "ca", "ce", lan.router.name)
    if name == VANTAGE:
        for lan in LANS:
            yield f"link add name {lan.interface} type bridge mcast_snooping 0"
            yield f"link set {lan.interface} addrgenmode none"
            yield from (f"link set {member.name} addrgenmode none master {lan.interface}" for member in lan.members)
            yield from (f"link set {member.name} up" for member in lan.members)
            yield f"link set {lan.interface} up"
            yield f"addr add fe80::aa/64 dev {lan.interface} nodad"
            yield from (f"addr add {text}" for text in _both(lan, "77", "ca", 10, lan.interface))
            yield from _routes(lan, "78", "77", "ce", "ca", lan.interface)


def _both(lan: UserLan, v4: str, v6: str, host: int, interface: str) -> Iterator[str]:
    """Yield an address of each family on one of the two networks of a router: 77 and ca within, 78 and ce without."""
    number = lan.router.number
    yield f"10.{v4}.{number}.{host}/24 dev {interface}"
    yield f"2001:db8:{v6}:{number:x}::{host}/64 dev {interface} nodad"


def _routes(lan: UserLan, v4: str, via4: str, v6: str, via6: str, interface: str) -> Iterator[str]:
    """Yield the way to the other network of a router."""
    number = lan.router.number
    yield f"route add 10.{v4}.{number}.0/24 via 10.{via4}.{number}.1 dev {interface}"
    yield f"route add 2001:db8:{v6}:{number:x}::/64 via 2001:db8:{via6}:{number:x}::1 dev {interface}"


def rules(name: str) -> str:
    """Return the packet filter of a router."""
    lines = "; ".join(f'iifname "eth0" {rule}' for lan in LANS if lan.router.name == name for rule in lan.lets_out)
    chain = f"chain forward {{ type filter hook forward priority 0; {lines}; }}"
    return f"table inet sources {{\n  {chain}\n}}\n" if lines else ""


def sysctls(name: str) -> Iterator[tuple[str, str]]:
    """Turn the kernel's own source checks off, so that only the filter stops spoofed sources."""
    if name in NAMES:
        links = ("all", "eth0", "up0", *(lan.router.name for lan in LANS))
        yield from ((f"net/ipv4/conf/{link}/rp_filter", "0") for link in links)


def responder(program: str) -> tuple[str, ...]:
    """Return the command of our own receiver, started as an operator starts it."""
    bound = [word for lan in LANS for receiver in lan.receivers for word in ("--bind", receiver)]
    return (
        program,
        "-P",
        "-m",
        "auditor.service.cli.main",
        "respond",
        "--tcp",
        "8080",
        "--witness",
        str(WITNESS),
        *bound,
    )


def radvd(member: Member) -> str:
    return (
        "interface eth0 {\n  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n"
        f"  AdvDefaultPreference {member.preference};\n  prefix {member.prefix} {{}};\n}};\n"
    )


def dnsmasq(member: Member, program: str, leases: str) -> tuple[str, ...]:
    first = member.prefix.removesuffix("/64")
    return (
        program,
        "-k",
        "--conf-file=/dev/null",
        "-p0",
        "--interface=eth0",
        "--bind-interfaces",
        "--user=root",
        f"--dhcp-range={first}100,{first}200,64,10m",
        f"--dhcp-leasefile={leases}",
        "--pid-file=",
    )


def table() -> str:
    """Return the rows of the LANs' routers: an inventory of its own, because only this vantage can judge them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "kind", "site", "services", "tags", "clearance"))
    for lan in LANS:
        writer.writerow((lan.router.name, "router", lan.site, "none", lan.tags, "intrusive"))
    return out.getvalue()


def settings() -> str:
    """Return the part of the vantage's configuration that says where it stands."""
    return "\n".join(
        f'[lan.{lan.site}]\ninterface = "{lan.interface}"\nreceivers = {json.dumps(lan.receivers)}\n' for lan in LANS
    )
