"""Builds the report of a judgement: reads the store agency by agency and hands it to the formats."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import PurePath

from auditor.figures.causes import Cause
from auditor.figures.comparison import Credibility
from auditor.figures.compliance import FrameworkResult
from auditor.figures.held_states import DefectAge
from auditor.figures.kpis import KPIS
from auditor.figures.mesh import Grid
from auditor.figures.movement import Standings
from auditor.figures.path_changes import PathChange
from auditor.figures.rollup import Rollup
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check
from auditor.framework.context import Health
from auditor.framework.findings import Arg, CheckId, Finding, FindingId, Outcome, Reason
from auditor.framework.localdate import civil_day
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.pipeline.judging.judged import LoadedJudgement, Vantage, VantageConditions
from auditor.service.pipeline.judging.members import member_records
from auditor.service.pipeline.judging.ownership import by_agency
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.pipeline.summaries.subject_facts import is_derived
from auditor.service.pipeline.summaries.summarising import Summary, kept_standings, summarise
from auditor.service.runs.history import history
from auditor.service.runs.mesh_grid import mesh_grid
from auditor.service.runs.path_events import path_changes_of
from auditor.service.runs.rounds import Past, past
from auditor.service.runs.sealing import seal_info
from auditor.service.runs.subjects_ahead import SubjectsAhead
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementId, RunState
from inventory.model import AgencyId, Coordinates, Network, Subject, SubjectId
from inventory.positions import positions
from probes.framework.evidence import EvidenceById
from reports.document import (
    AgencyReport,
    InventoryInfo,
    ReportHeader,
    SealInfo,
    Statement,
    SubjectReport,
    VantageReport,
    not_tested,
)
from reports.earlier_runs import EarlierRuns, Timelines
from reports.on_demand import CombinedMapping, ReadOnDemand

MOST_HELD = 60_000
"""Findings that a report keeps between passes, with their subjects: those of 1,000 subjects, some 40 megabytes."""
_FEW = 1_000


class StoredReport:
    """Implements ``Report`` over a store.

    ``only`` are the subjects to read with their agencies, in the order of ``Store.subjects``; None for all. Parts that
    count everything (figures, causes, earlier runs, the mesh) still count all subjects.
    """

    def __init__(
        self,
        judged: LoadedJudgement,
        store: Store,
        catalogue: Catalogue,
        only: Mapping[SubjectId, AgencyId | None] | None = None,
    ) -> None:
        self._judged = judged
        self._store = store
        self._catalogue = catalogue
        self._inventory = judged.inventory
        self._only = only
        self._rows = frozenset(subject.id for subject in self._inventory.subjects)
        self._subjects = SettledSubjects(judged, store)
        self._tally = store.tally(judged.id)
        self._held_subjects: dict[SubjectId, SubjectReport] = {}

    @property
    def store(self) -> Store:
        return self._store

    @property
    def judgement(self) -> JudgementId:
        return self._judged.id

    @property
    def summary(self) -> Mapping[Outcome, int]:
        return {outcome: sum(n for kind, n in self._tally.items() if kind.outcome is outcome) for outcome in Outcome}

    @property
    def rollup(self) -> Rollup | None:
        return self._summary.rollup if self._inventory.sources else None

    @property
    def frameworks(self) -> Sequence[FrameworkResult]:
        return self._summary.frameworks if self._inventory.sources else ()

    @property
    def causes(self) -> Sequence[Cause]:
        return self._summary.causes if self._inventory.sources else ()

    @property
    def standings(self) -> Standings:
        kept = kept_standings(self._judged.id, self._store, KPIS) if self._inventory.sources else None
        return {} if kept is None else kept

    @cached_property
    def history(self) -> EarlierRuns:
        return history(self._judged, self._store, self._catalogue)

    @property
    def positions(self) -> Mapping[AgencyId, Coordinates]:
        return positions(self._judged.inventory)

    @cached_property
    def mesh(self) -> Grid:
        return mesh_grid(self._judged, self._store)

    @cached_property
    def path_changes(self) -> Sequence[PathChange]:
        return path_changes_of(self._judged.run, self._store)

    @property
    def lives(self) -> Mapping[FindingId, DefectAge]:
        return self._past.lives if self._inventory.sources else {}

    @property
    def timelines(self) -> Timelines:
        return self._past.timelines if self._inventory.sources else Timelines()

    @cached_property
    def _dialogues(self) -> Dialogues:
        return Dialogues(self._judged.run.id, self._store)

    @cached_property
    def _past(self) -> Past:
        return past(self._judged, self._store, self._all_findings if self._is_small else None, self._only)

    @cached_property
    def _summary(self) -> Summary:
        return summarise(self._judged, self._store)

    @property
    def checks(self) -> Mapping[CheckId, Check]:
        return self._catalogue.checks

    @cached_property
    def header(self) -> ReportHeader:
        run, record, conditions = self._judged.run, self._judged.record, self._judged.conditions
        seal = seal_info(record, self._store)
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
            vantages=tuple(map(_vantage, conditions.vantages)),
            limits=(*_outside(seal), *self._limits()),
            inventory=self._inventory_info(),
            judgement=record.id,
            seal=seal,
        )

    def _inventory_info(self) -> InventoryInfo | None:
        if not self._inventory.sources:
            return None
        return InventoryInfo(
            source=", ".join(PurePath(source.name).name for source in self._inventory.sources),
            digest=self._judged.run.inventory,
            as_of=self._judged.run.options.reconciled,
            subjects=len(self._inventory.subjects),
            findings=self._judged.conditions.inventory_findings,
        )

    def _limits(self) -> Iterator[Statement]:
        yield from _vantage_limits([conditions.vantage for conditions in self._judged.conditions.vantages])
        if self._judged.one_round:
            yield Statement(code="ONE_ROUND")
        if any(kind.reason is Reason.PRIV for kind in self._tally):
            yield Statement(code="NO_PRIVILEGE")
        yield from self._run_limits()

    def _run_limits(self) -> Iterator[Statement]:
        run = self._judged.run
        if not self._inventory.sources:
            yield Statement(code="NO_INVENTORY")
        if run.amends:
            yield Statement(code="AMENDS", args={"run": run.amends})
        elif run.is_part:
            yield Statement(code="PART")
        yield from self._doubt()
        chosen = run.options.checks
        if chosen is not None and len(chosen) < len(self._catalogue.select((), ())):
            yield Statement(code="SELECTED_CHECKS", args={"checks": chosen})
        yield from self._cut_off()
        yield from self._waivers()
        if self.summary.get(Outcome.ERROR):
            yield Statement(code="BUGS", args={"findings": self.summary[Outcome.ERROR]})

    def _cut_off(self) -> Iterator[Statement]:
        """Yield a statement for the run, or for each member of a round, that was not measured to its end."""
        judged = {conditions.vantage.name for conditions in self._judged.conditions.vantages}
        for member in member_records(self._judged.run, self._store):
            if member.state is not RunState.FINISHED and member.vantage in judged:
                done, planned = len(self._store.measured(member.id)), sum(1 for _ in self._store.subjects(member.id))
                args: dict[str, Arg] = {"done": done, "planned": planned}
                if member.round is None:
                    yield Statement(code="INTERRUPTED", args=args)
                else:
                    yield Statement(code="VANTAGE_INTERRUPTED", args={"vantage": member.vantage, **args})

    def _doubt(self) -> Iterator[Statement]:
        """Yield the current doubt about the run: a repeat decides after the judgement was made."""
        doubt = self._store.run(self._judged.run.id).doubt
        if doubt is None:
            return
        codes = {Credibility.REAL: "DOUBT_CONFIRMED", Credibility.VANTAGE: "DOUBT_VANTAGE"}
        yield Statement(
            code=codes.get(doubt.state, "DOUBTFUL"),
            args={"run": doubt.repeat if doubt.repeat and doubt.state in codes else doubt.base},
        )

    def _waivers(self) -> Iterator[Statement]:
        """Yield the number of accepted findings, the ended exceptions, and those for unknown subjects or units."""
        accepted = sum(n for kind, n in self._tally.items() if kind.waived)
        if accepted:
            yield Statement(code="WAIVED", args={"findings": accepted})
        rows, day = self._judged.policy.waivers, civil_day(self._judged.run.started)
        units = {unit.code for unit in self._inventory.organisation.units}
        named = {row.subject for row in rows if row.subject is not None}
        found = self._store.subjects(self._judged.run.id, frozenset(), named) if named else ()
        subjects = {subject.id for subject in found}
        for row in rows:
            said: dict[str, Arg] = {"of": row.of, "check": row.check, "owner": row.owner}
            if row.until < day:
                yield Statement(code="WAIVER_ENDED", args={**said, "until": row.until.isoformat()})
            if row.subject not in subjects and row.agency not in units:
                yield Statement(code="WAIVER_OF_NOBODY", args=said)

    def agencies(self) -> Iterator[AgencyReport]:
        ahead, first = SubjectsAhead(self._order, self._some), 0
        for agency, ids in self._groups:
            yield self._agency(agency, ahead.part(first, first + len(ids)))
            first += len(ids)

    @cached_property
    def _groups(self) -> Sequence[tuple[AgencyId | None, list[SubjectId]]]:
        groups = by_agency(self._subjects.agencies() if self._only is None else self._only)
        if self._inventory.sources:
            return tuple(groups)
        # Targets of a command line: the named ones first, in their order, then the derived subjects.
        named = {subject.id: number for number, subject in enumerate(self._inventory.subjects)}
        return tuple((agency, sorted(ids, key=lambda id_: named.get(id_, len(named)))) for agency, ids in groups)

    @property
    def _order(self) -> list[SubjectId]:
        return [subject for _, ids in self._groups for subject in ids]

    def stream_findings(self) -> Iterator[Finding]:
        for _, findings in self._all_findings.items() if self._is_small else self._findings_by_subject():
            yield from findings

    def stream_untested(self) -> Iterator[Finding]:
        if self._is_small or self._only is not None:
            return filter(not_tested, self.stream_findings())
        return self._store.untested(self._judged.id)

    @cached_property
    def _all_findings(self) -> Mapping[SubjectId, tuple[Finding, ...]]:
        """The findings of a small report, read once for all passes."""
        return dict(self._findings_by_subject())

    def _findings_by_subject(self) -> Iterator[tuple[SubjectId, tuple[Finding, ...]]]:
        if self._only is None:
            return self._store.findings_by_subject(self._judged.id)
        parts = (self._store.findings_of(self._judged.id, some) for some in chunks(self._only, AT_ONCE))
        return ((subject, of_part[subject]) for of_part in parts for subject in of_part)

    def _agency(self, agency: AgencyId | None, subjects: Iterator[SubjectReport]) -> AgencyReport:
        unit = self._inventory.organisation.unit(agency)
        above = () if unit is None else self._inventory.organisation.ancestors(unit.code)
        return AgencyReport(
            agency=agency,
            name=unit.name if unit else (agency or ""),
            level=unit.level if unit else "",
            path=tuple(unit.name for unit in reversed(above)),
            subjects=subjects,
            contact=unit.contact if unit else "",
        )

    def _some(self, ids: Sequence[SubjectId]) -> Iterator[SubjectReport]:
        findings, without = self._findings_of(ids), list(self._without_findings(ids))

        @cache
        def read() -> Mapping[SubjectId, EvidenceById]:
            return self._store.evidence_on_demand(self._judged.run.id, ids)

        @cache
        def hear() -> None:
            self._dialogues.read_ahead(each.subject for each in without)

        for without_finding in without:
            evidence = ReadOnDemand(partial(self._evidence, without_finding.subject, read, hear))
            yield replace(without_finding, findings=findings[without_finding.subject.id], evidence=evidence)

    def _findings_of(self, ids: Sequence[SubjectId]) -> Mapping[SubjectId, tuple[Finding, ...]]:
        return self._all_findings if self._is_small else self._store.findings_of(self._judged.id, ids)

    def _evidence(
        self, subject: Subject, read: Callable[[], Mapping[SubjectId, EvidenceById]], hear: Callable[[], None]
    ) -> EvidenceById:
        """Return the evidence of a subject.

        ``read`` and ``hear`` read the evidence, and the dialogues, of all subjects that are read together.
        """
        own = read()[subject.id]
        if not self._dialogues.concern(subject):
            return own
        hear()
        dialogues = {envelope.id: envelope for envelope in self._dialogues.of(subject)}
        return CombinedMapping(own, dialogues) if dialogues else own

    def stream_subjects(self) -> Iterator[SubjectReport]:
        for some in chunks(self._order, AT_ONCE):
            yield from self._without_findings(some)

    def _without_findings(self, ids: Sequence[SubjectId]) -> Iterator[SubjectReport]:
        """Read subjects without findings; those of a small report are read only once."""
        if not self._is_small:
            return self._read_subjects(ids)
        if missing := [each for each in ids if each not in self._held_subjects]:
            self._held_subjects.update((read.subject.id, read) for read in self._read_subjects(missing))
        return (self._held_subjects[each] for each in ids)

    @property
    def _is_small(self) -> bool:
        return sum(self._tally.values()) <= MOST_HELD or (self._only is not None and len(self._only) <= _FEW)

    def _read_subjects(self, ids: Sequence[SubjectId]) -> Iterator[SubjectReport]:
        scored = self._store.scores_of(self._judged.id, ids)
        subjects = self._store.subjects_of(self._judged.run.id, ids)
        settled = self._subjects.settled(subjects)
        for subject in subjects:
            yield SubjectReport(
                subject=settled[subject.id].applied_to(subject),
                addresses=settled[subject.id].addresses,
                findings=(),
                scores=scored[subject.id].scores,
                ladders=scored[subject.id].ladders,
                derived=is_derived(subject, self._rows),
                seen_from=settled[subject.id].seen_from,
            )


def _outside(seal: SealInfo | None) -> Iterator[Statement]:
    """Yield the statement that the seal of the run does not cover the judgement, as the first limit of the report."""
    if seal is not None and not seal.covers:
        yield Statement(code="NOT_SEALED", args={"root": seal.root})


def _vantage(conditions: VantageConditions) -> VantageReport:
    vantage = conditions.vantage
    return VantageReport(
        name=vantage.name,
        ipv4=vantage.ipv4,
        ipv6=vantage.ipv6,
        dns=vantage.dns,
        sources=vantage.sources,
        selftest=conditions.selftest,
    )


def _vantage_limits(vantages: Sequence[Vantage]) -> Iterator[Statement]:
    """Yield the limits of the vantages: impaired families or DNS, and networks in which no vantage stood."""
    for vantage in vantages:
        for family, state in (("IPV6", vantage.ipv6), ("IPV4", vantage.ipv4), ("DNS", vantage.dns)):
            if family == "IPV4" and vantage.has_ipv6_alone:
                prefixes = tuple(map(str, vantage.nat64))
                yield Statement(code="VANTAGE_NAT64", args={"vantage": vantage.name, "prefixes": prefixes})
            elif state is not Health.OK:
                word = "NO" if state is Health.NONE else "IMPAIRED"
                yield Statement(code=f"VANTAGE_{word}_{family}", args={"vantage": vantage.name})
    networks = {network for vantage in vantages for network in vantage.networks}
    if Network.TSLCD not in networks:
        yield Statement(code="NO_TSLCD_VANTAGE")
    if Network.INTERNET not in networks:
        yield Statement(code="NO_INTERNET_VANTAGE")
