"""Builds the packet filters of the province: the defects that a firewall causes."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from containers.rehearsal import lans, mail
from containers.rehearsal.addressing import AddressPlan, ServerSeat
from containers.rehearsal.model import Province
from containers.rehearsal.topology import SITES

SILENT_ROUTERS = ("dam", "sluice")
ICMP6 = "destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, echo-reply"
_ABOVE = {site.name: site.up for site in SITES}


def rules(site: str, province: Province, layout: AddressPlan) -> str:
    """Return an nft table for one namespace; empty if nothing is filtered there."""
    chains = {
        "input": [
            *_portals(site, province, layout),
            *_fragments(site, province, layout),
            *_servers(site, layout),
            *_questions(site, layout),
            *_mails(site, province, layout),
        ],
        "forward": [*_large_answers(site, layout)],
        "output": [*_full_packets(site, province, layout), *_hop_limits(site)],
    }
    text = "".join(_chain(hook, lines) for hook, lines in chains.items() if lines)
    own = f"table inet province {{\n{text}}}\n" if text else ""
    return own + bans(_banning(site, province, layout)) + lans.rules(site)


BANNING = "bans"
"""The table of the intrusion prevention, and its set of banned sources."""


def bans(addresses: Iterable[IPv4Address]) -> str:
    """An intrusion prevention before these, empty for none: an attempt at Windows' endpoint mapper (TCP 135), and the
    sender gets no answer there any more. It knows IPv4 alone."""
    syn = "tcp flags & (syn | ack) == syn"
    lines = [f"ip saddr . ip daddr @{BANNING} {syn} drop"]
    lines += [
        f"ip daddr {address} {syn} tcp dport 135 add @{BANNING} {{ ip saddr . ip daddr }} drop" for address in addresses
    ]
    banned = f"  set {BANNING} {{ type ipv4_addr . ipv4_addr; flags dynamic, timeout; timeout 10m; }}\n"
    return f"table ip {BANNING} {{\n{banned}{_chain('input', lines)}}}\n" if len(lines) > 1 else ""


def _banning(site: str, province: Province, layout: AddressPlan) -> Iterator[IPv4Address]:
    for machine in province.machines:
        seat = layout.machines[machine.label]
        if seat.site == site and machine.bans_v4:
            yield from seat.v4


def _full_packets(site: str, province: Province, layout: AddressPlan) -> Iterator[str]:
    """Yield rules that lose large packets like a tunnel whose Packet Too Big does not come back."""
    for portal in province.portals:
        seat = layout.portals[province.fqdn(portal.label)]
        if seat.site == site and portal.full_lost:
            yield from (f"ip6 saddr {a} tcp sport {{ 80, 443 }} ip6 length > 1400 drop" for a in seat.v6)


def _hop_limits(site: str) -> Iterator[str]:
    if site in SILENT_ROUTERS:
        yield "icmpv6 type time-exceeded drop"


def _fragments(site: str, province: Province, layout: AddressPlan) -> Iterator[str]:
    for machine in province.machines:
        seat = layout.machines[machine.label]
        if seat.site == site and machine.fragments_lost:
            yield from (f"ip6 daddr {address} exthdr frag exists drop" for address in seat.v6)


def _chain(hook: str, lines: list[str]) -> str:
    body = "\n    ".join(lines)
    return f"  chain {hook} {{\n    type filter hook {hook} priority 0;\n    {body}\n  }}\n"


def _large_answers(site: str, layout: AddressPlan) -> Iterator[str]:
    """Yield rules that drop large answers on the router before the server.

    A server whose own kernel refuses one answer of a batch drops the rest of the batch too.
    """
    for server in layout.servers.values():
        if _ABOVE[server.seat.site] == site:
            for address in server.large_lost:
                yield f"ip6 saddr {address} udp sport 53 udp length > 220 drop"


def _portals(site: str, province: Province, layout: AddressPlan) -> Iterator[str]:
    for portal in province.portals:
        seat = layout.portals[province.fqdn(portal.label)]
        if seat.site != site:
            continue
        for index, port in portal.silent_v6:
            yield f"ip6 daddr {seat.v6[index]} tcp dport {port} drop"
        if portal.mute_v6:
            yield from (f"ip6 daddr {a} meta l4proto {{ tcp, udp }} th dport 33434-33600 drop" for a in seat.v6)
        if portal.icmp6_lost:
            yield from (f"ip6 daddr {address} icmpv6 type {{ {ICMP6} }} drop" for address in seat.v6)
        if portal.second_lost:  # the first record of a handshake, behind a TCP header with time stamps
            yield from (
                f"ip6 daddr {address} tcp dport 443 ip6 length > 1100 @th,256,8 0x16 drop" for address in seat.v6
            )
        if portal.clamped:
            yield from (f"ip6 daddr {a} tcp flags syn tcp option maxseg size set 1220" for a in seat.v6)
        if portal.minimum_lost:
            # Errors of that size come through: whether a server is told that its packets are too big is another defect.
            lost = ("meta l4proto != ipv6-icmp", "icmpv6 type { echo-request, echo-reply }")
            yield from (f"ip6 daddr {address} ip6 length 1240 {which} drop" for address in seat.v6 for which in lost)
        if not portal.echo:
            yield from (f"ip6 daddr {address} icmpv6 type echo-request drop" for address in seat.v6)
            yield from (f"ip daddr {address} icmp type echo-request drop" for address in seat.v4)


def _servers(site: str, layout: AddressPlan) -> Iterator[str]:
    for server in layout.servers.values():
        if server.seat.site == site:
            for address in server.silent:
                yield f"ip6 daddr {address} meta l4proto {{ tcp, udp }} th dport 53 drop"
            for address in server.no_tcp:
                yield f"ip6 daddr {address} tcp dport 53 drop"


def _questions(site: str, layout: AddressPlan) -> Iterator[str]:
    """Questions for AAAA of the zone and of names one label of three letters below it, as a load balancer drops them.

    The type stands behind the name, whose length is known: UDP header, DNS header, labels with their lengths, root.
    """
    for name, server in layout.servers.items():
        if server.seat.site == site:
            zone = name.partition(".")[2]
            yield from _versions(zone, server)
            for address in server.aaaa_dropped:
                for asked in (zone, f"www.{zone}"):
                    bits = 8 * (8 + 12 + len(asked) + 2)
                    yield f"ip6 daddr {address} udp dport 53 @th,{bits},16 28 drop"


def _versions(zone: str, server: ServerSeat) -> Iterator[str]:
    """Questions for the SOA with version 1 of EDNS, as a firewall drops them that knows version 0 alone.

    The OPT record stands behind the type and class of the question: root, type, size, extended code, version.
    """
    behind_name = 8 + 12 + len(zone) + 2
    rtype, version = 8 * behind_name, 8 * (behind_name + 2 + 2 + 1 + 2 + 2 + 1)
    for address in server.version_dropped:
        family = "ip" if address.version == 4 else "ip6"
        yield f"{family} daddr {address} udp dport 53 @th,{rtype},16 6 @th,{version},8 1 drop"


def _mails(site: str, province: Province, layout: AddressPlan) -> Iterator[str]:
    for host in mail.shown(province, layout):
        if layout.exchangers[host.name].site == site and host.exchanger.silent_v6:
            yield from (f"ip6 daddr {a} tcp dport 25 drop" for a in host.addresses if a.version == 6)
