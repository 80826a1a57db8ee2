"""Looks up the DNS records of a domain's mail beside its exchangers and SPF."""

from collections.abc import Sequence

from probes.framework.evidence import Observation
from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.framework.walks import follow
from probes.net.api import Net
from probes.observations.dns import NameLookup
from probes.wire.mail import dmarc
from probes.wire.mail.dkim import UNLIKELY, USUAL_SELECTORS

SELECTORS_LIMIT = 20


def _without_policy(steps: Sequence[Observation]) -> bool:
    """True if no DMARC record was found, neither at the domain nor above it."""
    looks = [step for step in steps if isinstance(step, NameLookup) and step.role == "dmarc"]
    return bool(looks) and not any(dmarc.records_of(step.records) for step in looks)


@name_probe(
    version=2,
    title="DMARC and DKIM records",
    records=(NameLookup,),
    retry="flaw",
    deadline=120.0,
    confirm_if=_without_policy,
)
async def mail_records(task: NameTask, net: Net, rec: Recorder) -> None:
    """Look up DMARC by the tree walk of RFC 9989, and DKIM by the declared selectors and by the usual ones.

    Where one of the latter exists, a selector that does not exist tells whether a wildcard answers.
    """
    if "mail" not in task.roles:
        return
    await follow(dmarc.evaluate(task.name), net, rec, "dmarc", {})
    keys = f"_domainkey.{task.name}"
    wanted = dict.fromkeys((*task.selectors[:SELECTORS_LIMIT], *USUAL_SELECTORS))
    name_lookups = await net.names.lookup_many(rec, [(f"{selector}.{keys}", "TXT", "dkim") for selector in wanted])
    if any(look.records for look in name_lookups[len(set(task.selectors[:SELECTORS_LIMIT])) :]):
        await net.names.lookup(rec, f"{UNLIKELY}.{keys}", "TXT", role="dkim")
