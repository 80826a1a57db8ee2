"""Measures one web name for ``auditor inventory propose --from name``: its zone, mail and name servers as rows.

Only the DNS is asked, by the probes of a check; nothing is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from publicsuffixlist import PublicSuffixList

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring.running import measure
from auditor.service.cli.failures import refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.operator_files.suffixes import shipped_suffixes
from auditor.service.pipeline.plan.plan import plan
from auditor.service.runs.forgotten import forgotten
from auditor.service.store.memory.store import MemoryStore
from inventory.inventory import Inventory
from inventory.model import Kind, Subject
from inventory.sources.adhoc import parse_target
from probes.framework.evidence import Evidence
from probes.observations.dns import LookupStatus, NameLookup

_ASKING = ("ipv6.web.aaaa", "ipv6.dns.ns-aaaa", "ipv6.mail.mx-aaaa")
"""Checks that need only DNS queries about the zone, its name servers and its mail hosts."""
_LEVELS = 4
"""Number of names above the web name that are asked for besides the registered domain."""
Row = Mapping[str, str]


def rows_of_name(name: str, known: Sequence[Subject]) -> list[Row]:
    """Return rows for the systems in the registered domain of a name, without ``known``. Raises InventoryError."""
    subject = parse_target(name)
    if subject.host is None:
        raise refuse([ui("{name} is not a domain name", name=name)])
    domain = PublicSuffixList(source=shipped_suffixes().splitlines()).privatesuffix(subject.host)
    if domain is None:
        raise refuse([ui("{name} belongs to a registry: name a site in a domain of yours", name=name)])
    evidence = _asked(names_above(subject.host, domain))
    if not is_in_dns(subject.host, evidence):
        raise refuse([ui("{name}: the DNS has no such name, or nobody answered for it", name=name)])
    return rows_in_domain(subject.host, domain, evidence, known)


def names_above(host: str, domain: str) -> tuple[str, ...]:
    """Return the name, the nearest names above it, and the registered domain that they are in."""
    labels = host.removesuffix(domain).rstrip(".").split(".")
    above = [".".join((*labels[at:], domain)) for at in range(len(labels)) if labels[at]]
    return *above[: _LEVELS + 1], domain


def is_in_dns(host: str, evidence: Sequence[Evidence]) -> bool:
    """True if a server answered for the name, even if the name has no addresses."""
    exists = (LookupStatus.ANSWER, LookupStatus.NO_DATA)
    lookups = (step for envelope in evidence for step in envelope.steps if isinstance(step, NameLookup))
    return any(lookup.name == host and lookup.status in exists for lookup in lookups)


def rows_in_domain(host: str, domain: str, evidence: Sequence[Evidence], known: Sequence[Subject]) -> list[Row]:
    """Return the web site, unless it is known, and the names in its registered domain that the evidence shows."""
    web = {"name": host, "kind": Kind.PORTAL.value, "ipv4": "", "ipv6": "", "fqdn": host, "note": ""}
    is_known = any(subject.host == host and subject.kind is not Kind.ZONE for subject in known)
    names = forgotten(evidence, known, (domain,)).names
    rows = [each.row() for each in names if (each.name, each.kind) != (host, Kind.HOST)]
    return [*([] if is_known else [web]), *rows]


def _asked(names: Sequence[str]) -> tuple[Evidence, ...]:
    """Ask the DNS about the names, as an audit does."""
    run_plan = plan(
        Inventory(subjects=tuple(parse_target(name) for name in names)),
        load_config({"only": list(_ASKING)}).config,
        catalogue.load(),
        profile="quick",
        name="",
        now=datetime.now(UTC),
        own=own_addresses,
    )
    with MemoryStore() as store:
        measure(run_plan, store)
        return tuple(store.all_evidence(run_plan.run))
