"""Decides that silence inside TSLCD is not held against a subject where a node on the way to it, or our end, is down.

The checks of TSLCD itself report this in their own words, except for an outage of our end. The others would tell a
commune that its device does not answer over IPv6, while the defect is the node's.
"""

from collections.abc import Iterable
from dataclasses import replace

from auditor.framework.check import Check, SilenceMeaning, VantageKind
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gates import UngradedVerdict, code_of, judged_network
from inventory.model import Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.series import SeriesWindow

_SITES, _FEW_SITES = "tslcd.site.reach", 5
_INSIDE = frozenset({Network.TSLCD})


def outage(check: Check, ctx: Context) -> bool:
    """True for a check of TSLCD if so many sites are silent at once that the vantage's own end is down."""
    return check.networks == _INSIDE and _is_of_service(check) and _many_are_silent(ctx)


def excuse(
    check: Check, verdict: Verdict, subject: Subject, evidence: EvidenceSet, ctx: Context
) -> UngradedVerdict | None:
    """Return INCONCLUSIVE instead of a defect that may be that of a node, or of our end; None if it stands."""
    seen = tuple(rests_on(verdict, evidence))
    if outage(check, ctx):
        # Samples from before the outage still count.
        return _said(verdict, Reason.EGR) if _are_of_now(envelope for envelope in seen if verdict.evidence) else None
    inside = judged_network(check, subject, ctx.vantage) is subject.network is Network.TSLCD
    if not inside or check.networks == _INSIDE or not _is_of_service(check) or not _is_silence(seen):
        return None
    nodes = ctx.sites.shadows.get(subject.id, ())
    if nodes:
        behind = replace(verdict, code="BEHIND_NODE", args={"nodes": nodes})
        return UngradedVerdict(verdict=behind, outcome=Outcome.INCONCLUSIVE, reason=Reason.EGR)
    return _said(verdict, Reason.EGR) if _many_are_silent(ctx) else None


def _is_of_service(check: Check) -> bool:
    return check.question is SilenceMeaning.SERVICE and VantageKind.TSL in check.vantage


def _many_are_silent(ctx: Context) -> bool:
    """True if the share of silent sites is that of an outage; among few sites, one that is down is its own outage."""
    sites = ctx.sites
    return sites.asked >= _FEW_SITES and sites.silent > ctx.policy.threshold(_SITES, "outage_share") * sites.asked


def _are_of_now(seen: Iterable[Evidence]) -> bool:
    return any(not isinstance(step, SeriesWindow) for envelope in seen for step in envelope.steps)


def _is_silence(seen: Iterable[Evidence]) -> bool:
    """True if hosts were asked, and none sent anything back."""
    asked = [step for envelope in seen for step in envelope.steps if step.at() is not None]
    return bool(asked) and not any(any(step.answers()) for step in asked)


def _said(verdict: Verdict, reason: Reason) -> UngradedVerdict:
    undecided = replace(verdict, code=code_of(reason), args={})
    return UngradedVerdict(verdict=undecided, outcome=Outcome.INCONCLUSIVE, reason=reason)
