"""Serves the comparison of two runs: by default the latest one and the one before it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.comparison import Change, ChangeKind, Comparison
from auditor.figures.figure import Figure
from auditor.framework.findings import Finding
from auditor.service.store.records import JudgementRecord, RunRecord, RunState
from auditor.service.web.figures.overview import earlier
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.doubt_notice import doubts
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.run_views import view_of_latest, view_of_run
from auditor.service.web.rendering.lists import one_page, page_number
from auditor.service.web.rendering.render import kept, page, until_written
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_lookup, site_of
from inventory.model import AgencyId, SubjectId
from reports.changes import told

routes = Routes()
_URGENT = (ChangeKind.NEW, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE)
MOST_EARLIER = 30
"""Earlier runs that are offered to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFinding:
    """Describes one change with the findings of both sides; ``run`` is the run of the linked page of the subject."""

    change: Change
    agency: AgencyId | None
    run: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRuns:
    """Holds both runs as the account sees them, and their differences."""

    before: AccountView
    after: AccountView
    comparison: Comparison

    @property
    def agencies(self) -> Mapping[SubjectId, AgencyId | None]:
        """The agency of each subject: in the later run, or in the earlier one if the later has no such subject."""
        return {subject.id: subject.agency for side in (self.before, self.after) for subject in side.subjects}

    @property
    def names(self) -> Mapping[AgencyId, str]:
        units = (unit for side in (self.before, self.after) for unit in side.digest.organisation.walk())
        return {unit.code: unit.name for unit in units}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFilter:
    """Holds the filter of the page: ``agency`` empty for all, ``kind`` None for urgent changes; a page, from 0."""

    agency: str
    kind: ChangeKind | None
    number: int

    @property
    def words(self) -> tuple[str, ...]:
        return self.agency, "" if self.kind is None else self.kind.value, str(self.number)


@routes.get("/changes")
async def changes_of_latest(request: Request) -> StreamResponse:
    view = await run_lookup(view_of_latest, request)
    if view is None:
        return await first_steps(request, "changes")
    raise web.HTTPSeeOther(f"/runs/{view.digest.run.id}/changes")


@routes.get("/runs/{run}/changes")
@until_written
async def changes(request: Request) -> StreamResponse:
    site, view, named = site_of(request), await view_of_run(request), request.query.get("against", "")
    others, against = await run_lookup(_to_compare_with, site, view, named)
    if against is None:
        if named:
            raise web.HTTPNotFound
        return await page(request, "changes_none", run=view.digest.run)
    await site.comparisons.ready(against, view.digest)
    wanted = ChangesFilter(
        agency=request.query.get("agency", "")[:100], kind=_kind(request), number=page_number(request)
    )
    about = (*view.about, against.id, " ".join(other.id for other in others), *wanted.words)
    body = await kept(request, "changes_body", about, lambda: _told(compared(site, view, against), others, wanted))
    return await page(request, "changes", body=body, doubts=await doubts(site, view.digest.run.id))


# --- helpers of the pages --------------------------------------------------------------------------------------------


def _to_compare_with(site: Site, view: AccountView, named: str) -> tuple[Sequence[RunRecord], JudgementRecord | None]:
    """Return the earlier runs, and the judgement to compare with."""
    run = view.digest.run
    others = site.digests.remembered(("earlier", run.id), lambda: _earlier_runs(site, run))
    return others, site.digests.remembered(
        ("against", view.judgement, named), lambda: earlier(site, view.digest, named)
    )


def compared(site: Site, view: AccountView, against: JudgementRecord) -> ComparedRuns:
    return ComparedRuns(
        before=view.earlier(against, site.digests), after=view, comparison=view.changes(against, site.digests)
    )


def _earlier_runs(site: Site, this: RunRecord) -> Sequence[RunRecord]:
    runs = [run for run in site.store.runs() if run.started < this.started and run.state is not RunState.RUNNING]
    latest = site.store.latest_judgements()
    return [run for run in reversed(runs) if run.id in latest][:MOST_EARLIER]


