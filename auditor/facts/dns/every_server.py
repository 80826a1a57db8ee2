"""Lists every address of every name server of a zone, for checks that judge each."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import Delegated, Zone, is_public, zone
from auditor.facts.targets import JudgedTargets
from auditor.framework.check import Message, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceSet

NO_SERVER: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    NO_SERVER=not_applicable("No name server of {zone} has an address that can be asked."),
    **not_judged.NOT_DELEGATED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """Holds one address of a name server of a zone."""

    zone: Zone
    address: IPAddress


def targets(subject: Subject, evidence: EvidenceSet, ctx: Context) -> JudgedTargets[ServerAddress]:
    """Return every address of every name server of the zone."""
    zone_facts = zone(subject, evidence, ctx)
    if zone_facts.delegated is Delegated.UNKNOWN:
        return JudgedTargets(unknown=[not_judged.dns(zone_facts.as_lookup)])
    if zone_facts.delegated is Delegated.NO:
        return JudgedTargets(
            nothing=Verdict(code="NOT_DELEGATED", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)
        )
    looks = [look for server in zone_facts.servers for look in (server.aaaa, server.a) if not look.known]
    addresses = [ServerAddress(zone=zone_facts, address=address) for address in every_address(subject, zone_facts, ctx)]
    return JudgedTargets(
        found=[*addresses, *(not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in looks)],
        nothing=Verdict(code="NO_SERVER", args={"zone": zone_facts.name}, evidence=zone_facts.evidence),
    )


def every_address(subject: Subject, zone_facts: Zone, ctx: Context) -> tuple[IPAddress, ...]:
    """Return all routable addresses of a zone's name servers, IPv6 first.

    Addresses that cannot be routed are the finding of ``ns-addr-sane`` and ``ns-ipv4``.
    """
    v6 = {address for address in zone_facts.names_of if rejection(subject, address, ctx) is None}
    v4 = {address for server in zone_facts.servers for address in server.a.v4 if is_public(address, ctx)}
    return (*sorted(v6, key=int), *sorted(v4, key=int))
