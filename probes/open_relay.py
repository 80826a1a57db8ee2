"""Tests whether a mail exchanger relays from foreign senders to foreign recipients, where the owner authorised it."""

from inventory.model import Clearance, Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.mail.mailhosts import MailHosts
from probes.net.mail.relaying import Relays
from probes.net.mail.smtp import PORT
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
    """Offer a few recipients that do not exist over one connection, with RSET behind each sender; never a message."""
    await offer_recipients(net, rec, task.endpoint, domain=task.mail_domain)


async def offer_recipients(net: Net, rec: Recorder, endpoint: Endpoint, *, domain: str) -> SmtpRelay:
    """Offer foreign recipients to a mail host of ``domain``, up to RCPT; never DATA. Intrusive."""
    mail = net.shared(MailHosts)
    blank = SmtpRelay(address=endpoint.address, port=endpoint.port or PORT, server_name=endpoint.name, domain=domain)
    relays = Relays(net.connector, mail.smtp_timing, mail.mail_gate, net.setting.relay_test)
    return await net.step(rec, endpoint.address, blank, lambda: relays.ask(blank))
