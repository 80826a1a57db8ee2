r"""Describes the network inside and around TSLCD: namespaces, addresses, routes, and packet filters.

    vantage  shared  ttdl  khac  communes …        outside  gw-ho  gw-kin
        \______|______|_____|______/                  |______|_______/
                       hub ───────────────────── internet ──── the commune whose route leaks
      (drops what would leave, and management of ``khac``, which is another agency's)

Every link is point to point with fe80::1 above and fe80::2 below.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from containers.rehearsal.tslcd.sites import COMMUNES, Commune, There

HUB = ("10.64.0.1", "fd75::1")
SHARED = ("10.64.0.53", "fd75:0:0:53::53")
VANTAGE = ("10.64.0.10", "fd75:0:0:10::10")
TTDL = ("10.64.200.1", "fd75:0:0:200::1")
OTHERS = ("10.64.210.1", "fd75:0:0:210::1")
NOBODY = ("10.64.201.1", "fd75:0:0:201::1")
NODE = ("10.64.202.1", "fd75:0:0:202::1")
"""The addresses of a node that is down; others are behind it."""
ROUTER_OUTSIDE = ("203.0.113.9", "2001:db8:f::9")
ANCHORS = ("198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3")
CONTROLS_OUTSIDE = ("203.0.113.9", "198.51.100.1", "2001:db8:f::1", "2001:db8:e::1")
OUTSIDE = ("198.18.0.77", "2001:db8:77::10")
GATEWAYS = {"gw-ho": ("192.0.2.9", "2001:db8:75::9"), "gw-kin": ("192.0.2.129", "2001:db8:76::9")}
PREFIXES = ("10.64.0.0/15", "fd75::/48")
OBJECT = 8081
"""The port of the object for tests of throughput."""
PLACES = {"ttdl": TTDL, "shared": SHARED, "nobody": NOBODY, "anchor": (ANCHORS[0], ANCHORS[3])}


@dataclass(frozen=True, slots=True, kw_only=True)
class TslcdNamespace:
    """Describes one namespace below ``up``: its addresses, its further routes, its packet filter."""

    name: str
    up: str | None
    own: tuple[str, ...]
    forwards: bool = False
    filter: str = ""
    more: tuple[str, ...] = ()


def addresses(commune: Commune) -> tuple[str, ...]:
    """Return the WAN addresses of the device at a connection point, of both families if it has both."""
    return registered(commune)[: 2 if commune.v6 else 1]


def registered(commune: Commune) -> tuple[str, str]:
    """Return the addresses of a connection point in the plan and the inventory: all of a province in one /48."""
    number = COMMUNES.index(commune) + 1
    return f"10.64.{number}.1", f"fd75:0:0:{number:x}::1"


def _commune(commune: Commune) -> TslcdNamespace:
    lan = commune.shows or f"10.65.{COMMUNES.index(commune) + 1}.1"
    lines = [f"numgen random mod 100 < {commune.lossy} drop"] if commune.lossy else []
    lines += ["ip6 daddr fd75::/48 drop"] if commune.mute_v6 else []
    lines += [f"ip{six} length > {commune.largest} drop" for six in ("6", "") if commune.largest]
    if commune.limits_echo:
        many = "type echo-request limit rate over 20/second burst 10 packets drop"
        lines += [f"icmp {many}", f"icmpv6 {many}"]
    hooks = [_chain("input", lines)] if lines else []
    if commune.shaped:
        limit = f"tcp sport {OBJECT} limit rate over {commune.shaped} kbytes/second burst 200 kbytes drop"
        hooks.append(_chain("output", [limit], table="shaping"))
    return TslcdNamespace(
        name=commune.label,
        up="internet" if commune.leaks else "hub",
        own=addresses(commune),
        forwards=True,
        filter="".join(hooks),
        more=(
            *_stub("lan0"),
            f"addr add {lan}/24 dev lan0",
            *(["link set eth0 down"] if commune.there is There.DOWN else []),
        ),
    )


def _stub(name: str) -> tuple[str, ...]:
    return (f"link add name {name} type veth peer name {name}-far", f"link set {name}-far up", f"link set {name} up")


def _chain(hook: str, lines: list[str], table: str = "site") -> str:
    body = "\n    ".join(lines)
    return f"table inet {table} {{\n  chain {hook} {{\n    type filter hook {hook} priority 0;\n    {body}\n  }}\n}}\n"


def _held_back() -> str:
    """Return the rules by which the hub drops packets to the Internet, except for the commune that leaks."""
    leaking = [address for commune in COMMUNES if commune.leaks for address in addresses(commune)]
    lines = [f"oifname internet ip{'6' if ':' in a else ''} daddr {a} accept" for a in leaking]
    return _chain("forward", [*lines, "oifname internet drop"])


HELD_BACK = _held_back()
APART = _chain(
    "forward",
    [f"ip{'6' if ':' in address else ''} daddr {address} tcp dport 22 drop" for address in OTHERS],
    table="apart",
)
"""The filter that drops access to another agency's management ports."""
PLACES_ON_THE_MAP = (
    TslcdNamespace(name="hub", up=None, own=HUB, forwards=True, filter=HELD_BACK + APART),
    TslcdNamespace(name="internet", up="hub", own=(*ROUTER_OUTSIDE, *ANCHORS, "2001:db8:e::1"), forwards=True),
    TslcdNamespace(name="vantage", up="hub", own=VANTAGE),
    TslcdNamespace(name="shared", up="hub", own=SHARED),
    TslcdNamespace(name="khac", up="hub", own=OTHERS),
    TslcdNamespace(
        name="ttdl",
        up="hub",
        own=TTDL,
        more=(
            *_stub("eth1"),
            "neigh add 10.64.250.1 lladdr 02:00:00:00:01:01 dev eth0 nud permanent",
            "neigh add 10.64.251.1 lladdr 02:00:00:00:02:01 dev eth1 nud permanent",
        ),
    ),
    *(_commune(commune) for commune in COMMUNES if commune.there is not There.NOTHING),
    TslcdNamespace(name="outside", up="internet", own=OUTSIDE),
    TslcdNamespace(name="gw-ho", up="internet", own=GATEWAYS["gw-ho"]),
    TslcdNamespace(name="gw-kin", up="internet", own=GATEWAYS["gw-kin"], filter=_chain("input", ["iifname eth0 drop"])),
)
_BY_NAME = {place.name: place for place in PLACES_ON_THE_MAP}
BLACKHOLED = ("10.64.0.0/15", "fd75::/48")
"""The prefixes for which the hub has a blackhole route where it has no other."""


