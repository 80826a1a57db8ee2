"""Writes zone files, from the root down to the last agency, before they are signed.

Delegations carry glue for both families exactly as the children publish it; a defect of an address stands in both.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from containers.rehearsal.addressing import CONTROL, UPPER_SERVERS, AddressPlan, server_name
from containers.rehearsal.mail import CLIENT_PORTS
from containers.rehearsal.model import (
    MISNAMED,
    OUTBOUND,
    RELAYS,
    SELECTOR,
    Clients,
    ExchangerSpec,
    MailSpec,
    MxListing,
    PortalSpec,
    Province,
    ZoneSpec,
)

Address = IPv4Address | IPv6Address
BOGUS = "saikhoa.vn"
CONTROL_ZONE = "kiemtra.vn"
IPV6_ZONE = f"chi6.{CONTROL_ZONE}"
CONTROL_NAMES = {
    "signed": f"dung.{CONTROL_ZONE}",
    "bogus": f"www.{BOGUS}",
    "aaaa_only": f"chi-ipv6.{CONTROL_ZONE}",
    "ipv6_only_zone": f"ten.{IPV6_ZONE}",
}
TTL = 300
ALIAS, GONE = "bi-danh", "da-bo"
"""Labels that MX records name: an alias of the exchanger, and one that is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneText:
    """Holds one zone to be served: its apex without the final dot ("." for the root) and its records."""

    apex: str
    records: tuple[str, ...]
    signed: bool

    def text(self) -> str:
        """Return the master file."""
        return f"$TTL {TTL}\n" + "\n".join(self.records) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildDelegation:
    """A parent's delegation of a child: its servers with their glue, which ``old`` has instead of some addresses."""

    apex: str
    servers: Mapping[str, tuple[Address, ...]]
    old: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)
    glue: tuple[int, ...] = (4, 6)


def upper(names: Iterable[str]) -> dict[str, tuple[Address, ...]]:
    """Some servers above the province, with their addresses."""
    return {name: UPPER_SERVERS[name].every() for name in names}


UPPER_CUTS = {
    cut.apex: cut
    for cut in (
        ChildDelegation(apex=".", servers=upper(("a.root", "b.root"))),
        ChildDelegation(apex="arpa", servers=upper(("a.root", "b.root"))),
        ChildDelegation(apex="ip6.arpa", servers=upper(("a.root", "b.root"))),
        ChildDelegation(apex="vn", servers=upper(("a.dns.vn", "b.dns.vn"))),
        ChildDelegation(apex="gov.vn", servers=upper(("a.dns.gov.vn", "b.dns.gov.vn"))),
        ChildDelegation(apex=CONTROL_ZONE, servers=upper(("ns1.kiemtra.vn", "ns2.kiemtra.vn"))),
        ChildDelegation(apex=IPV6_ZONE, servers=upper(("ns1.chi6.kiemtra.vn",))),
        ChildDelegation(apex=BOGUS, servers=upper(("ns1.kiemtra.vn", "ns2.kiemtra.vn"))),
    )
}


def cut_of(zone: ZoneSpec, province: Province, layout: AddressPlan) -> ChildDelegation:
    """Return the delegation of one of the province's zones."""
    seats = {server_name(province, zone, server): server for server in zone.servers}
    servers: dict[str, tuple[Address, ...]] = {}
    for name in seats:
        server = layout.servers[name]
        servers[name] = server.published()
    old = {name: layout.servers[name].at_parent() for name in servers}
    servers |= dict.fromkeys(zone.lapsed, ())
    return ChildDelegation(
        apex=province.fqdn(zone.label), servers=servers, old=old, glue=(4, 6) if zone.glue_v6 else (4,)
    )


def upper_zones(province: Province, layout: AddressPlan, ds: Mapping[str, str]) -> Iterator[ZoneText]:
    """Yield all zones above the province, with the DS data of signed children (a wrong one for the bogus zone)."""
    main = next(cut_of(z, province, layout) for z in province.zones if not z.label)
    tree = {
        ".": ("vn",),
        "arpa": ("ip6.arpa",),
        "vn": ("gov.vn", CONTROL_ZONE, BOGUS),
        "gov.vn": (main.apex,),
        CONTROL_ZONE: (IPV6_ZONE,),
    }
    cuts = {**UPPER_CUTS, main.apex: main}
    own = {
        ".": ["arpa. IN NS a.root.", "arpa. IN NS b.root.", f"arpa. IN DS {ds['arpa']}"],
        "arpa": [*_reverse(province, layout, 4), "ipv4only.arpa. IN A 192.0.0.170", "ipv4only.arpa. IN A 192.0.0.171"],
        "ip6.arpa": [*_reverse(province, layout, 6), *_relays_reversed(province)],
        IPV6_ZONE: list(_addresses(CONTROL_NAMES["ipv6_only_zone"], CONTROL.every())),
        CONTROL_ZONE: list(_control_names()),
        BOGUS: [*_addresses(BOGUS, CONTROL.every()), *_addresses(f"www.{BOGUS}", CONTROL.every())],
    }
    for apex, cut in UPPER_CUTS.items():
        children = (cuts[child] for child in tree.get(apex, ()))
        records = (*_apex(cut), *own.get(apex, ()), *(line for c in children for line in _delegation(c, ds)))
        yield ZoneText(apex=apex, records=records, signed=True)


