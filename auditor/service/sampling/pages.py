"""Samples whether web sites are up over IPv6, and shared systems inside TSLCD at all.

The checks are those of an audit, on a round of their own whose evidence is not kept.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.framework.catalogue import Catalogue
from auditor.framework.findings import CheckId, Finding, Outcome
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import collect, start_run
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.sampling.rounds import OpenNet
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import WEB_KINDS, Network, Subject
from probes.framework.evidence import RunId
from probes.framework.profile import QUICK
from probes.observations.series import APP_OK, WEB_OK

REACH, HTTP_OK = CheckId("ipv6.web.reach"), CheckId("ipv6.web.http-ok")
APP_REACH = CheckId("tslcd.app.reach")
Samples = tuple[tuple[Series, Sample], ...]
_LIMITS = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_DEFECTS = frozenset({Outcome.WARN, Outcome.FAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class _SiteChecks:
    """Names the checks for the sites of a network, and the sample that their findings give."""

    checks: tuple[CheckId, ...]
    metric: str
    family: int
    sample: Callable[[Iterable[Finding], datetime], Sample | None]


def sites(plan: Plan) -> tuple[Subject, ...]:
    """List the web sites and shared systems of the plan that are in a network of this vantage."""
    return tuple(
        subject for subject in plan.subjects if subject.kinds & WEB_KINDS and _looked_at(subject, plan) is not None
    )


def _looked_at(subject: Subject, plan: Plan) -> "_SiteChecks | None":
    return _LOOKS.get(subject.network) if subject.network.value in plan.vantage.networks else None


async def look(plan: Plan, catalogue: Catalogue, open_net: OpenNet, at: datetime) -> Samples:
    """Take a sample, for the slot that begins ``at``, of each site with IPv6 addresses and each shared system."""
    pairs: list[tuple[Series, Sample]] = []
    for network, how in _LOOKS.items():
        subjects = tuple(site for site in sites(plan) if site.network is network)
        if subjects:
            pairs += await _look(replace(plan, subjects=subjects), how, catalogue, open_net, at)
    return tuple(pairs)


async def _look(plan: Plan, how: _SiteChecks, catalogue: Catalogue, open_net: OpenNet, at: datetime) -> Samples:
    checks = catalogue.select(how.checks, ())
    small = replace(
        plan,
        run=RunId(f"{plan.run}-pages"),
        checks=checks,
        probes=catalogue.probes_for(checks, beside=False),
        profile=QUICK,
        selftest=replace(plan.selftest, swept=(), clocks=()),
    )
    with MemoryStore() as store:
        start_run(small, store, at)
        await collect(small, store, open_net)
        judged = await asyncio.to_thread(evaluate, small.run, store, catalogue, now=at)
        return tuple(
            (Series(subject=subject.id, metric=how.metric, vantage=plan.vantage.name, family=how.family), sample)
            for subject in plan.subjects
            if (sample := how.sample(store.findings(judged.id, subject.id), at)) is not None
        )


def _sample(findings: Iterable[Finding], at: datetime) -> Sample | None:
    """Return 1 if some address connects and gives the page, 0 if none does; set aside if that could not be told.

    None if there is no IPv6 to look at.
    """
    outcomes = list(_outcomes(findings, REACH, HTTP_OK))
    served = [outcome for check, outcome in outcomes if check == HTTP_OK]
    if Outcome.PASS in served:
        return Sample(time=at, value=1.0)
    return _of(outcomes, at)


def _app_sample(findings: Iterable[Finding], at: datetime) -> Sample | None:
    """Return 1 if a shared system works, 0 if not; set aside if that could not be told.

    None if the check gave no finding, or does not apply.
    """
    outcomes = list(_outcomes(findings, APP_REACH))
    if any(outcome is Outcome.PASS for _, outcome in outcomes):
        return Sample(time=at, value=1.0)
    return _of(outcomes, at)


def _of(outcomes: Iterable[tuple[CheckId, Outcome]], at: datetime) -> Sample | None:
    told = [outcome for _, outcome in outcomes]
    if any(outcome in _LIMITS for outcome in told):
        return Sample(time=at, value=None, quality=Quality.VANTAGE)
    return Sample(time=at, value=0.0) if any(outcome in _DEFECTS for outcome in told) else None


def _outcomes(findings: Iterable[Finding], *checks: CheckId) -> Iterator[tuple[CheckId, Outcome]]:
    for finding in findings:
        if finding.check in checks:
            yield finding.check, finding.outcome


_LOOKS: Mapping[Network, _SiteChecks] = {
    Network.INTERNET: _SiteChecks(checks=(REACH, HTTP_OK), metric=WEB_OK, family=6, sample=_sample),
    Network.TSLCD: _SiteChecks(checks=(APP_REACH,), metric=APP_OK, family=0, sample=_app_sample),
}
