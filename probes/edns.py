"""Asks how one address of a name server treats options and versions of EDNS that it does not know."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import EDNS_FLAG, EDNS_OPTION, EDNS_VERSION, EdnsAnswer
from probes.wire.dns.messages import PLAIN_EDNS, Edns

PLAIN, SMALL = "plain", "small"
TRIALS = {
    "option": Edns(option=EDNS_OPTION),
    "flag": Edns(flags=EDNS_FLAG),
    "version": Edns(version=EDNS_VERSION),
    "both": Edns(version=EDNS_VERSION, option=EDNS_OPTION),
}


@endpoint_probe(
    version=3,
    title="EDNS of a name server",
    records=(EdnsAnswer,),
    services=frozenset({"dns"}),
    retry="datagram",
    deadline=40.0,
)
async def edns(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send plain EDNS first, then each trial; without an answer to plain EDNS no trial is sent.

    Trials without an answer are sent again, as lines and busy servers lose datagrams; after a silence plain EDNS is
    sent once more, so that a rate limit is distinguished from a filter.
    """
    if task.zone is None or (await _ask(task, net, rec, PLAIN)).failure is not None:
        return
    silent = [trial for trial in (*TRIALS, SMALL) if (await _ask(task, net, rec, trial)).failure is not None]
    for trial in silent:
        await _ask(task, net, rec, trial)
    if silent:
        await _ask(task, net, rec, PLAIN)


async def _ask(task: EndpointTask, net: Net, rec: Recorder, trial: str) -> EdnsAnswer:
    t0, zone, small = rec.now(), task.zone or "", trial == SMALL
    question = DnsQuestion(
        name=zone,
        rtype="DNSKEY" if small else "SOA",
        dnssec_ok=small,
        edns_size=512 if small else 1232,
        edns=TRIALS.get(trial, PLAIN_EDNS),
    )
    dns_exchange = await net.dns(rec.aside(), task.endpoint, question, "udp")
    return rec.record(
        EdnsAnswer(
            server=task.endpoint.address,
            zone=zone,
            trial=trial,
            response=dns_exchange.response,
            failure=dns_exchange.failure,
        ),
        t0=t0,
    )