def province_zones(province: Province, layout: AddressPlan, ds: Mapping[str, str]) -> Iterator[ZoneText]:
    """The province's own zone with all its hosts, and the zones delegated from it, with the DS data of signed ones."""
    children = [cut_of(zone, province, layout) for zone in province.zones if zone.label]
    for zone in province.zones:
        records = list(_apex(cut_of(zone, province, layout), days=5 if zone.stale else 0))
        if not zone.label:
            records += [line for cut in children for line in _delegation(cut, ds)]
            records += _hosts(province, layout)
        records += _on_its_own_name(zone, province, layout)
        yield ZoneText(apex=province.fqdn(zone.label), records=tuple(records), signed=zone.signed)


def other_copies(province: Province, layout: AddressPlan) -> Iterator[ZoneText]:
    """Yield the copies on the Knot servers of zones that differ between servers.

    Those are zones with failed transfers, ten days old there and five elsewhere; and zones of which these servers are
    primaries themselves, with a serial of their own.
    """
    for zone in province.zones:
        if zone.stale or zone.primaries:
            own = [server for server in zone.servers if server.site == "knot"]
            primary = server_name(province, zone, own[0]) if zone.primaries else ""
            records = tuple(_apex(cut_of(zone, province, layout), days=10 if zone.stale else 1, primary=primary))
            yield ZoneText(apex=province.fqdn(zone.label), records=records, signed=False)


def root_hints() -> str:
    """Return the hints file of every resolver here."""
    root = UPPER_CUTS["."]
    lines = [f". 3600000 NS {name}." for name in root.servers]
    lines += [
        f"{name}. 3600000 {_type(address)} {address}"
        for name, addresses in root.servers.items()
        for address in addresses
    ]
    return "\n".join(lines) + "\n"


def _apex(cut: ChildDelegation, *, days: int = 0, primary: str = "") -> Iterator[str]:
    """SOA, NS and the servers' addresses. The serial is the time ``days`` ago, ``primary`` not the first."""
    dot = _dot(cut.apex)
    first = primary or next(iter(cut.servers))
    yield f"{dot} IN SOA {first}. hostmaster.{first}. {int(time.time()) - 86_400 * days} 7200 1800 1209600 300"
    yield from (f"{dot} IN NS {name}." for name in cut.servers)
    for name, addresses in cut.servers.items():
        if cut.apex == "." or name.endswith(f".{cut.apex}"):
            yield from _addresses(name, addresses)


def _delegation(cut: ChildDelegation, ds: Mapping[str, str]) -> Iterator[str]:
    yield from (f"{_dot(cut.apex)} IN NS {name}." for name in cut.servers)
    if cut.apex in ds:
        yield f"{_dot(cut.apex)} IN DS {ds[cut.apex]}"
    for name, addresses in cut.servers.items():
        if name.endswith(f".{cut.apex}"):
            yield from _addresses(
                name, (address for address in cut.old.get(name, addresses) if address.version in cut.glue)
            )


def _hosts(province: Province, layout: AddressPlan) -> Iterator[str]:
    yield f'{province.domain}. IN TXT "v=spf1 -all"'
    yield f'{province.domain}. IN CAA 0 issue "ca.{province.domain}"'
    yield f"{province.domain}. IN MX 0 ."
    yield from (f"{province.fqdn(label)}. IN AAAA {address}" for label, address in RELAYS.items())
    for name, seat in layout.resolvers.items():
        yield from _addresses(name, seat.every())
    for portal in province.portals:
        yield from _portal(province.fqdn(portal.label), portal, layout)
    for mail in province.mails:
        yield from _mail(province.fqdn(mail.label), mail, layout)


def _on_its_own_name(zone: ZoneSpec, province: Province, layout: AddressPlan) -> Iterator[str]:
    """Records that make one name web site, zone and mail domain at once."""
    apex = province.fqdn(zone.label)
    if zone.web is not None:
        yield from _addresses(apex, layout.portals[province.fqdn(zone.web)].every())
    for mail in province.mails:
        if mail.label == zone.mail:
            for exchanger in mail.exchangers:
                yield f"{apex}. IN MX {exchanger.preference} {exchanger.label}.{province.fqdn(mail.label)}."


