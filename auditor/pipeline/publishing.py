"""A judgement becomes a report: read from the store agency by agency, handed to the formats."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from auditor.catalogue import Catalogue
from auditor.check import Check
from auditor.context import Health, VantageHealth
from auditor.findings import CheckId, Finding, Outcome, Reason
from auditor.pipeline.evaluating import Judged
from auditor.pipeline.ownership import Ownership, by_agency
from auditor.store.api import Store
from auditor.store.records import RunState
from inventory.inventory import Inventory
from inventory.model import AgencyId, Network, Subject, SubjectId
from probes.framework.expand import addresses, settle
from reports.document import AgencyReport, InventoryInfo, ReportHeader, Statement, SubjectReport, VantageReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One pass over the findings: how many of each outcome, and what the report's limits need."""

    summary: Mapping[Outcome, int]
    unprivileged: bool


class StoredReport:
    """Implements ``Report`` over a store."""

    def __init__(self, judged: Judged, store: Store, catalogue: Catalogue) -> None:
        self._judged = judged
        self._store = store
        self._catalogue = catalogue
        self._inventory = Inventory.from_json(store.blob(judged.run.inventory))
        self._ownership = Ownership(self._inventory, judged.run.started.date())
        self._counted = _count(judged, store)

    @property
    def summary(self) -> Mapping[Outcome, int]:
        return self._counted.summary

    @property
    def checks(self) -> Mapping[CheckId, Check]:
        return self._catalogue.checks

    @property
    def header(self) -> ReportHeader:
        run, health = self._judged.run, self._judged.context.vantage
        record = self._store.judgement(self._judged.id)
        return ReportHeader(
            run=run.id,
            name=run.name,
            started=run.started,
            finished=run.finished,
            version=run.version,
            catalogue=record.catalogue,
            policy=record.policy,
            profile=run.profile,
            judged_at=record.judged_at,
            vantages=(
                VantageReport(
                    name=health.name,
                    ipv4=health.ipv4,
                    ipv6=health.ipv6,
                    dns=health.dns,
                    sources=health.sources,
                    selftest=self._judged.selftest,
                ),
            ),
            limits=tuple(self._limits()),
            inventory=self._inventory_info(),
        )

    def _inventory_info(self) -> InventoryInfo | None:
        if not self._inventory.sources:
            return None
        return InventoryInfo(
            source=", ".join(PurePath(source.name).name for source in self._inventory.sources),
            digest=self._judged.run.inventory,
            subjects=len(self._inventory.subjects),
        )

    def _limits(self) -> Iterator[Statement]:
        context = self._judged.context
        yield from _vantage_limits(context.vantage)
        if context.one_round:
            yield Statement(code="ONE_ROUND")
        if self._counted.unprivileged:
            yield Statement(code="NO_PRIVILEGE")
        yield from self._run_limits()

    def _run_limits(self) -> Iterator[Statement]:
        run = self._judged.run
        if not self._inventory.sources:
            yield Statement(code="NO_INVENTORY")
        chosen = json.loads(run.options).get("checks", [])
        if len(chosen) < len(self._catalogue.select((), ())):
            yield Statement(code="SELECTED_CHECKS", args={"checks": tuple(chosen)})
        if run.state is not RunState.FINISHED:
            done, planned = len(self._store.measured(run.id)), sum(1 for _ in self._store.subjects(run.id))
            yield Statement(code="INTERRUPTED", args={"done": done, "planned": planned})
        if self.summary.get(Outcome.ERROR):
            yield Statement(code="BUGS", args={"findings": self.summary[Outcome.ERROR]})

    def agencies(self) -> Iterator[AgencyReport]:
        run = self._judged.run.id
        for agency, ids in by_agency(self._store.subjects(run), self._ownership):
            yield self._agency(agency, ids)

    def stream_findings(self) -> Iterator[Finding]:
        for _, findings in self._store.findings_by_subject(self._judged.id):
            yield from findings

    def _agency(self, agency: AgencyId | None, ids: list[SubjectId]) -> AgencyReport:
        unit = self._inventory.organisation.unit(agency)
        above = () if unit is None else self._inventory.organisation.ancestors(unit.code)
        return AgencyReport(
            agency=agency,
            name=unit.name if unit else (agency or ""),
            level=unit.level if unit else "",
            path=tuple(one.name for one in reversed(above)),
            subjects=(self._subject(self._store.subject(self._judged.run.id, one)) for one in ids),
        )

    def _subject(self, subject: Subject) -> SubjectReport:
        evidence = self._store.evidence(self._judged.run.id, subject.id)
        scored = self._store.scores(self._judged.id, subject.id)
        settled = settle(self._ownership.settled(subject), evidence)
        return SubjectReport(
            subject=settled,
            addresses=addresses(settled, evidence),
            findings=self._store.findings(self._judged.id, subject.id),
            scores=scored.scores,
            ladders=scored.ladders,
            evidence={one.id: one for one in evidence},
        )


def _vantage_limits(health: VantageHealth) -> Iterator[Statement]:
    for family, state in (("IPV6", health.ipv6), ("IPV4", health.ipv4), ("DNS", health.dns)):
        if state is not Health.OK:
            word = "NO" if state is Health.NONE else "IMPAIRED"
            yield Statement(code=f"VANTAGE_{word}_{family}", args={"vantage": health.name})
    if Network.TSLCD not in health.networks:
        yield Statement(code="NO_TSLCD_VANTAGE")
    if Network.INTERNET not in health.networks:
        yield Statement(code="NO_INTERNET_VANTAGE")


def _count(judged: Judged, store: Store) -> Counted:
    counts: Counter[Outcome] = Counter()
    unprivileged = False
    for _, findings in store.findings_by_subject(judged.id):
        counts.update(finding.outcome for finding in findings)
        unprivileged = unprivileged or any(finding.reason is Reason.PRIV for finding in findings)
    return Counted(summary={outcome: counts[outcome] for outcome in Outcome}, unprivileged=unprivileged)
