"""Tests whether a mail exchanger relays for strangers, where the owner authorised it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.mail import SmtpRelay


@endpoint_probe(
    version=2,
    title="Relaying for strangers, up to RCPT",
    records=(SmtpRelay,),
    services=frozenset({"smtp-relay"}),
    retry="mail",
    deadline=900.0,
    clearance=Clearance.INTRUSIVE,
)
async def open_relay(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One connection, a few recipients that nobody there has, RSET behind each sender; never a message."""
    await net.smtp_relay(rec, task.endpoint, domain=task.mail_domain)
