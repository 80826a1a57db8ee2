"""Probe ``mail_records``: what the DNS says of a domain's mail beside its exchangers and SPF."""

from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.framework.walks import follow
from probes.net.api import Net
from probes.observations.dns import LookupStatus, NameLookup
from probes.wire import dmarc
from probes.wire.dkim import UNLIKELY, USUAL_SELECTORS

SELECTORS_LIMIT = 20


@name_probe(version=1, title="DMARC and DKIM records", records=(NameLookup,), deadline=120.0)
async def mail_records(task: NameTask, net: Net, rec: Recorder) -> None:
    """DMARC by the tree walk of RFC 9989, DKIM by the declared selectors, else by what is at ``_domainkey``."""
    if "mail" not in task.roles:
        return
    await follow(dmarc.evaluate(task.name), net, rec, "dmarc", {})
    keys = f"_domainkey.{task.name}"
    if task.selectors:
        wanted = [(f"{selector}.{keys}", "TXT", "dkim") for selector in task.selectors[:SELECTORS_LIMIT]]
        await net.names.lookup_many(rec, wanted)
        return
    found = await net.names.lookup_many(rec, [(keys, "TXT", "dkim"), (f"{UNLIKELY}.{task.name}", "TXT", "dkim")])
    if found[0].status is LookupStatus.NO_SUCH_NAME:  # some servers deny the names above those that are there
        await net.names.lookup_many(rec, [(f"{selector}.{keys}", "TXT", "dkim") for selector in USUAL_SELECTORS])
