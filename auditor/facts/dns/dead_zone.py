"""Takes name server addresses from the parent's glue where no server of a zone serves it any more.

Servers inside a zone publish their own addresses. If none of them serves the zone any more, those addresses cannot be
looked up, and resolvers use the glue: it shows where the servers are and what is wrong with them.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from auditor.facts.dns.glue import Referred, inside, referrals
from auditor.facts.dns.names import Lookup
from auditor.facts.dns.nameservers import NameServer, Zone
from auditor.facts.dns.soa import SoaReply, by_way_of_tcp
from auditor.framework.context import Context
from inventory.model import IPAddress, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus


def with_dead_glue(zone: Zone, evidence: EvidenceSet, ctx: Context) -> Zone:
    """Return the zone with glue in place of server addresses that are unknown, if none of that glue answers for it.

    Glue that answers does not show which addresses the zone lists, and is left out.
    """
    said = referrals(evidence, ctx, zone.name)

    def told(look: Lookup, name: str, version: int) -> Lookup:
        held = _glue(said, name, version)
        if look.known or not inside(name, zone.name) or not held or not _are_dead(zone, evidence, ctx, held):
            return look
        texts = tuple(written(address) for address in held)
        ids = tuple(dict.fromkeys((*look.evidence, *(referral.evidence for referral in said))))
        return Lookup(name=look.name, rtype=look.rtype, status=LookupStatus.ANSWER, records=texts, evidence=ids)

    servers = tuple(
        NameServer(name=server.name, aaaa=told(server.aaaa, server.name, 6), a=told(server.a, server.name, 4))
        for server in zone.servers
    )
    names: dict[IPv6Address, tuple[str, ...]] = {}
    for server in servers:
        for address in server.aaaa.v6:
            names[address] = (*names.get(address, ()), server.name)
    return replace(zone, servers=servers, names_of={address: names[address] for address in sorted(names, key=int)})


def _glue(said: tuple[Referred, ...], name: str, version: int) -> list[IPv4Address | IPv6Address]:
    held = {address for referral in said for address in (referral.glue or {}).get(name, ())}
    return sorted((address for address in held if address.version == version), key=int)


def _are_dead(zone: Zone, evidence: EvidenceSet, ctx: Context, addresses: list[IPAddress]) -> bool:
    replies = [by_way_of_tcp(evidence, ctx, zone.name, address).reply for address in addresses]
    return all(SoaReply.BAD_RCODE <= reply < SoaReply.UNKNOWN for reply in replies)
