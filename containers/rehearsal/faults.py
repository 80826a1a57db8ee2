"""Switches named faults on and off in a running rehearsal.

Each is a list of commands in namespaces and the list that undoes them. Those of a subject concern IPv6 only: IPv4 stays
as it was, so that a difference between the families is what the fault made.

    no_v6_route      a vantage loses its IPv6 default route, or the core loses its route to a subject
    clock_skew       the servers of the time that a vantage asks tell it that an hour more has passed
    pppoe_uplink     the link of a vantage carries 1492 bytes, as behind PPPoE
    tunnel_uplink    all IPv6 of a vantage goes through a device of 1480 bytes that the peer `detour` serves, as in 6in4
    large_lost       IPv6 packets of more than 1400 bytes from and to a vantage are lost, and nobody says so
    drop_egress_443  what a vantage sends to TCP 443, to anybody over either family, is dropped on its way
    drop_icmp6_ptb   the subject's firewall drops Packet Too Big on its way to the subject
    mtu_1280         the path to the subject carries 1280 bytes (Packet Too Big is sent)
    rst_443          the subject answers TCP 443 with a reset
    drop_443         the subject's firewall drops TCP 443
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType

from containers.rehearsal.addressing import CONTROL, AddressPlan, Seat
from containers.rehearsal.errors import RehearsalError
from containers.rehearsal.model import Province
from containers.rehearsal.peers.control import FAST_CLOCK
from containers.rehearsal.peers.detour import DEVICE
from containers.rehearsal.topology import BY_NAME, VANTAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceCommand:
    """Describes one command in one namespace."""

    site: str
    argv: tuple[str, ...]
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """The commands that begin a fault and those that end it."""

    begin: tuple[NamespaceCommand, ...]
    end: tuple[NamespaceCommand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultTarget:
    """The target of a fault: its namespace and its IPv6 addresses."""

    site: str
    v6: tuple[IPv6Address, ...]


def plan(name: str, subject: str, province: Province, layout: AddressPlan) -> FaultPlan:
    """Return the commands of a fault on a subject."""
    if name not in {*FAULTS, *VANTAGE_FAULTS}:
        raise RehearsalError(f"no fault {name}; there are {', '.join(dict.fromkeys((*FAULTS, *VANTAGE_FAULTS)))}")
    if subject in VANTAGES:
        if name not in VANTAGE_FAULTS:
            raise RehearsalError(f"{name} is about a subject, not about a vantage")
        return VANTAGE_FAULTS[name](subject)
    if name not in FAULTS:
        raise RehearsalError(f"{name} is about a vantage, not about a subject")
    return FAULTS[name](_target(subject, province, layout))


def _target(subject: str, province: Province, layout: AddressPlan) -> FaultTarget:
    seats: dict[str, Seat] = {**layout.portals, **layout.exchangers}
    seats |= {name: server.seat for name, server in layout.servers.items()}
    if subject not in seats:
        raise RehearsalError(f"no subject {subject} with addresses of its own")
    return FaultTarget(site=seats[subject].site, v6=seats[subject].v6)


def _vantage_without_v6(vantage: str) -> FaultPlan:
    route = ("default", "via", "fe80::1", "dev", "eth0")
    return FaultPlan(
        begin=(NamespaceCommand(site=vantage, argv=("ip", "-6", "route", "del", *route)),),
        end=(NamespaceCommand(site=vantage, argv=("ip", "-6", "route", "replace", *route)),),
    )


def _egress_filter(vantage: str) -> FaultPlan:
    """Filter in the core, as a provider would: the vantage's own kernel would know of a filter at the vantage."""
    table = f"egress_{vantage.replace('-', '_')}"
    rule = f'iifname "{vantage}" tcp dport 443 drop'
    hook = "type filter hook forward priority 0;"
    text = f"table inet {table} {{\n  chain forward {{\n    {hook}\n    {rule}\n  }}\n}}\n"
    return FaultPlan(
        begin=(NamespaceCommand(site="core", argv=("nft", "-f", "-"), text=text),),
        end=(NamespaceCommand(site="core", argv=("nft", "delete", "table", "inet", table)),),
    )


