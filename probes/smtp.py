"""Records a dialogue with one address of a mail exchanger, up to STARTTLS and never a message."""

import asyncio
from collections.abc import Sequence

from inventory.model import Endpoint
from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.mail.mailhosts import MailHosts
from probes.net.mail.smtp import PORT, Talker
from probes.observations.mail import SmtpDialogue

_CALM = 1.5
"""Seconds after which the burst of connections with which an audit begins at an address is over."""


def _differ(steps: Sequence[Observation]) -> bool:
    """True if addresses of one host offer different things, or show different certificates."""
    spoken = [step for step in steps if isinstance(step, SmtpDialogue) and step.greeted]
    return len({(frozenset(step.extensions), step.starttls, step.chain[:1]) for step in spoken}) > 1


@endpoint_probe(
    version=3,
    title="SMTP dialogue up to STARTTLS",
    records=(SmtpDialogue,),
    services=frozenset({"smtp"}),
    retry="mail",
    deadline=300.0,
    differs=_differ,
)
async def smtp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect once in a round, which also tells whether the port is open, so that no other probe connects before.

    Where no connection was established, or its handshake stood still, it is tried once more: firewalls limit new
    connections, and narrow lines lose packets.
    """
    spoken = await talk_smtp(net, rec, task.endpoint)
    stalled = spoken.tls_failure is not None and spoken.tls_failure.is_silence
    if stalled or (spoken.failure is not None and spoken.failure.is_unconnected):
        await asyncio.sleep(_CALM)
        await talk_smtp(net, rec, task.endpoint)


def _talker(net: Net) -> Talker:
    mail = net.shared(MailHosts)
    return Talker(net.connector, mail.smtp_timing, mail.mail_gate)


async def talk_smtp(net: Net, rec: Recorder, endpoint: Endpoint) -> SmtpDialogue:
    """Read the greeting, send EHLO, STARTTLS if offered, and QUIT, on one connection; one at a time to an address."""
    talker = net.shared(_talker)
    blank = SmtpDialogue(address=endpoint.address, port=endpoint.port or PORT, server_name=endpoint.name)
    return await net.step(rec, endpoint.address, blank, lambda: talker.dialogue(blank))