def _portal(name: str, portal: PortalSpec, layout: AddressPlan) -> Iterator[str]:
    published = tuple(ip_address(text) for text in portal.published_v6)
    yield from _addresses(name, (*layout.portals[name].every(), *published))
    yield from _addresses(f"www.{name}", layout.portals[name].v4 if portal.www_v4 else ())
    yield from (f"{name}. IN CAA {record}" for record in portal.caa)
    yield from (f"{name}. IN HTTPS {record.format(v6=layout.portals[name].v6[0])}" for record in portal.https)


def _mail(name: str, mail: MailSpec, layout: AddressPlan) -> Iterator[str]:
    strict = f"v=DMARC1; p=reject; rua=mailto:dmarc@{name}"
    yield from (f"_dmarc.{name}. IN TXT {_strings(text)}" for text in ((strict,) if mail.dmarc is None else mail.dmarc))
    usual = f"v=spf1 mx ip6:{OUTBOUND}/64 -all" if mail.exchangers else "v=spf1 -all"
    yield from (f"{name}. IN TXT {_strings(text)}" for text in ((usual,) if mail.spf is None else mail.spf))
    if mail.exchangers and mail.dkim:
        yield f"{SELECTOR}._domainkey.{name}. IN TXT {_strings(mail.dkim)}"
    if mail.has_policy:
        yield f'_mta-sts.{name}. IN TXT "v=STSv1; id=20260101"'
        yield from _addresses(f"mta-sts.{name}", layout.policies[f"mta-sts.{name}"].every())
    yield from (f"_25._tcp.{mail.exchangers[0].label}.{name}. IN TLSA {record}" for record in mail.tlsa)
    yield f'_smtp._tls.{name}. IN TXT "v=TLSRPTv1; rua=mailto:tls@{name}"'
    if not mail.exchangers:
        yield f"{name}. IN MX 0 ."
    for exchanger in mail.exchangers:
        yield from _exchanger(name, exchanger, mail.listed, layout)
    if mail.clients is not Clients.NONE:
        for label, port in CLIENT_PORTS.items():
            yield f"{label}.{name}. IN SRV 0 1 {port} {mail.exchangers[0].label}.{name}."


def _exchanger(name: str, exchanger: ExchangerSpec, listed: MxListing, layout: AddressPlan) -> Iterator[str]:
    host = f"{exchanger.label}.{name}"
    target = {MxListing.ALIAS: f"{ALIAS}.{name}", MxListing.ABSENT: f"{GONE}.{name}"}.get(listed, host)
    if listed is MxListing.IMPLICIT:
        yield from _addresses(name, layout.exchangers[host].every())
    else:
        yield f"{name}. IN MX {exchanger.preference} {target}."
    if listed is MxListing.ALIAS:
        yield f"{target}. IN CNAME {host}."
    yield from _addresses(host, layout.exchangers[host].every())


def _strings(text: str) -> str:
    """Character strings hold 255 bytes (RFC 1035 §3.3)."""
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))


def _control_names() -> Iterator[str]:
    yield from _addresses(CONTROL_ZONE, CONTROL.every())
    yield from _addresses(CONTROL_NAMES["signed"], CONTROL.every())
    yield from _addresses(CONTROL_NAMES["aaaa_only"], CONTROL.v6)


def _reverse(province: Province, layout: AddressPlan, version: int) -> Iterator[str]:
    """Reverse names of everything that listens."""
    seats = {**layout.portals, **layout.exchangers, **layout.resolvers, **UPPER_SERVERS}
    seats |= {name: server.seat for name, server in layout.servers.items()}
    other = {
        province.fqdn(portal.label): province.fqdn(portal.reverse) for portal in province.portals if portal.reverse
    }
    for name, seat in seats.items():
        every = (address for address in seat.every() if address.version == version)
        yield from (f"{address.reverse_pointer}. IN PTR {other.get(name, name)}." for address in every)


def _relays_reversed(province: Province) -> Iterator[str]:
    """Reverse names of the addresses that send mail. The name of the last does not resolve back."""
    named = {address: label for label, address in RELAYS.items()} | {MISNAMED: next(iter(RELAYS))}
    for address, label in named.items():
        yield f"{ip_address(address).reverse_pointer}. IN PTR {province.fqdn(label)}."


def _addresses(name: str, addresses: Iterable[Address]) -> Iterator[str]:
    yield from (f"{name}. IN {_type(address)} {address}" for address in addresses)


def _type(address: Address) -> str:
    return "A" if address.version == 4 else "AAAA"


def _dot(name: str) -> str:
    return name if name == "." else f"{name}."
