"""Probe ``dnssec``: the keys and signatures from the root to a zone, the zone's own answers, and a second opinion."""

import hashlib

from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from probes.wire import rdata
from probes.wire.dns import TYPES, Message, Record, WireError, parse

APEX = ("SOA", "NS", "A", "AAAA", "MX", "NSEC3PARAM", "CDS", "CDNSKEY")
HOSTS = 8
"""Name servers and mail hosts inside the zone whose addresses are looked at."""
STRANGERS = 4
"""The same outside it: each may lead through zones of its own."""
_ADDRESSES = ("A", "AAAA")


@name_probe(
    version=2,
    title="DNSSEC from the root to the zone",
    records=(ZoneAnswer, SecondOpinion),
    deadline=120.0,
)
async def dnssec(task: NameTask, net: Net, rec: Recorder) -> None:
    """Follow the delegations to the zone; where it is signed, ask its servers for what resolvers ask for, and for a
    name that is not there."""
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
    inside = [host for host in hosts if host.endswith(f".{zone}")][:HOSTS]
    for host in inside:
        await _addresses(net, rec, zone, host)
    for host in [host for host in hosts if host != zone and not host.endswith(f".{zone}")][:STRANGERS]:
        await _addresses(net, rec, await net.names.signed_path(rec, host), host)
        for rtype in _ADDRESSES:
            await net.names.second_opinion(rec, host, rtype)
    await net.names.second_opinion(rec, zone, "SOA")


async def _addresses(net: Net, rec: Recorder, zone: str, host: str) -> None:
    for rtype in _ADDRESSES:
        await net.names.signed(rec, zone, host, rtype)


def _may_be_signed(rec: Recorder, zone: str) -> bool:
    """Whether a key or a DS of the zone was seen; without either there is no signature to look at."""
    seen = [step for step in rec.steps if isinstance(step, ZoneAnswer) and step.qname == zone]
    return any(_holds(step, ("DNSKEY", "DS")) for step in seen)


def _holds(answer: ZoneAnswer, rtypes: tuple[str, ...]) -> bool:
    try:
        return any(one.rtype in rtypes for one in parse(answer.response or b"").answer())
    except WireError:
        return False


def absent(zone: str) -> str:
    """A label that no zone has: its absence must be proved."""
    return f"auditor-{hashlib.sha256(zone.encode()).hexdigest()[:10]}"


def named(answer: ZoneAnswer) -> list[str]:
    """The name servers or mail hosts that an answer lists."""
    try:
        message = parse(answer.response or b"")
        found = [_host(message, record) for record in message.answer() if record.owner == answer.qname]
    except WireError:
        return []
    return [host for host in found if host not in (None, ".")]


def _host(message: Message, record: Record) -> str | None:
    if record.type == TYPES["NS"]:
        return rdata.target(message, record)
    return rdata.mx(message, record)[1] if record.type == TYPES["MX"] else None