def _told(sides: ComparedRuns, others: Sequence[RunRecord], wanted: ChangesFilter) -> dict[str, object]:
    agencies, names, kind = sides.agencies, sides.names, wanted.kind
    of_agency = [
        change for change in sides.comparison.changes if wanted.agency in ("", agencies.get(change.subject) or "-")
    ]
    chosen = [change for change in of_agency if change.kind is kind or (kind is None and change.kind in _URGENT)]
    order = {each: number for number, each in enumerate(names)}
    chosen.sort(key=lambda change: order.get(agencies.get(change.subject) or AgencyId(""), len(order)))
    before = sides.before.digest.run
    asked = {"against": before.id, "agency": wanted.agency, "kind": "" if kind is None else kind.value}
    listed = one_page(chosen, wanted.number, f"{urlencode(asked)}&")
    present = {agency: names.get(agency, agency) for agency in agencies.values() if agency is not None}
    return {
        "run": sides.after.digest.run,
        "before": before,
        "others": others,
        "notes": list(_notes(sides)),
        "counts": Counter(change.kind for change in of_agency),
        "suspect": sides.comparison.suspect,
        "figures": list(_figures(sides.comparison)) if not wanted.agency else [],
        "listed": listed,
        "groups": _by_agency(list(_rows(listed.lines, sides, agencies))),
        "names": names,
        "choices": sorted(present.items(), key=lambda item: order.get(item[0], len(order))),
        "code": wanted.agency,
        "kind": kind,
        "kinds": list(ChangeKind),
    }


def _kind(request: Request) -> ChangeKind | None:
    """Return the kind of changes to show; None for urgent ones, without those still failing or not comparable."""
    text = request.query.get("kind", "")
    return ChangeKind(text) if text in {kind.value for kind in ChangeKind} else None


def _notes(sides: ComparedRuns) -> Iterator[str]:
    """List the differences that make the two runs less comparable."""
    judgement_summary, other = sides.before.digest, sides.after.digest
    if judgement_summary.judgement.catalogue != other.judgement.catalogue:
        yield "other_catalogue"
    if judgement_summary.rules != other.rules:
        yield "other_policy"
    if set(judgement_summary.run.networks) != set(other.run.networks):
        yield "other_networks"


def _figures(comparison: Comparison) -> Iterator[tuple[str, Figure, Figure]]:
    for name, pair in comparison.figures.items():
        if told(pair.before) != told(pair.after):
            yield name, pair.before or Figure(), pair.after or Figure()


def _rows(
    changes: Sequence[Change], sides: ComparedRuns, agencies: Mapping[SubjectId, AgencyId | None]
) -> Iterator[ChangedFinding]:
    """Yield the changes of the page with their findings, read from both judgements."""
    said = [_findings(side, {change.subject for change in changes}) for side in (sides.before, sides.after)]
    of_after = {subject.id for subject in sides.after.subjects}
    for change in changes:
        there = sides.after if change.subject in of_after else sides.before
        yield ChangedFinding(
            change=change,
            agency=agencies.get(change.subject),
            run=there.digest.run.id,
            before=None if change.before is None else said[0].get(change.id),
            after=None if change.after is None else said[1].get(change.id),
        )


def _findings(view: AccountView, subjects: set[SubjectId]) -> Mapping[str, Finding]:
    lines = [subject for subject in view.subjects if subject.id in subjects]
    return {finding.id: finding for some in view.findings_of(lines).values() for finding in some}


def _by_agency(rows: Sequence[ChangedFinding]) -> Mapping[AgencyId | None, Sequence[ChangedFinding]]:
    changed_findings_by_agency: dict[AgencyId | None, list[ChangedFinding]] = {}
    for row in rows:
        changed_findings_by_agency.setdefault(row.agency, []).append(row)
    return changed_findings_by_agency
