"""Collects the keys and signatures from the root to a zone, the zone's own answers, and a resolver's view of it."""

import hashlib

from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from probes.wire.dns import rdata
from probes.wire.dns.messages import DnsMessage, DnsWireError, ResourceRecord, parse

APEX = ("SOA", "NS", "A", "AAAA", "MX", "NSEC3PARAM")
HOSTS = 8
"""Name servers and mail hosts with names below the zone's for which addresses are looked up."""
STRANGERS = 4
"""Name servers and mail hosts with other names: each may lead through zones of its own."""
ALIASES = 11
"""Aliases of one host that are followed, as resolvers do."""
_ADDRESSES = ("A", "AAAA")


@name_probe(
    version=3,
    title="DNSSEC from the root to the zone",
    records=(ZoneAnswer, SecondOpinion),
    retry="flaw",
    deadline=120.0,
)
async def dnssec(task: NameTask, net: Net, rec: Recorder) -> None:
    """Follow the delegations to the zone; where it is signed, ask its servers for the records that resolvers need.

    Also for a name that does not exist, and the zones that hold its name servers and mail hosts for their addresses.
    """
    if "zone" not in task.roles or await net.names.signed_path(rec, task.name) != task.name:
        return
    zone = task.name
    if not _may_be_signed(rec, zone):
        await net.names.signed(rec, zone, zone, "SOA")
        await net.names.second_opinion(rec, zone, "SOA")
        return
    answers = [await net.names.signed(rec, zone, zone, rtype) for rtype in APEX]
    await net.names.signed(rec, zone, f"{absent(zone)}.{zone}", "A")
    hosts = sorted({host for answer in answers for host in named(answer)})
    inside = [host for host in hosts if _is_below(host, zone)][:HOSTS]
    outside = [host for host in hosts if host != zone and not _is_below(host, zone)][:STRANGERS]
    for host in (*inside, *outside):
        await _host(net, rec, zone, host)
    await net.names.second_opinion(rec, zone, "SOA")


async def _host(net: Net, rec: Recorder, zone: str, host: str) -> None:
    """Ask for a host's addresses at the zone that holds it, which may be one below ``zone`` on the same servers.

    Where it is an alias, do the same for its target.
    """
    seen: list[str] = []
    while host not in (zone, *seen) and len(seen) <= ALIASES:
        seen.append(host)
        holder = await net.names.signed_path(rec, host, start=zone if _is_below(host, zone) else ".")
        answers = [await net.names.signed(rec, holder, host, rtype) for rtype in _ADDRESSES]
        if holder != zone:
            for rtype in _ADDRESSES:
                await net.names.second_opinion(rec, host, rtype)
        host = next((target for answer in answers for target in named(answer, "CNAME")), host)


def _is_below(name: str, zone: str) -> bool:
    return name.endswith(f".{zone}")


def _may_be_signed(rec: Recorder, zone: str) -> bool:
    """True if a key or a DS of the zone was seen; without either there is no signature to look at."""
    seen = [step for step in rec.steps if isinstance(step, ZoneAnswer) and step.qname == zone]
    return any(_holds(step, ("DNSKEY", "DS")) for step in seen)


def _holds(answer: ZoneAnswer, rtypes: tuple[str, ...]) -> bool:
    try:
        return any(record.rtype in rtypes for record in parse(answer.response or b"").answer())
    except DnsWireError:
        return False


def absent(zone: str) -> str:
    """Return a label that no zone has: its absence must be proved."""
    return f"auditor-{hashlib.sha256(zone.encode()).hexdigest()[:10]}"


def named(answer: ZoneAnswer, *rtypes: str) -> list[str]:
    """Return the hosts that an answer lists for its name: by NS and MX records, or by those of ``rtypes``."""
    wanted = rtypes or ("NS", "MX")
    try:
        message = parse(answer.response or b"")
        records = [record for record in message.answer() if record.owner == answer.qname and record.rtype in wanted]
        targets = [_target(message, record) for record in records]
    except DnsWireError:
        return []
    return [host for host in targets if host != "."]


def _target(message: DnsMessage, record: ResourceRecord) -> str:
    return rdata.mx(message, record)[1] if record.rtype == "MX" else rdata.target(message, record)
