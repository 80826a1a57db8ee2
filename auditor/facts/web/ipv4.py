"""Reads how a web site answers over IPv4, to tell a fault of IPv6 from one of the site."""

from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.cut_off import cut_off
from auditor.facts.dns.names import own
from auditor.facts.web.filters import UNAVAILABLE
from auditor.facts.web.visits import Page, Visit, site_visit
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet

_VISITS = frozenset({"http"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OverIpv4:
    """Holds how the same site answers over IPv4.

    ``reason``: why it is not known whether it works. ``statuses``: those of the last answers. ``unanswered``: every
    request was accepted and none answered.
    """

    exists: bool
    works: bool
    reason: Reason | None
    statuses: frozenset[int | None]
    unanswered: bool
    evidence: tuple[EvidenceId, ...]


def over_ipv4(subject: Subject, evidence: EvidenceSet, ctx: Context) -> OverIpv4:
    """Return the result over all IPv4 addresses; one address that shows the page is enough for a working site."""
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


def unless_cut_off(evidence: EvidenceSet, verdict: Verdict) -> Verdict:
    """Return the verdict, undecided where an unfinished visit over IPv4 may show a target that answers nobody."""
    four = {each.id for each in evidence if each.endpoint is not None and each.endpoint.address.version == 4}
    unseen = [id_ for id_ in cut_off(evidence, _VISITS) if id_ in four]
    if verdict.code not in ("IPV4_ONLY", "HOP_FAILS") or verdict.address is None or not unseen:
        return verdict
    return not_judged.at(verdict.address, "http", Reason.CUT, (*verdict.evidence, *unseen))
