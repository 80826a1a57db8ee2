"""Whether web sites are up over IPv6: the very checks of an audit, ``ipv6.web.reach`` and ``ipv6.web.http-ok``, on a
round of their own whose evidence is not kept.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from auditor.catalogue import Catalogue
from auditor.findings import CheckId, Finding, Outcome
from auditor.pipeline.collecting import collect, start_run
from auditor.pipeline.evaluating import evaluate
from auditor.pipeline.planning import Plan
from auditor.sampling.rounds import OpenNet
from auditor.store.memory import MemoryStore
from auditor.store.records import Quality, Sample, Series
from inventory.model import WEB_KINDS, Network, Subject
from probes.framework.evidence import RunId
from probes.framework.profile import QUICK
from probes.observations.series import WEB_OK

REACH, HTTP_OK = CheckId("ipv6.web.reach"), CheckId("ipv6.web.http-ok")
Samples = tuple[tuple[Series, Sample], ...]
_LIMITS = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


def sites(made: Plan) -> tuple[Subject, ...]:
    """The web sites of the plan that are to be seen from the Internet, if this vantage is there."""
    if Network.INTERNET.value not in made.networks:
        return ()
    return tuple(one for one in made.subjects if one.kinds & WEB_KINDS and one.network is Network.INTERNET)


async def look(
    made: Plan, catalogue: Catalogue, open_net: OpenNet, at: datetime
) -> Samples:  # fmt: skip
    """One sample for each site that has IPv6 addresses, for the slot that begins ``at``."""
    subjects = sites(made)
    checks = catalogue.select((REACH, HTTP_OK), ())
    small = replace(
        made,
        run=RunId(f"{made.run}-pages"),
        subjects=subjects,
        checks=checks,
        probes=catalogue.probes_for(checks),
        profile=QUICK,
        selftest=replace(made.selftest, swept=(), clocks=()),
    )
    with MemoryStore() as store:
        start_run(small, store, at)
        await collect(small, store, open_net)
        judged = await asyncio.to_thread(evaluate, small.run, store, catalogue, now=at)
        return tuple(
            (Series(subject=one.id, metric=WEB_OK, vantage=made.vantage, family=6), sample)
            for one in subjects
            if (sample := _sample(store.findings(judged.id, one.id), at)) is not None
        )


def _sample(findings: Iterable[Finding], at: datetime) -> Sample | None:
    """1 where some address connects and gives the page, 0 where none does; set aside where that could not be told.
    None where there is no IPv6 to look at."""
    outcomes = list(_outcomes(findings))
    served = [outcome for check, outcome in outcomes if check == HTTP_OK]
    if Outcome.PASS in served:
        return Sample(time=at, value=1.0)
    told = [outcome for _, outcome in outcomes if outcome is not Outcome.NOT_APPLICABLE]
    if any(outcome in _LIMITS for outcome in told):
        return Sample(time=at, value=None, quality=Quality.VANTAGE)
    if any(outcome in (Outcome.WARN, Outcome.FAIL) for outcome in told):
        return Sample(time=at, value=0.0)
    return None


def _outcomes(findings: Iterable[Finding]) -> Iterator[tuple[CheckId, Outcome]]:
    for one in findings:
        if one.check in (REACH, HTTP_OK):
            yield one.check, one.outcome
