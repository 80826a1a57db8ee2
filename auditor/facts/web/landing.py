"""Gives the landing page to checks that read it, or the reason why there is none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.dns.names import own
from auditor.facts.web import filters, injected
from auditor.facts.web.visits import VisitOffer, https_port, offered
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.pages import Copy, LandingPage

MESSAGES: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    **filters.WITHHELD,
    NOT_READ=inconclusive("The landing page of {name} was not read from here."),
    NO_PAGE=not_applicable("{name} shows no landing page to look into."),
)


@dataclass(frozen=True, slots=True)
class LandedPage:
    """Holds one page of the site with its evidence."""

    envelope: Evidence
    page: LandingPage


def landed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> list[LandedPage] | Verdict:
    """Return every page that was fetched, those over HTTPS first, or a verdict if there is none.

    A page that only sends browsers on is left out, because citizens do not see it.
    """
    pages = [page for page in every(evidence) if filters.leads_on(_answer(page.page)) is None]
    if pages:
        return sorted(pages, key=lambda page: not page.page.url.lower().startswith("https:"))
    return _without(subject, evidence, ctx)


def every(evidence: EvidenceSet) -> list[LandedPage]:
    """Return every page of the site, including those that only send browsers on."""
    pages = (LandedPage(envelope, page) for envelope, page in injected.pages(evidence))
    return [page for page in pages if filters.is_page(_answer(page.page))]


def _without(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    name = subject.host or subject.name
    looks = [look for rtype in ("AAAA", "A") if not (look := own(subject, evidence, ctx, rtype)).known]
    tries = list(_tries(evidence))
    if looks and not tries:
        return not_judged.dns(looks[0])
    for envelope, step in tries:
        if step.status is not None and filters.filter_of(_answer(step)) is not None:
            return filters.withheld(ctx, step.address, _answer(step), (envelope.id,))
    reasons = [_reason(ctx, envelope, step) for envelope, step in tries]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    unknown = [reason for reason in reasons if reason is not None]
    if unknown:
        return Verdict(code="NOT_READ", args={"name": name}, evidence=ids, reason=min(unknown))
    return Verdict(code="NO_PAGE", args={"name": name}, evidence=ids)


def over_https(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict | None:
    """Return a verdict if it is not known whether the page is shown over HTTPS, else None.

    That is so where silence there proves nothing, or the port was not measured.
    """
    tries = [(envelope, step) for envelope, step in _tries(evidence) if step.url.lower().startswith("https:")]
    reasons = [reason for envelope, step in tries if (reason := _reason(ctx, envelope, step)) is not None]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in tries))
    secure = offered(subject, evidence, ctx, https_port(subject))
    if not reasons and secure.offer is VisitOffer.UNKNOWN:
        reasons, ids = [secure.reason or Reason.CUT], secure.evidence
    if not reasons:
        return None
    args = {"name": subject.host or subject.name}
    return Verdict(code="NOT_READ", args=args, evidence=ids, reason=min(reasons))


def _tries(evidence: EvidenceSet) -> Iterator[tuple[Evidence, LandingPage]]:
    for envelope in evidence:
        steps = [step for step in envelope.steps if isinstance(step, LandingPage) and step.copy is Copy.PLAIN]
        if steps:
            yield envelope, max(steps, key=lambda step: step.hop)


def _reason(ctx: Context, envelope: Evidence, step: LandingPage) -> Reason | None:
    if step.failure is not None:
        return excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True)
    return Reason.CUT if step.status is None or envelope.failure is not None else None


_answer = injected.as_answer
