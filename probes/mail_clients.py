"""Looks up the SRV records of a mail domain and the addresses of the hosts that its users connect to."""

from probes.framework.clients import HOST, LABELS, SRV, published
from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.observations.dns import NameLookup


@name_probe(version=1, title="Hosts of mail programs (SRV)", records=(NameLookup,), deadline=120.0)
async def mail_clients(task: NameTask, net: Net, rec: Recorder) -> None:
    """Look up A and AAAA of each host, and of the domain itself where its row declares such services without any."""
    if "mail" not in task.roles:
        return
    name_lookups = await net.names.lookup_many(rec, [(f"{label}.{task.name}", "SRV", SRV) for label in LABELS.values()])
    hosts = dict.fromkeys([task.name] if task.serves_clients else [])
    hosts |= dict.fromkeys(client.host for client in published(task.name, name_lookups))
    await net.names.lookup_many(rec, [(host, rtype, HOST) for host in hosts for rtype in ("A", "AAAA")])
