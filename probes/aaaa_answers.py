"""Compares how one address of a name server answers questions for AAAA and HTTPS with how it answers for A."""

from collections.abc import Sequence

from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsMessage, DnsWireError

ABSENT = "auditor-no-such-name"
"""A label that does not exist."""
_SAME = ("AAAA", "HTTPS")
_TIMES = 3
"""The most times that a question without an answer is asked, about a name that exists: lines lose datagrams."""


def _go_apart(steps: Sequence[Observation]) -> bool:
    """True if a name was denied for AAAA or HTTPS and answered for A."""
    qnames = {step.qname for step in steps if isinstance(step, DnsExchange) and step.qtype == "A" and _answers(step)}
    asked = (step for step in steps if isinstance(step, DnsExchange) and step.qtype in _SAME and step.qname in qnames)
    return any((message := _message(step)) is not None and message.rcode != 0 for step in asked)


@endpoint_probe(
    version=3,
    title="AAAA and HTTPS questions to a name server",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="server",
    deadline=40.0,
    confirm_if=_go_apart,
)
async def aaaa_answers(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for A, AAAA and HTTPS of each name.

    Where the answer for one of those differs from that for A, A is asked once more: a server that no longer answers
    it is limiting our queries, and nothing is concluded about AAAA.
    """
    for name in names(task):
        first = await _ask(task, net, rec, name, "A")
        if first.failure is not None:
            return
        for rtype in _SAME:
            answer = await _ask(task, net, rec, name, rtype)
            for _ in range(_TIMES - 1):
                if not (answer.worth_repeating and _answers(first)):
                    break
                answer = await _ask(task, net, rec, name, rtype)
            if _shape(answer) == _shape(first):
                continue
            again = await _ask(task, net, rec, name, "A")
            if again.failure is not None or (answer.failure is not None and _answers(first)):
                return  # every further name would cost the same wait


def names(task: EndpointTask) -> tuple[str, ...]:
    """Return the names to ask for, the likeliest to have A records first.

    These are the server if it is in the zone, the web site, the zone itself, and a name that does not exist.
    """
    if task.zone is None:
        return ()
    within = task.host is not None and task.host.endswith(f".{task.zone}")
    own = (task.host,) if within and task.host is not None else ()
    return tuple(dict.fromkeys((*own, f"www.{task.zone}", task.zone, f"{ABSENT}.{task.zone}")))


async def _ask(task: EndpointTask, net: Net, rec: Recorder, name: str, rtype: str) -> DnsExchange:
    """Ask over UDP, and over TCP where the answer was truncated, as resolvers do."""
    question = DnsQuestion(name=name, rtype=rtype)
    exchange = await net.dns(rec, task.endpoint, question, "udp")
    message = _message(exchange)
    return await net.dns(rec, task.endpoint, question, "tcp") if message is not None and message.tc else exchange


def _shape(exchange: DnsExchange) -> tuple[int, bool] | None:
    """Return the response code and truncation; None without a readable answer."""
    message = _message(exchange)
    return None if message is None else (message.rcode, message.tc)


def _answers(exchange: DnsExchange) -> bool:
    """True if there are records in the answer."""
    message = _message(exchange)
    try:
        return message is not None and bool(message.answer())
    except DnsWireError:
        return False


def _message(exchange: DnsExchange) -> DnsMessage | None:
    try:
        return None if exchange.response is None else DnsMessage(exchange.response)
    except DnsWireError:
        return None
