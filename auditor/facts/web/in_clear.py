"""Reads whether visitors that came over HTTPS are redirected to a page over plain HTTP."""

from urllib.parse import urlsplit

from auditor.facts.web.https_answers import values
from auditor.facts.web.strict_transport import HEADER, covers
from auditor.facts.web.visits import Page, Visit, host_of, same_host
from probes.framework.evidence import EvidenceSet
from probes.observations.web import HttpExchange

_SHOWN = 200


def ends_in_clear(evidence: EvidenceSet, found: Visit) -> str:
    """Return the plain HTTP URL, without a query, that HTTPS of the same host redirected to; empty if there is none.

    Also empty if an HSTS header on the way keeps browsers on HTTPS. If HTTPS of another host redirected to its own
    plain HTTP, that host has to fix it.
    """
    final, host = found.final, host_of(found.first.url)
    shown = found.page is Page.GOOD or (found.page is Page.DENIED and final.status is not None)
    if not shown or not final.url.lower().startswith("http://"):
        return ""
    chain = (step for envelope, step in evidence.of(HttpExchange) if envelope.id in found.evidence)
    answered = (step for step in chain if step.status is not None and step.url.lower().startswith("https://"))
    secure = sorted(answered, key=lambda step: step.hop)
    ended = host_of(final.url)
    led = any(same_host(host_of(step.url), host) for step in (secure if ended == host else secure[-1:]))
    kept = any(covers(values(step, HEADER), host_of(step.url), ended) for step in secure)
    where = urlsplit(final.url)
    return "" if kept or not led else f"http://{where.netloc.rpartition('@')[2]}{where.path}"[:_SHOWN]
