"""Writes the inventory of the province: one row for each subject, in the columns of the public interface."""

import csv
import io
from collections.abc import Iterator, Mapping

from containers.rehearsal.addressing import AddressPlan
from containers.rehearsal.agents import PROFILES
from containers.rehearsal.model import Province, Uplink

COLUMNS = (
    "id",
    "agency_code",
    "agency_name",
    "parent_code",
    "unit_level",
    "site",
    "coordinates",
    "name",
    "kind",
    "ipv4",
    "ipv6",
    "fqdn",
    "services",
    "network",
    "expected_ipv6",
    "snmp_profile",
    "clearance",
    "authorisation",
    "contact",
    "valid_from",
    "valid_to",
    "bandwidth_mbps",
    "provider",
    "channel",
    "device",
    "activated",
    "expected_asn",
    "allowed_ports",
    "security_level",
    "test_url",
    "tags",
    "note",
)
VALID_FROM = "2026-01-01"
EXEMPT = "exempt:thay trong năm 2028;by=CV 20/SKHCN;until=2028-12-31"
AUTHORISATION = "CV 12/UBND-CNTT"


def table(province: Province, layout: AddressPlan) -> str:
    """Return the whole file as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(province, layout))
    return out.getvalue()


def _rows(province: Province, layout: AddressPlan) -> Iterator[Mapping[str, str]]:
    for portal in province.portals:
        name = province.fqdn(portal.label)
        url = f"https://{name}/ban-do.svg"
        own = {"name": name, "kind": portal.kind, "test_url": url, "expected_asn": str(portal.expected_asn)}
        allowed = {"clearance": "intrusive"} if portal.authorised else {}
        yield _owner(province, portal.agency) | own | allowed
    for zone in province.zones:
        yield _owner(province, zone.agency) | {"name": province.fqdn(zone.label), "kind": "zone"}
    for mail in province.mails:
        row = {"name": province.fqdn(mail.label), "kind": "mail", "tags": mail.tags}
        allowed = {"clearance": "intrusive"} if mail.authorised else {}
        yield _owner(province, mail.agency) | row | allowed
    for machine in province.machines:
        seat = layout.machines[machine.label]
        yield _owner(province, machine.agency) | {
            "name": machine.label,
            "kind": "host",
            "ipv4": str(seat.v4[0]),
            "ipv6": str(seat.v6[0]),
            "clearance": "intrusive" if machine.authorised else "",
            "allowed_ports": machine.allowed_ports,
            "tags": machine.tags,
        }
    for device in province.devices:
        seat = layout.devices[device.label]
        yield _owner(province, device.agency) | {
            "name": device.label,
            "kind": device.kind,
            "ipv4": str(seat.v4[0]),
            "ipv6": str(seat.v6[0]) if device.uplink is Uplink.GLOBAL and not device.v4_alone else "",
            "expected_ipv6": EXEMPT if device.v4_alone else "",
            "services": "snmp:161",
            "snmp_profile": PROFILES[device.version],
            "clearance": "intrusive" if device.authorised else "",
            "device": device.declared,
            "tags": device.tags,
            "network": device.network,
            "activated": device.activated,
        }
    for resolver in province.resolvers:
        of_it = {"name": province.fqdn(resolver.label), "kind": "resolver", "network": "tslcd", "tags": resolver.tags}
        yield _owner(province, resolver.agency) | of_it


def _owner(province: Province, code: str) -> dict[str, str]:
    agency = next(agency for agency in province.agencies if agency.code == code)
    return {
        "agency_code": agency.code,
        "agency_name": agency.name,
        "parent_code": agency.parent or "",
        "unit_level": agency.level,
        "coordinates": agency.coordinates,
        "network": "internet",
        "valid_from": VALID_FROM,
        "contact": f"cntt@{province.domain}",
        "authorisation": AUTHORISATION,
    }