def namespace_commands() -> Iterator[str]:
    for place in PLACES_ON_THE_MAP:
        yield f"netns add {place.name}"
    for place in PLACES_ON_THE_MAP:
        if place.up:
            yield f"link add name {place.name} netns {place.up} type veth peer name eth0 netns {place.name}"


def place_commands(place: TslcdNamespace) -> Iterator[str]:
    """Interfaces up, addresses on, routes in."""
    yield "link set lo up"
    on = "lo"
    if place.up:
        on = "eth0" if place.name not in ("internet",) else "lo"
        yield "link set eth0 addrgenmode none"
        yield "link set eth0 up"
        yield "addr add fe80::2/64 dev eth0 nodad"
    for child in (tslcd_namespace for tslcd_namespace in PLACES_ON_THE_MAP if tslcd_namespace.up == place.name):
        yield f"link set {child.name} addrgenmode none"
        yield f"link set {child.name} up"
        yield f"addr add fe80::1/64 dev {child.name} nodad"
    for address in place.own:
        yield f"addr add {address}/{'128' if ':' in address else '32'} dev {on}{' nodad' if ':' in address else ''}"
    for child in (tslcd_namespace for tslcd_namespace in PLACES_ON_THE_MAP if tslcd_namespace.up == place.name):
        yield from _routes_to(child)
    yield from _routes_up(place)
    yield from place.more


def _routes_to(child: TslcdNamespace) -> Iterator[str]:
    behind = [
        tslcd_namespace
        for tslcd_namespace in PLACES_ON_THE_MAP
        if tslcd_namespace.up == child.name and tslcd_namespace.name.startswith("d-")
    ]
    for address in (*child.own, *(a for tslcd_namespace in behind for a in tslcd_namespace.own)):
        via = "" if address in child.own else f"via {child.own[0]} "
        if ":" in address:
            # Of a commune the whole network, so that a longer route can lead elsewhere first (`peers/slow.py`).
            network = f"{address.rpartition('::')[0]}::/64" if child.name.startswith("d-") else f"{address}/128"
            yield f"route add {network} via fe80::2 dev {child.name}"
        elif not via:
            yield f"route add {address}/32 dev {child.name}"
        else:
            yield f"route add {address}/32 {via}dev {child.name} onlink"


def _routes_up(place: TslcdNamespace) -> Iterator[str]:
    if place.name == "hub":
        for prefix in BLACKHOLED:
            yield f"route add unreachable {prefix}"
        yield f"route add default via {ROUTER_OUTSIDE[0]} dev internet onlink"
        yield "route add ::/0 via fe80::2 dev internet"
    elif place.name == "internet":
        yield f"route add {HUB[0]}/32 dev eth0"
        yield f"route add {PREFIXES[0]} via {HUB[0]} dev eth0"
        yield f"route add {PREFIXES[1]} via fe80::1 dev eth0"
    elif place.up:
        above = _BY_NAME[place.up].own[0]
        yield f"route add {above}/32 dev eth0"
        yield f"route add default via {above} dev eth0"
        yield "route add ::/0 via fe80::1 dev eth0"


def sysctls(place: TslcdNamespace) -> Iterator[tuple[str, str]]:
    yield "net/ipv6/icmp/ratelimit", "0"
    yield "net/ipv4/icmp_ratelimit", "0"
    yield "net/ipv4/ping_group_range", "0 0"
    if place.forwards:
        yield "net/ipv6/conf/all/forwarding", "1"
        yield "net/ipv4/ip_forward", "1"