def _pppoe(vantage: str) -> FaultPlan:
    """Lower the MTU at both ends of the vantage's link; the core answers larger packets with Packet Too Big."""

    def link(mtu: str) -> tuple[NamespaceCommand, ...]:
        ends = ((vantage, "eth0"), ("core", vantage))
        return tuple(NamespaceCommand(site=site, argv=("ip", "link", "set", name, "mtu", mtu)) for site, name in ends)

    return FaultPlan(begin=link("1492"), end=link("1500"))


_TUNNEL_TABLE, _TUNNEL_MTU = "79", "1480"


def _tunnel(vantage: str) -> FaultPlan:
    """Route the vantage's packets into the tunnel device by rules; packets out of the device take their usual way."""
    prefix = next(prefix for prefix in BY_NAME[vantage].prefixes if ":" in prefix)
    rules = (
        ("iif", DEVICE, "lookup", "main", "priority", "100"),
        ("iif", vantage, "lookup", _TUNNEL_TABLE, "priority", "110"),
        ("to", prefix, "lookup", _TUNNEL_TABLE, "priority", "120"),
    )
    forget = tuple(_route(site, "flush", "cache") for site in ("core", vantage))
    begin = (
        NamespaceCommand(site="core", argv=("ip", "tuntap", "add", "dev", DEVICE, "mode", "tun")),
        # A queue in which nothing is lost while the peer waits for its turn: the tunnel is far, and not lossy.
        NamespaceCommand(site="core", argv=("ip", "link", "set", DEVICE, "txqueuelen", "20000")),
        NamespaceCommand(site="core", argv=("ip", "link", "set", DEVICE, "mtu", _TUNNEL_MTU, "addrgenmode", "none")),
        NamespaceCommand(site="core", argv=("ip", "link", "set", DEVICE, "up")),
        _route("core", "add", "default", "dev", DEVICE, "table", _TUNNEL_TABLE),
        *(_rule("add", *rule) for rule in rules),
        *forget,
    )
    end = (
        *(_rule("del", *rule) for rule in rules),
        NamespaceCommand(site="core", argv=("ip", "tuntap", "del", "dev", DEVICE, "mode", "tun")),
        *forget,
    )
    return FaultPlan(begin=begin, end=end)


def _rule(verb: str, *words: str) -> NamespaceCommand:
    return NamespaceCommand(site="core", argv=("ip", "-6", "rule", verb, *words))


def _large_lost(vantage: str) -> FaultPlan:
    """Drop large packets in the core in both directions, without any ICMP error."""
    table = f"large_{vantage.replace('-', '_')}"
    rules = "".join(f'    {way} "{vantage}" ip6 length > 1360 drop\n' for way in ("iifname", "oifname"))
    hook = "type filter hook forward priority 0;"
    text = f"table ip6 {table} {{\n  chain forward {{\n    {hook}\n{rules}  }}\n}}\n"
    return FaultPlan(
        begin=(NamespaceCommand(site="core", argv=("nft", "-f", "-"), text=text),),
        end=(NamespaceCommand(site="core", argv=("nft", "delete", "table", "ip6", table)),),
    )


def _fast_clocks(vantage: str) -> FaultPlan:
    """Questions about the time, of every vantage, go to the control host's fast clock."""
    rules = "".join(_to_fast_clock(address) for address in CONTROL.every())
    hook = "type nat hook prerouting priority -100;"
    text = f"table inet clock {{\n  chain prerouting {{\n    {hook}\n{rules}  }}\n}}\n"
    return FaultPlan(
        begin=(NamespaceCommand(site="control", argv=("nft", "-f", "-"), text=text),),
        end=(NamespaceCommand(site="control", argv=("nft", "delete", "table", "inet", "clock")),),
    )


