"""Assigns every address of the rehearsal, by arithmetic that is the same inside and outside the namespaces.

Only documentation prefixes are used (2001:db8::/32, 3fff::/20, 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24), so
that a packet that ever left by mistake would reach nobody.

    198.51.100.0/25      first IPv4 address of each portal      2001:db8:a0::/48   first IPv6 address, one /64 each
    203.0.113.0/25       second IPv4 address                    3fff:a0::/32       second IPv6 address, another provider
    198.51.100.128/25    portals behind the reduced MTU         2001:db8:b0::/48
    198.51.100.232/28    portals alone at their site            2001:db8:b1::/48 to 2001:db8:b3::/48
    203.0.113.128/26     name servers on BIND                   2001:db8:d1::/48   (lame addresses: 2001:db8:d3::/48)
    192.0.2.128/26       name servers on Knot, another AS       2001:db8:d2::/48
    203.0.113.192/26     mail hosts                             2001:db8:e0::/48
    192.0.2.192/27       machines audited as hosts                  2001:db8:c5::/48 (or 2001:db8:c6::/48)
    192.0.2.96/27        network devices                        2001:db8:c1::/48   one /64 each (or 2001:db8:c2::/48)
    192.0.2.0/24         routers, root and TLD servers, resolver, control, vantages
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from containers.rehearsal.model import DeviceSpec, Machine, NameServerSpec, PortalSpec, Province, Uplink, ZoneSpec
from containers.rehearsal.server_families import ServerV4, ServerV6

SCOPE = ("2001:db8::/32", "3fff::/20", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The addresses on which one host really listens, and the namespace they are in."""

    site: str
    v4: tuple[IPv4Address, ...] = ()
    v6: tuple[IPv6Address, ...] = ()

    def every(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The addresses of both families."""
        return (*self.v4, *self.v6)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSeat:
    """Holds a name server's seat, its published addresses, and the addresses that are lame or filtered.

    ``glue_v4`` holds the parent's addresses where they differ from the published ones.
    """

    seat: Seat
    published_v6: tuple[IPv6Address, ...]
    published_v4: tuple[IPv4Address, ...] = ()
    glue_v4: tuple[IPv4Address, ...] = ()
    lame: tuple[IPv4Address | IPv6Address, ...] = ()
    silent: tuple[IPv6Address, ...] = ()
    no_tcp: tuple[IPv6Address, ...] = ()
    large_lost: tuple[IPv6Address, ...] = ()
    aaaa_dropped: tuple[IPv6Address, ...] = ()
    version_dropped: tuple[IPv4Address | IPv6Address, ...] = ()

    def published(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The addresses of both families in the zone."""
        return (*self.published_v4, *self.published_v6)

    def at_parent(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The addresses of both families at the parent."""
        return (*self.glue_v4, *self.published_v6)

    def answering(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """Return the addresses that answer for the zone."""
        return tuple(a for a in self.seat.every() if a not in self.lame and a not in self.silent)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPlan:
    """Addresses of everything in the province, by full name."""

    portals: Mapping[str, Seat]
    servers: Mapping[str, ServerSeat]
    exchangers: Mapping[str, Seat]
    machines: Mapping[str, Seat]
    policies: Mapping[str, Seat]
    devices: Mapping[str, Seat]
    resolvers: Mapping[str, Seat]


CONTROL = Seat(
    site="control",
    v4=(IPv4Address("192.0.2.65"), IPv4Address("192.0.2.66")),
    v6=(IPv6Address("2001:db8:ffff::1"), IPv6Address("3fff:fff::1")),
)
RESOLVER = Seat(site="resolver", v4=(IPv4Address("192.0.2.53"),), v6=(IPv6Address("2001:db8:53::53"),))

# Servers above the province: the root, vn, gov.vn and the control zones, all on one daemon with a view for each.
_BOTH_FAMILIES = {
    name: Seat(site="registry", v4=(IPv4Address(f"192.0.2.{v4}"),), v6=(IPv6Address(f"2001:db8:1:{v6}::53"),))
    for name, v4, v6 in (
        ("a.root", 33, "a1"),
        ("b.root", 34, "b1"),
        ("a.dns.vn", 35, "a2"),
        ("b.dns.vn", 36, "b2"),
        ("a.dns.gov.vn", 37, "a3"),
        ("b.dns.gov.vn", 38, "b3"),
        ("ns1.kiemtra.vn", 39, "a4"),
        ("ns2.kiemtra.vn", 40, "b4"),
    )
}

UPPER_SERVERS: Mapping[str, Seat] = {
    **_BOTH_FAMILIES,
    "ns1.chi6.kiemtra.vn": Seat(site="registry", v6=(IPv6Address("2001:db8:1:a5::53"),)),
}
"""The last serves a zone that can be asked over IPv6 alone."""

_FLAWS = {
    ServerV6.SILENT: "silent",
    ServerV6.NO_TCP: "no_tcp",
    ServerV6.LARGE_LOST: "large_lost",
    ServerV6.AAAA_DROPPED: "aaaa_dropped",
}
"""Flaws of an address that is there: the field of ``ServerSeat`` that says so."""
# Where the first addresses of the portals of a site begin.
_PORTAL_SITES = {
    "portals": (IPv4Address("198.51.100.0"), "2001:db8:a0"),
    "upland": (IPv4Address("198.51.100.128"), "2001:db8:b0"),
}
# Sites of one portal: what a server there has learnt about the path must not be what another one did.
_ALONE = {
    "lakeside": Seat(site="lakeside", v4=(IPv4Address("198.51.100.233"),), v6=(IPv6Address("2001:db8:b1::80"),)),
    "delta": Seat(site="delta", v4=(IPv4Address("198.51.100.237"),), v6=(IPv6Address("2001:db8:0:b2::80"),)),
    "marsh": Seat(site="marsh", v4=(IPv4Address("198.51.100.241"),), v6=(IPv6Address("2001:db8:b3::80"),)),
}
_SERVER_V4 = {"named": IPv4Address("203.0.113.128"), "knot": IPv4Address("192.0.2.128")}
_LAST_LAME = IPv4Address("203.0.113.191")
"""Lame IPv4 addresses are counted down from here."""
_SERVER_V6 = {"named": "d1", "knot": "d2"}
_MACHINE_V4 = IPv4Address("192.0.2.192")
BESIDE_TEREDO = Seat(site="machines", v4=(_MACHINE_V4 + 30,))
"""The second address that a Teredo server must have (RFC 4380 §5.3); it is not audited."""
_POLICIES = Seat(site="upland", v4=(IPv4Address("198.51.100.254"),), v6=(IPv6Address("2001:db8:b0:fff::443"),))
"""The host that serves all MTA-STS policies, as big providers do."""
_MAIL_V4 = IPv4Address("203.0.113.192")


def lay_out(province: Province) -> AddressPlan:
    """Number the province."""
    portals = {province.fqdn(p.label): _portal(n, p) for n, p in enumerate(province.portals, 1)}
    policies = {f"mta-sts.{province.fqdn(mail.label)}": _POLICIES for mail in province.mails if mail.has_policy}
    return AddressPlan(
        portals=portals,
        servers=dict(_servers(province)),
        exchangers=dict(_exchangers(province)),
        machines={machine.label: _machine(number, machine) for number, machine in enumerate(province.machines, 1)},
        policies=policies,
        devices={device.label: device_seat(number, device) for number, device in enumerate(province.devices, 1)},
        resolvers=dict(_resolvers(province)),
    )


def _machine(number: int, machine: Machine) -> Seat:
    block = (
        "c6" if machine.fragments_lost else "c5"
    )  # elsewhere than those whose answers show that its silence is its own
    return Seat(site="machines", v4=(_MACHINE_V4 + number,), v6=(IPv6Address(f"2001:db8:{block}:{number:x}::1"),))


def device_seat(number: int, device: DeviceSpec) -> Seat:
    """A device has a namespace of its own, named like it."""
    block = "c1" if device.agent_v6 else "c2"  # elsewhere than those whose answers show that its silence is its own
    v6 = () if device.uplink is Uplink.LINK_LOCAL else (IPv6Address(f"2001:db8:{block}:{number:x}::1"),)
    return Seat(site=device.label, v4=(IPv4Address("192.0.2.96") + number,), v6=v6)


def _portal(number: int, portal: PortalSpec) -> Seat:
    if portal.site in _ALONE:
        return _ALONE[portal.site]
    base, prefix = _PORTAL_SITES[portal.site]
    first = base + number
    second = IPv4Address("203.0.113.0") + number
    v6 = (IPv6Address(f"{prefix}:{number:x}::80"), IPv6Address(f"3fff:a0:{number:x}::80"))
    return Seat(site=portal.site, v4=(first, second)[: portal.v4], v6=v6[: portal.v6])


def server_name(province: Province, zone: ZoneSpec, server: NameServerSpec) -> str:
    """Return the NS name, inside its own zone so that it needs glue."""
    return f"{server.label}.{province.fqdn(zone.label)}"


def _servers(province: Province) -> Iterator[tuple[str, ServerSeat]]:
    used, lame = {"named": 0, "knot": 0}, 0
    for zone in province.zones:
        first: ServerSeat | None = None
        for server in zone.servers:
            used[server.site] += 1
            seat = _server(server, used[server.site], first)
            seat = replace(seat, published_v4=seat.seat.v4, glue_v4=seat.seat.v4)
            if server.version_dropped:
                seat = replace(seat, version_dropped=seat.seat.every())
            if server.v4 is not ServerV4.ANSWERS:
                seat, lame = _with_lame_v4(seat, server.v4, _LAST_LAME - lame), lame + 1
            first = first or seat
            yield server_name(province, zone, server), seat


def _with_lame_v4(seat: ServerSeat, v4: ServerV4, address: IPv4Address) -> ServerSeat:
    """Return the seat with a lame address, either for all clients or only for those that follow the parent's glue."""
    if v4 is ServerV4.OLD_GLUE:
        return replace(seat, glue_v4=(address,), lame=(*seat.lame, address))
    elsewhere = replace(seat.seat, v4=())
    lame = (*seat.lame, address)
    return replace(seat, seat=elsewhere, published_v4=(address,), glue_v4=(address,), lame=lame)


def _server(server: NameServerSpec, number: int, first: ServerSeat | None) -> ServerSeat:
    v4 = (_SERVER_V4[server.site] + number,)
    own = IPv6Address(f"2001:db8:{_SERVER_V6[server.site]}:{number:x}::53")
    # Lame addresses are all on BIND, in a view without zones, whichever daemon has the IPv4 side.
    lame = IPv6Address(f"2001:db8:d3:{number:x}{'a' if server.site == 'named' else 'b'}::53")
    seated = Seat(site=server.site, v4=v4, v6=(own,))
    if server.v6 in _FLAWS:
        flaw: dict[str, Any] = {_FLAWS[server.v6]: (own,)}
        return replace(ServerSeat(seat=seated, published_v6=(own,)), **flaw)
    match server.v6:
        case ServerV6.LAME:
            return ServerSeat(seat=Seat(site=server.site, v4=v4), published_v6=(lame,), lame=(lame,))
        case ServerV6.SHARED:
            shared = first.published_v6 if first else ()
            return ServerSeat(seat=Seat(site=server.site, v4=v4), published_v6=shared)
        case ServerV6.MAPPED:
            return ServerSeat(seat=Seat(site=server.site, v4=v4), published_v6=(IPv6Address(f"::ffff:{v4[0]}"),))
        case ServerV6.LINK_LOCAL:
            return ServerSeat(seat=Seat(site=server.site, v4=v4), published_v6=(IPv6Address("fe80::5054:ff:fe12:53"),))
        case ServerV6.NONE:
            return ServerSeat(seat=Seat(site=server.site, v4=v4), published_v6=())
        case _:
            return ServerSeat(seat=seated, published_v6=(own,))


def _resolvers(province: Province) -> Iterator[tuple[str, Seat]]:
    """Assign addresses to resolvers; the first has those that every host here uses."""
    for number, resolver in enumerate(province.resolvers):
        v6 = (IPv6Address(f"2001:db8:53::{53 + number}"),) if resolver.v6 else ()
        yield province.fqdn(resolver.label), Seat(site="resolver", v4=(RESOLVER.v4[0] + number,), v6=v6)


def _exchangers(province: Province) -> Iterator[tuple[str, Seat]]:
    number = 0
    for mail in province.mails:
        for exchanger in mail.exchangers:
            number += 1
            v6 = (IPv6Address(f"2001:db8:e0:{number:x}::25"),) if exchanger.v6 else ()
            yield (f"{exchanger.label}.{province.fqdn(mail.label)}", Seat(site="mail", v4=(_MAIL_V4 + number,), v6=v6))
