"""Read what IPv4 shows of a web site, to tell a fault of IPv6 from one of the site."""

from dataclasses import dataclass

from auditor.facts.dns.names import own
from auditor.facts.web.filters import UNAVAILABLE
from auditor.facts.web.visits import Page, Visit, site_visit
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class OverIpv4:
    """What IPv4 shows of the same site. ``reason``: whether it works is not known. ``statuses`` of its last answers.
    ``unanswered``: every request got in, and none got an answer."""

    exists: bool
    works: bool
    reason: Reason | None
    statuses: frozenset[int | None]
    unanswered: bool
    evidence: tuple[EvidenceId, ...]


def over_ipv4(subject: Subject, evidence: EvidenceSet, ctx: Context) -> OverIpv4:
    """One picture of all IPv4 addresses: a single one that shows the page is enough to say that the site works."""
    look = own(subject, evidence, ctx, "A")
    made = [site_visit(subject, evidence, ctx, address) for address in look.v4]
    visits = [visit for visit in made if isinstance(visit, Visit)]
    works = [visit for visit in visits if visit.page in (Page.GOOD, Page.DENIED)]
    reasons = [reason for reason in (look.reason, *made) if isinstance(reason, Reason)]
    for visit in visits:
        if visit.page is Page.LIMITED or visit.final.status == UNAVAILABLE:
            reasons.append(Reason.RATE)
        elif visit.page is Page.UNKNOWN:
            reasons.append(visit.reason or Reason.CUT)
    return OverIpv4(
        exists=bool(look.v4),
        works=bool(works),
        reason=None if works or not reasons else min(reasons),
        statuses=frozenset(visit.final.status for visit in visits),
        unanswered=bool(visits) and all(visit.unanswered for visit in visits),
        evidence=tuple(dict.fromkeys(id_ for work in works or visits for id_ in work.evidence)),
    )