def _to_fast_clock(address: IPv4Address | IPv6Address) -> str:
    family, there = ("ip6", f"[{address}]") if address.version == 6 else ("ip", str(address))
    return f"    {family} daddr {address} udp dport 123 dnat {family} to {there}:{FAST_CLOCK}\n"


def _no_route(target: FaultTarget) -> FaultPlan:
    # `blackhole` would be silent; a router without a route says so (ICMPv6 type 1 code 0).
    return FaultPlan(
        begin=tuple(_route("core", "replace", "unreachable", f"{a}/128") for a in target.v6),
        end=tuple(_route("core", "del", "unreachable", f"{a}/128") for a in target.v6),
    )


def _filtered(rule: str) -> Callable[[FaultTarget], FaultPlan]:
    def make(target: FaultTarget) -> FaultPlan:
        rules = "\n    ".join(rule.format(address=address) for address in target.v6)
        table = f"fault_{abs(hash((rule, target)))}"
        hook = "type filter hook input priority -10;"
        text = f"table inet {table} {{\n  chain input {{\n    {hook}\n    {rules}\n  }}\n}}\n"
        return FaultPlan(
            begin=(NamespaceCommand(site=target.site, argv=("nft", "-f", "-"), text=text), *_forget_path_mtu(target)),
            end=(NamespaceCommand(site=target.site, argv=("nft", "delete", "table", "inet", table)),),
        )

    return make


def _narrow(target: FaultTarget) -> FaultPlan:
    """Return a locked route MTU at the router makes it answer Packet Too Big, for this subject's traffic alone.

    Towards the subject by a host route in the core, from the subject by a table that only its source address uses.
    """
    forget = tuple(_forget_path_mtu(target))
    return FaultPlan(begin=(*_narrowing(target, "add"), *forget), end=(*_narrowing(target, "del"), *forget))


def _narrowing(target: FaultTarget, verb: str) -> Iterator[NamespaceCommand]:
    edge = BY_NAME[target.site].up or "core"
    for address in target.v6:
        table = str(10_000 + int(address) % 1_000_000_007)
        route = (f"{address}/128", "via", "fe80::2", "dev", edge, "mtu", "lock", "1280")
        yield _route("core", verb, *route)
        yield _route(edge, verb, "default", "via", "fe80::1", "dev", "eth0", "mtu", "lock", "1280", "table", table)
        yield NamespaceCommand(site=edge, argv=("ip", "-6", "rule", verb, "from", f"{address}/128", "lookup", table))


def _forget_path_mtu(target: FaultTarget) -> Iterator[NamespaceCommand]:
    """Flush the path MTUs cached at both ends, which last for ten minutes and would hide the fault."""
    yield from (_route(site, "flush", "cache") for site in (target.site, *VANTAGES))


def _route(site: str, *words: str) -> NamespaceCommand:
    return NamespaceCommand(site=site, argv=("ip", "-6", "route", *words))


FAULTS: Mapping[str, Callable[[FaultTarget], FaultPlan]] = MappingProxyType(
    {
        "no_v6_route": _no_route,
        "drop_icmp6_ptb": _filtered("ip6 daddr {address} icmpv6 type packet-too-big drop"),
        "mtu_1280": _narrow,
        "rst_443": _filtered("ip6 daddr {address} tcp dport 443 reject with tcp reset"),
        "drop_443": _filtered("ip6 daddr {address} tcp dport 443 drop"),
    }
)
VANTAGE_FAULTS: Mapping[str, Callable[[str], FaultPlan]] = MappingProxyType(
    {
        "no_v6_route": _vantage_without_v6,
        "drop_egress_443": _egress_filter,
        "clock_skew": _fast_clocks,
        "pppoe_uplink": _pppoe,
        "tunnel_uplink": _tunnel,
        "large_lost": _large_lost,
    }
)
