"""Where a site announces HTTP/3: in its own answers, and in its HTTPS records."""

from dataclasses import dataclass

from auditor.facts.dns.names import lookup
from auditor.facts.web.https_answers import values
from auditor.facts.web.visits import host_of
from auditor.framework.context import Context
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.web import HttpExchange
from probes.wire import alt_svc, svcb

_HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Where a site announces HTTP/3: its own ports, and other hosts."""

    ports: frozenset[int] = frozenset()
    hosts: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()


def announced(subject: Subject, evidence: EvidenceSet, ctx: Context, usual: int) -> Announced:
    """Where the site's own answers and its HTTPS records announce HTTP/3."""
    ports, hosts, ids = set[int](), dict[str, None](), dict[EvidenceId, None]()
    for envelope, step in evidence.of(HttpExchange):
        if step.status is None or not step.url.lower().startswith("https:"):
            continue
        own_host = host_of(step.url)
        if own_host != host_of(f"https://{subject.host}/") and subject.host is not None:
            continue
        found = [one for value in values(step, "alt-svc") for one in alt_svc.http3(value)]
        ports |= {one.port for one in found if one.host in ("", own_host)}
        hosts |= dict.fromkeys(one.host for one in found if one.host not in ("", own_host))
        ids |= dict.fromkeys([envelope.id] if found else [])
    if subject.host is not None:
        records = lookup(evidence, ctx, subject.host, "HTTPS", "https", authoritative=True)
        read = [binding for record in records.records if (binding := svcb.read(record)) is not None]
        said = [one.port for one in read if "h3" in one.protocols and one.target == "."]
        ports.update(port if port != _HTTPS else usual for port in said)
        ids |= dict.fromkeys(records.evidence if said else ())
    return Announced(ports=frozenset(ports), hosts=tuple(hosts), evidence=tuple(ids))
