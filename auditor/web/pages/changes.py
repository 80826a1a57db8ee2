"""What became of the findings between two runs: by default the latest one and the one before it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.change import Change, ChangeKind, Comparison
from auditor.figures import Figure
from auditor.findings import Finding
from auditor.store.records import JudgementRecord, RunRecord, RunState
from auditor.web.lists import paged
from auditor.web.overview import earlier
from auditor.web.pages.results import latest, seen
from auditor.web.render import page
from auditor.web.routes import Routes
from auditor.web.site import Site, aside, site_of
from auditor.web.view import View
from inventory.model import AgencyId, SubjectId
from reports.changes import told

routes = Routes()
_URGENT = (ChangeKind.NEW, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.GONE)
MOST_EARLIER = 30
"""Earlier runs that are offered to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One change with what was said on both sides. ``run`` is the one whose page of the subject is led to."""

    change: Change
    agency: AgencyId | None
    run: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both runs as they are seen, and what changed."""

    before: View
    after: View
    comparison: Comparison

    @property
    def agencies(self) -> Mapping[SubjectId, AgencyId | None]:
        """Whose each subject is: after, or before where it is not there any more."""
        return {one.id: one.agency for side in (self.before, self.after) for one in side.subjects}

    @property
    def names(self) -> Mapping[AgencyId, str]:
        found = (unit for side in (self.before, self.after) for unit in side.digest.organisation.walk())
        return {unit.code: unit.name for unit in found}


@routes.get("/changes")
async def changes_of_latest(request: Request) -> StreamResponse:
    digest = await aside(latest, site_of(request))
    if digest is None:
        return await page(request, "nothing")
    raise web.HTTPSeeOther(f"/runs/{digest.run.id}/changes")


@routes.get("/runs/{run}/changes")
async def changes(request: Request) -> StreamResponse:
    site, view = site_of(request), await seen(request)
    others = await aside(_earlier_runs, site, view.digest.run)
    against = await aside(earlier, site, view, request.query.get("against", ""))
    if against is None:
        if request.query.get("against"):
            raise web.HTTPNotFound
        return await page(request, "changes_none", run=view.digest.run)
    await site.comparisons.ready(against, view.digest)
    sides = await aside(compared, site, view, against)
    return await page(request, "changes", await aside(_told, request, sides), others=others)


# --- what the pages need ---------------------------------------------------------------------------------------------


def compared(site: Site, view: View, against: JudgementRecord) -> Sides:
    return Sides(before=view.earlier(against, site.digests), after=view, comparison=view.changes(against, site.digests))


def _earlier_runs(site: Site, this: RunRecord) -> Sequence[RunRecord]:
    found = [one for one in site.store.runs() if one.started < this.started and one.state is not RunState.RUNNING]
    judged = (one for one in reversed(found) if site.store.latest_judgement(one.id) is not None)
    return [one for one, _ in zip(judged, range(MOST_EARLIER), strict=False)]


def _told(request: Request, sides: Sides) -> dict[str, object]:
    agencies, names = sides.agencies, sides.names
    code, kind = request.query.get("agency", ""), _kind(request)
    of_agency = [one for one in sides.comparison.changes if code in ("", agencies.get(one.subject) or "-")]
    wanted = [one for one in of_agency if one.kind is kind or (kind is None and one.kind in _URGENT)]
    order = {each: number for number, each in enumerate(names)}
    wanted.sort(key=lambda one: order.get(agencies.get(one.subject) or AgencyId(""), len(order)))
    listed = paged(wanted, request)
    present = {agency: names.get(agency, agency) for agency in agencies.values() if agency is not None}
    return {
        "run": sides.after.digest.run,
        "before": sides.before.digest.run,
        "notes": list(_notes(sides)),
        "counts": Counter(one.kind for one in of_agency),
        "suspect": sides.comparison.suspect,
        "figures": list(_figures(sides.comparison)) if not code else [],
        "listed": listed,
        "groups": _by_agency(list(_rows(listed.lines, sides, agencies))),
        "names": names,
        "choices": sorted(present.items(), key=lambda one: order.get(one[0], len(order))),
        "code": code,
        "kind": kind,
        "kinds": list(ChangeKind),
    }


def _kind(request: Request) -> ChangeKind | None:
    """None: what is urgent, without what still fails and what cannot be compared."""
    text = request.query.get("kind", "")
    return ChangeKind(text) if text in {one.value for one in ChangeKind} else None


def _notes(sides: Sides) -> Iterator[str]:
    """What makes the two sides less alike."""
    one, other = sides.before.digest, sides.after.digest
    if one.judgement.catalogue != other.judgement.catalogue:
        yield "other_catalogue"
    if one.judgement.policy != other.judgement.policy:
        yield "other_policy"
    if set(one.run.networks) != set(other.run.networks):
        yield "other_networks"


def _figures(comparison: Comparison) -> Iterator[tuple[str, Figure, Figure]]:
    for name, (one, other) in comparison.figures.items():
        if told(one) != told(other):
            yield name, one or Figure(), other or Figure()


def _rows(changes: Sequence[Change], sides: Sides, agencies: Mapping[SubjectId, AgencyId | None]) -> Iterator[Row]:
    """With the findings of those that are shown, read from both judgements."""
    said = [_findings(side, {one.subject for one in changes}) for side in (sides.before, sides.after)]
    of_after = {one.id for one in sides.after.subjects}
    for one in changes:
        there = sides.after if one.subject in of_after else sides.before
        yield Row(
            change=one, agency=agencies.get(one.subject), run=there.digest.run.id,
            before=None if one.before is None else said[0].get(one.id),
            after=None if one.after is None else said[1].get(one.id),
        )  # fmt: skip


def _findings(view: View, subjects: set[SubjectId]) -> Mapping[str, Finding]:
    lines = [one for one in view.subjects if one.id in subjects]
    return {one.id: one for some in view.findings_of(lines).values() for one in some}


def _by_agency(rows: Sequence[Row]) -> Mapping[AgencyId | None, Sequence[Row]]:
    found: dict[AgencyId | None, list[Row]] = {}
    for one in rows:
        found.setdefault(one.agency, []).append(one)
    return found
