"""Asks one address of a recursive resolver for names with true answers that can be looked up."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.net.dns.declining import BRIEFLY, asked_calmly
from probes.observations.dns import DnsExchange, NameLookup
from probes.wire.dns.messages import declines

ROLE = "control"
WITHOUT_AAAA = "ipv4only.arpa"
"""A name with only A records, which are well known (RFC 7050 §8.2)."""


@endpoint_probe(
    version=2,
    title="Recursive resolver",
    records=(DnsExchange,),
    on_the_way=(NameLookup,),
    services=frozenset({"dns"}),
    retry="datagram",
    deadline=90.0,
)
async def resolver(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for AAAA of the control names, from the resolver over UDP and from the authoritative servers.

    The name in the zone with only IPv6 and the ordinary one are asked over TCP as well; ``control-v6`` and
    ``control-plain`` are their roles. A resolver that does not answer for the ordinary name is asked nothing else. One
    that answers with an error is asked again a moment later. After an error for the name in the zone with only IPv6 the
    ordinary name is asked for once more: a rate limit may answer that with the same error.
    """
    if task.zone is not None or task.controls is None:
        return
    names = task.controls.names
    plain, in_v6 = names.ordinary or WITHOUT_AAAA, names.ipv6_only_zone
    await net.names.lookup(rec, plain, "AAAA", role=f"{ROLE}-plain")
    if await _ask(task, net, rec, plain, "udp") is None:
        return
    await _ask(task, net, rec, plain, "tcp")
    if in_v6 is not None:
        await net.names.lookup(rec, in_v6, "AAAA", role=f"{ROLE}-v6")
        found = await _ask(task, net, rec, in_v6, "udp")
        await _ask(task, net, rec, in_v6, "tcp")
        if declines(found):
            await _ask(task, net, rec, plain, "udp")
        await _ask(task, net, rec, in_v6, "udp", "TXT")
    others = (WITHOUT_AAAA, names.aaaa_only, *names.roots)
    for name in dict.fromkeys(name for name in others if name and name not in (plain, in_v6)):
        await net.names.lookup(rec, name, "AAAA", role=ROLE)
        await _ask(task, net, rec, name, "udp")


async def _ask(
    task: EndpointTask, net: Net, rec: Recorder, name: str, transport: str, rtype: str = "AAAA"
) -> bytes | None:
    question = DnsQuestion(name=name, rtype=rtype, recursion_desired=True)
    return (await asked_calmly(lambda: net.dns(rec, task.endpoint, question, transport), BRIEFLY)).response
