"""Starts rounds of samples: connection points and devices every five minutes, web sites and shared systems hourly.

``Sampler.once`` is one visit, for cron; ``Sampler.run`` visits at the begin of each slot until it is cancelled, for a
service. Both may be ended at any time: stored rounds are whole, and the rest is a gap.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from auditor.framework.catalogue import Catalogue
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.sampling import pages
from auditor.service.sampling.clock import Clock, machine, slot
from auditor.service.sampling.rounds import VANTAGE_NOTE, OnBug, OpenNet, RoundResult, RoundSampler, maintained
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.sampling.vantage import VantageMemory
from auditor.service.store.api import Store
from probes.observations.series import CADENCE, HOURLY

_AFTER = 1.0
"""Seconds into a slot at which its round begins: clocks that differ a little must not lead back into the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerVisit:
    """Holds the result of one visit.

    ``pages`` is the number of web sites and shared systems sampled, None if they were not due.
    """

    round: RoundResult
    pages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Samples a plan at each visit.

    ``plan`` is called before each round, so that a changed inventory counts from the next one on; its Settings go with
    it.
    """

    plan: Callable[[], tuple[Plan, SamplerSettings]]
    store: Store
    catalogue: Catalogue
    open_net: OpenNet
    clock: Clock = machine
    told: Callable[[SamplerVisit], None] = lambda visit: None
    failed: Callable[[Exception], None] | None = None
    on_bug: OnBug | None = None

    async def once(self) -> SamplerVisit:
        """Sample the round of this slot, and the web sites if they were not sampled in this hour yet."""
        plan, settings = self.plan()
        rounds = RoundSampler(plan, self.store, settings, self.open_net, self.clock, self.on_bug)
        visit = SamplerVisit(round=await rounds.take())
        hour = slot(visit.round.slot, HOURLY)
        known = VantageMemory.from_json(
            (await asyncio.to_thread(self.store.recall, plan.vantage.name)).get(VANTAGE_NOTE, b"")
        )
        if known is not None and known.pages != hour and pages.sites(plan):
            samples = await pages.look(plan, self.catalogue, self.open_net, hour)
            kept = maintained(samples, plan.subjects, settings, HOURLY)
            await asyncio.to_thread(self._keep, plan, kept, replace(known, pages=hour))
            visit = replace(visit, pages=len(kept))
        self.told(visit)
        return visit

    def _keep(self, plan: Plan, samples: pages.Samples, known: VantageMemory) -> None:
        with self.store.batch():
            self.store.add_round(samples)
            self.store.remember(plan.vantage.name, {VANTAGE_NOTE: known.to_json()})
        self.store.secure()

    async def run(self) -> None:
        """Visit in every slot, for ever; hand errors to ``failed`` and continue, or raise them without it."""
        while True:
            now = self.clock().wall
            wait = CADENCE - (now - slot(now, CADENCE)).total_seconds() + _AFTER
            await asyncio.sleep(wait)
            try:
                await self.once()
            except Exception as error:
                if self.failed is None:
                    raise
                self.failed(error)
