"""The frame of checks that judge every address of every name server, both families."""

from collections.abc import Callable, Iterator, Mapping

from auditor.facts import not_judged
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import Delegated, Zone, is_public, zone
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


def judge_each(
    subject: Subject, evidence: EvidenceSet, ctx: Context, judge: Callable[[Zone, IPAddress], Verdict]
) -> Iterator[Verdict]:
    """A verdict for each address, and one for each name whose addresses are not known."""
    found = zone(subject, evidence, ctx)
    if found.delegated is Delegated.UNKNOWN:
        yield not_judged.dns(found.as_lookup)
        return
    if found.delegated is Delegated.NO:
        yield Verdict(code="NOT_DELEGATED", args={"zone": found.name}, evidence=found.evidence)
        return
    addresses = every_address(subject, found, ctx)
    yield from (judge(found, address) for address in addresses)
    lookups = [look for server in found.servers for look in (server.aaaa, server.a) if not look.known]
    yield from (not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in lookups)
    if not addresses and not lookups:
        yield Verdict(code="NO_SERVER", args={"zone": found.name}, evidence=found.evidence)


def every_address(subject: Subject, found: Zone, ctx: Context) -> tuple[IPAddress, ...]:
    """All addresses, IPv6 first, without those that nobody could route to (``ns-addr-sane``'s and ``ns-ipv4``'s
    finding)."""
    v6 = {address for address in found.names_of if rejection(subject, address, ctx) is None}
    v4 = {address for server in found.servers for address in server.a.v4 if is_public(address, ctx)}
    return (*sorted(v6, key=int), *sorted(v4, key=int))
