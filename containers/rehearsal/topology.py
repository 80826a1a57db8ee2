"""Describes the network of the rehearsal: namespaces, links, and the `ip` commands that build them.

    vantage  vantage-v4  vantage-v6  vantage-lan  registry  resolver  control
        \\________|___________|___________|__________|_________|________/
                                core
                     1500 /            \\ 1400 (reduced MTU, Packet Too Big is delivered)
                      edge              hill    dam (silent to traceroute over IPv6, as the sluice below it)
         portals named knot mail machines  upland  sluice       (and each network device below core)
         lakeside marsh                            delta

Every link is point to point with fe80::1 above and fe80::2 below, so no link needs an address plan; duplicate address
detection is off everywhere because it costs a second and can only be wrong here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from containers.rehearsal import lans
from containers.rehearsal.addressing import (
    BESIDE_TEREDO,
    CONTROL,
    UPPER_SERVERS,
    AddressPlan,
    Seat,
    ServerSeat,
    device_seat,
)
from containers.rehearsal.model import DeviceSpec, Load, Uplink
from containers.rehearsal.sonlam.devices import DEVICES

LAN_V4, LAN_V6 = "10.64.{number}.1", "2001:db8:c9:{number}::1"
"""A device on the network of users behind it, which has the device's number; no packet is ever sent there."""
HOLE = "3fff:ca::/48"
"""A prefix that is routed to a device without a route for it."""
VANTAGES = ("vantage", "vantage-v4", "vantage-v6", lans.VANTAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceSite:
    """Describes one namespace, the prefixes behind its link, and its own addresses on the interface `on`."""

    name: str
    up: str | None
    prefixes: tuple[str, ...] = ()
    router: bool = False
    own: tuple[str, ...] = ()
    on: str = "lo"
    mtu: int = 1500
    v4: bool = True
    v6: bool = True
    forwards: bool = False
    eth0_v6: bool = True
    length: int = 128
    lan: tuple[str, ...] = ()
    number: int = 0
    block_only: bool = False
    idle_uplink: bool = False
    answers_probe: bool = False
    hole: bool = False


def _device(number: int, device: DeviceSpec) -> NamespaceSite:
    """Return the namespace of a device: its addresses are on its uplink, unless IPv6 is off there."""
    seat = device_seat(number, device)
    off = device.uplink is Uplink.NO_V6
    prefixes = (*(f"{a}/32" for a in seat.v4), *(f"{a}/128" for a in seat.v6))
    return NamespaceSite(
        name=device.label,
        up="core",
        prefixes=prefixes[:1] if off else (*prefixes, *([HOLE] if device.load is Load.NO_ROUTE else [])),
        hole=device.load is Load.NO_ROUTE,
        own=(*map(str, seat.every()), *device.besides),
        on="lo" if off else "eth0",
        length=128 if off else device.length,
        lan=tuple(host.format(number=number) for host in device.lan),
        number=number,
        block_only=not device.default_route,
        forwards=device.forwards,
        eth0_v6=not off,
        idle_uplink=device.idle_uplink,
        answers_probe=True,
    )


SITES = (
    NamespaceSite(name="core", up=None, router=True, own=("192.0.2.1", "2001:db8::1")),
    NamespaceSite(name="edge", up="core", router=True, own=("192.0.2.2", "2001:db8::2")),
    NamespaceSite(name="hill", up="core", router=True, own=("192.0.2.3", "2001:db8::3"), mtu=1400),
    NamespaceSite(name="dam", up="core", router=True, own=("192.0.2.4", "2001:db8::4")),
    NamespaceSite(name="sluice", up="dam", router=True, own=("192.0.2.5", "2001:db8::5")),
    NamespaceSite(name="delta", up="sluice", prefixes=("198.51.100.236/30", "2001:db8:0:b2::/64")),
    NamespaceSite(name="lakeside", up="edge", prefixes=("198.51.100.232/30", "2001:db8:b1::/48")),
    NamespaceSite(name="marsh", up="edge", prefixes=("198.51.100.240/30", "2001:db8:b3::/48")),
    NamespaceSite(
        name="portals", up="edge", prefixes=("198.51.100.0/25", "203.0.113.0/25", "2001:db8:a0::/48", "3fff:a0::/32")
    ),
    NamespaceSite(name="named", up="edge", prefixes=("203.0.113.128/26", "2001:db8:d1::/48", "2001:db8:d3::/48")),
    NamespaceSite(name="knot", up="edge", prefixes=("192.0.2.128/26", "2001:db8:d2::/48")),
    NamespaceSite(name="mail", up="edge", prefixes=("203.0.113.192/26", "2001:db8:e0::/48")),
    NamespaceSite(name="machines", up="edge", prefixes=("192.0.2.192/27", "2001:db8:c5::/48", "2001:db8:c6::/48")),
    NamespaceSite(name="upland", up="hill", prefixes=("198.51.100.128/25", "2001:db8:b0::/48")),
    NamespaceSite(name="registry", up="core", prefixes=("192.0.2.32/28", "2001:db8:1::/48")),
    NamespaceSite(name="resolver", up="core", prefixes=("192.0.2.48/28", "2001:db8:53::/64")),
    NamespaceSite(name="control", up="core", prefixes=("192.0.2.64/29", "2001:db8:ffff::/48", "3fff:fff::/32")),
    NamespaceSite(
        name="vantage",
        up="core",
        prefixes=("192.0.2.77/32", "2001:db8:77::/64"),
        own=("192.0.2.77", "2001:db8:77::10"),
        on="eth0",
    ),
    NamespaceSite(name="vantage-v4", up="core", prefixes=("192.0.2.78/32",), own=("192.0.2.78",), on="eth0", v6=False),
    *(_device(number, device) for number, device in enumerate(DEVICES, 1)),
    NamespaceSite(
        name=lans.VANTAGE,
        up="core",
        prefixes=("192.0.2.79/32", "2001:db8:79::/64"),
        own=("192.0.2.79", "2001:db8:79::10"),
        on="eth0",
    ),
    *(NamespaceSite(name=name, up=None, forwards=name != lans.RECEIVER) for name in lans.NAMES),
    NamespaceSite(
        name="vantage-v6", up="core", prefixes=("2001:db8:78::/64",), own=("2001:db8:78::10",), on="eth0", v4=False
    ),
)
BY_NAME = {site.name: site for site in SITES}


def namespace_commands() -> Iterator[str]:
    """Commands for one `ip -batch` that make every namespace and every link between two of them."""
    for site in SITES:
        if site.name not in lans.NAMES:
            yield f"netns add {site.name}"
    for site in SITES:
        if site.up:
            yield (
                f"link add name {site.name} mtu {site.mtu} netns {site.up} type veth "
                f"peer name eth0 mtu {site.mtu} netns {site.name}"
            )
    yield from lans.links()


def site_commands(site: NamespaceSite, seats: Iterable[Seat]) -> Iterator[str]:
    """Commands for one `ip -n NAME -batch`: interfaces up, addresses on, routes in."""
    yield "link set lo up"
    yield from _own_link(site)
    for child in (s for s in SITES if s.up == site.name):
        yield from _link_to(child)
    for address in (*site.own, *_seated(site, seats)):
        prefix = f"{address}/{site.length}" if ":" in address else _host_prefix(address)
        yield f"addr add {prefix} dev {site.on}{' nodad' if ':' in address else ''}"
    yield from _lan(site)
    yield from lans.commands(site.name)
    if site.up:
        yield from _default_routes(site, BY_NAME[site.up])


def every_seat(layout: AddressPlan) -> tuple[Seat, ...]:
    """Return all seats with a listener, above the province and in it."""
    return (
        CONTROL,
        *layout.resolvers.values(),
        *UPPER_SERVERS.values(),
        *layout.portals.values(),
        *layout.exchangers.values(),
        *layout.machines.values(),
        BESIDE_TEREDO,
        *dict.fromkeys(layout.policies.values()),
        *(server.seat for server in layout.servers.values()),
        *(_lame(server) for server in layout.servers.values()),
    )


def _lame(server: ServerSeat) -> Seat:
    """Return the seat at which BIND listens for a name server without its zone."""
    v4 = tuple(address for address in server.lame if isinstance(address, IPv4Address))
    v6 = tuple(address for address in server.lame if isinstance(address, IPv6Address))
    return Seat(site="named", v4=v4, v6=v6)


def sysctls(site: NamespaceSite) -> Iterator[tuple[str, str]]:
    """Kernel settings of one namespace. Errors must not be rate limited away: the checks count them."""
    yield "net/ipv6/icmp/ratelimit", "0"
    yield "net/ipv4/icmp_ratelimit", "0"
    yield "net/ipv4/ping_group_range", "0 0"
    if site.answers_probe:
        yield "net/ipv4/icmp_echo_enable_probe", "1"  # RFC 8335, over both families
    if site.router or site.forwards:
        yield "net/ipv6/conf/all/forwarding", "1"
        yield "net/ipv4/ip_forward", "1"
    yield from lans.sysctls(site.name)
    if site.name == lans.VANTAGE:
        yield "net/ipv6/conf/default/accept_ra", "0"  # it listens to routers and believes none: one is a stranger
    # A neighbour that was heard of stays so: on a busy machine it would age between two audits.
    yield "net/ipv6/neigh/eth0/base_reachable_time_ms", "3600000"
    if not site.eth0_v6:
        yield "net/ipv6/conf/eth0/disable_ipv6", "1"
    if not site.v6:
        yield "net/ipv6/conf/all/disable_ipv6", "1"
        yield "net/ipv6/conf/default/disable_ipv6", "1"


def _seated(site: NamespaceSite, seats: Iterable[Seat]) -> tuple[str, ...]:
    return tuple(str(address) for seat in seats if seat.site == site.name for address in seat.every())


def _host_prefix(address: str) -> str:
    return f"{address}/128" if ":" in address else f"{address}/32"


def _own_link(site: NamespaceSite) -> Iterator[str]:
    if not site.up:
        return
    if site.v6:
        yield "link set eth0 addrgenmode none"
    yield "link set eth0 up"
    if site.v6 and not site.eth0_v6:
        yield "addr add 10.255.254.1/30 dev eth0"  # over IPv4 alone
    if site.v6 and site.eth0_v6:
        yield "addr add fe80::2/64 dev eth0 nodad"


def _link_to(child: NamespaceSite) -> Iterator[str]:
    yield f"link set {child.name} addrgenmode none"
    yield f"link set {child.name} up"
    yield f"addr add fe80::1/64 dev {child.name} nodad"
    for prefix in _behind(child):
        if ":" in prefix:
            yield f"route add {prefix} via fe80::2 dev {child.name}"
        elif child.router and prefix != f"{child.own[0]}/32":
            yield f"route add {prefix} via {child.own[0]} dev {child.name}"
        else:
            yield f"route add {prefix} dev {child.name}"


def _behind(child: NamespaceSite) -> tuple[str, ...]:
    own = tuple(_host_prefix(address) for address in child.own) if child.router else ()
    below = tuple(prefix for site in SITES if site.up == child.name for prefix in _behind(site))
    return (*own, *child.prefixes, *below)


def _default_routes(site: NamespaceSite, above: NamespaceSite) -> Iterator[str]:
    if site.v4:
        yield f"route add {above.own[0]} dev eth0"
        yield f"route add default via {above.own[0]} dev eth0"
    if site.v6 and site.eth0_v6:
        yield f"route add {'2001:db8::/32' if site.block_only else '::/0'} via fe80::1 dev eth0"
    if site.hole:
        yield f"route add unreachable {HOLE}"


def _lan(site: NamespaceSite) -> Iterator[str]:
    """A network behind a device, with hosts that it has heard of and that are not there; an uplink that is down."""
    if site.idle_uplink:
        yield "link add name wan1 type veth peer name wan1-far"
        yield "addr add 10.255.255.1/30 dev wan1"  # over IPv4 alone
    if not site.lan:
        return
    yield "link add name lan0 type veth peer name lan0-far"
    yield "link set lan0-far addrgenmode none"
    yield "link set lan0-far up"
    yield "link set lan0 addrgenmode none"
    yield "link set lan0 up"
    yield f"addr add {LAN_V4.format(number=site.number)}/24 dev lan0"
    yield f"addr add {LAN_V6.format(number=site.number)}/64 dev lan0 nodad"
    for number, host in enumerate(site.lan):
        yield f"neigh add {host} lladdr 02:00:00:00:00:{number + 16:02x} dev lan0 nud permanent"
