"""Writes everything that must exist before the first daemon starts."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from containers.rehearsal import (
    agents,
    certificates,
    daemons,
    expected,
    inventory,
    lans,
    mail,
    routing,
    signing,
    web,
    zones,
)
from containers.rehearsal.addressing import RESOLVER, AddressPlan
from containers.rehearsal.model import Province, Signing
from containers.rehearsal.settings import POLICY, VANTAGE_FILES, configuration
from containers.rehearsal.workspace import Workspace


def prepare(space: Workspace, province: Province, layout: AddressPlan) -> None:
    """Fill the working directory: zones, certificates, daemons' configurations, the auditor's files."""
    space.logs.mkdir()
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(_certificates, space, province, layout)
        dns = pool.submit(_zones, space, province, layout, made)
        web.write_pages(province, space.pages)
        daemons.configure(space, province, layout)
        agents.write_secrets(space)
        _auditor_files(space, province, layout)
        made.result()
        dns.result()


def _zones(space: Workspace, province: Province, layout: AddressPlan, certificates_made: Future[None]) -> None:
    space.zones.mkdir()
    ways = dict.fromkeys(zones.UPPER_CUTS, Signing.GOOD) | {zones.BOGUS: Signing.WRONG_DS}
    ways |= {province.fqdn(zone.label): zone.signing for zone in province.zones if zone.signed}
    ds = signing.make_keys(ways, space.keys)
    space.anchor.write_text(f". IN DS {ds['.']}\n", "ascii")
    held = signing.published(ways, ds)
    certificates_made.result()
    province = mail.with_keys(province, space.certificates)
    every = (*zones.upper_zones(province, layout, held), *zones.province_zones(province, layout, held))
    for zone in every:
        space.zone(zone.apex).write_text(zone.text(), "utf-8")
    for zone in zones.other_copies(province, layout):
        space.other(zone.apex).write_text(zone.text(), "utf-8")
    signing.sign({zone.apex: space.zone(zone.apex) for zone in every if zone.signed}, ways, space.keys)


def _certificates(space: Workspace, province: Province, layout: AddressPlan) -> None:
    space.certificates.mkdir()
    authority = certificates.found()
    space.authority.write_text(certificates.pem(authority.root.certificate), "ascii")
    for name, kind in daemons.certificates_needed(province, layout):
        certificates.certify(authority, space.certificates, name, kind)
    certificates.publish(authority, space.certificates)


def _auditor_files(space: Workspace, province: Province, layout: AddressPlan) -> None:
    space.hints.write_text(zones.root_hints(), "ascii")
    space.resolv_conf.write_text("".join(f"nameserver {a}\n" for a in (*RESOLVER.v6, *RESOLVER.v4)), "ascii")
    (space.dir / "inventory.csv").write_text(inventory.table(province, layout), "utf-8")
    (space.dir / lans.INVENTORY).write_text(lans.table(), "utf-8")
    (space.dir / "expected.json").write_text(expected.document(province), "utf-8")
    now = datetime.now(UTC)
    space.routes.write_text(routing.routes(province, layout, now), "ascii")
    space.roas.write_text(routing.roas(now), "ascii")
    space.policy.write_text(POLICY, "utf-8")
    for vantage in VANTAGE_FILES:
        (space.dir / vantage.file).write_text(configuration(vantage, space), "utf-8")
