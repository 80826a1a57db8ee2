"""Gathers the facts that all evidence of one vantage shows together, before any subject is judged.

Each gatherer takes every piece of evidence in one pass, in any order (``add``), keeps little of it, and gives its
result at the end (``seen``). A new one is a class with these two and a line in each method of ``RunWide``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from auditor.facts.device.estate import DeviceGathering
from auditor.facts.exposure.near_accepts import NearAccepts
from auditor.facts.mail.near_greets import NearGreets
from auditor.facts.path.differences import Differences
from auditor.facts.path.router_answers import TraceAnswers
from auditor.facts.tls.resigned import ResignedTls
from auditor.facts.tslcd.gathering import SiteGathering
from auditor.facts.web.near_portal import NearPortal
from auditor.facts.web_time import WebDates
from auditor.framework.check import Check
from auditor.framework.context import Context, TransportKey
from auditor.framework.findings import CheckId
from auditor.judging.bans import Bans
from auditor.judging.vantage import WorkingControls, assess
from inventory.model import Network, Subject
from probes.framework.evidence import Evidence


class RunWide:
    """Takes all evidence of one vantage, once; ``context`` returns the context in which its subjects are judged."""

    def __init__(self, ctx: Context, subjects: Sequence[Subject]) -> None:
        """Prepare the gatherers.

        ``ctx``: with a vantage whose health is not known yet. ``subjects``: those that it was to measure.
        """
        self._ctx, reference = ctx, ctx.reference
        self._controls, self._bans = WorkingControls(subjects, ctx.vantage.networks), Bans(subjects)
        self._differences, self._dates = Differences(), WebDates()
        self._resigned = ResignedTls(subjects)
        self._near = (NearAccepts(subjects), NearGreets(subjects), NearPortal(subjects))
        self._traces = TraceAnswers((*reference.address_plan, *chain.from_iterable(reference.networks.values())))
        self._sites = SiteGathering(subjects, reference.maintenance)
        plan = (*reference.address_plan, *reference.networks.get(Network.TSLCD, ()))
        self._devices = DeviceGathering(subjects, plan)

    def add(self, evidence: Evidence) -> None:
        parts = evidence.parts()  # costly, so done once for both
        self._controls.add(evidence, parts)
        self._bans.add(evidence, parts)
        self._differences.add(evidence)
        self._dates.add(evidence)
        self._resigned.add(evidence)
        for near in self._near:
            near.add(evidence)
        self._traces.add(evidence)
        self._sites.add(evidence)
        self._devices.add(evidence)

    def context(self, selftests: Iterable[Evidence], checks: Mapping[CheckId, Check]) -> Context:
        """Return the context with the health of the vantage, and with how sites and devices stand to each other."""
        dated = replace(self._ctx.vantage, web_time=self._dates.seen())  # the judgement of our clock depends on it
        health = assess(selftests, checks, replace(self._ctx, vantage=dated))
        health = replace(
            health,
            controls=self._controls.answered,
            answers=self._controls.answers,
            turned_away=self._controls.turned_away,
            accepted_here=frozenset[TransportKey]().union(*(near.seen() for near in self._near)),
            shared=self._differences.seen(self._ctx.policy, health.own),
            shut_out=self._bans.seen(),
            routers=self._traces.seen(),
            inspection=self._resigned.seen(self._ctx.reference.declared_roots),
        )
        return replace(self._ctx, vantage=health, sites=self._sites.seen(), estate=self._devices.seen())
