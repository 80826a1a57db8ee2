"""Serves TSLCD: figures, communes, the current state of every connection point, one point over time, and the mesh."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.figure import Figure
from auditor.figures.mesh import Grid
from auditor.figures.path_changes import PathChange
from auditor.framework.findings import WORST_FIRST, Finding, Outcome
from auditor.framework.message_format import VIETNAM
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.mesh_grid import mesh_grid
from auditor.service.runs.path_events import path_changes_of
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import RunState
from auditor.service.web.connection_points import charts
from auditor.service.web.connection_points.communes import communes, drawn
from auditor.service.web.connection_points.point_order import (
    BY_SAMPLES,
    CHECKS,
    COLUMNS,
    DELAYED,
    LOST,
    REACHED,
    PointLine,
    in_order,
    median,
)
from auditor.service.web.connection_points.slot_series import DAY, WEEK, SlotKey, SlotSeries, slot_of, slots_together
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.run_views import view_of_latest, view_of_run
from auditor.service.web.rendering.lists import ListPage, one_page, page_number
from auditor.service.web.rendering.render import kept, language, page, texts_in, until_sampled
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, run_lookup, site_of
from auditor.texts.messages_en import WORDS
from auditor.texts.translate import Texts
from inventory.model import Kind, Network, SubjectId
from probes.observations import series as names
from reports import path_lines, report_texts
from reports.figures import figures
from reports.formats.html import tslcd_grid
from reports.formats.html.commune_map import SHAPES

routes = Routes()
POINTS = (Kind.DATACENTRE, Kind.CONNECTION_POINT)
_DEFECTS = frozenset({Outcome.FAIL, Outcome.WARN})
_SPANS = {"day": (DAY, 12), "week": (WEEK, 72)}
"""The time span, and the number of slots in a line of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Describes one chart. ``path`` is empty for answers, drawn as ``blocks``; ``top`` is the end of the scale."""

    slots: SlotSeries
    blocks: Sequence[charts.StateBlock]
    path: str = ""
    top: float = 1.0


@routes.get("/tslcd")
@until_sampled
async def points(request: Request) -> StreamResponse:
    """List the connection points, ordered by one of ``COLUMNS`` if ``sort`` names it."""
    view, sampled = await run_lookup(_seen_sampled, request)
    if view is None:
        return await first_steps(request, "tslcd")
    now, texts = datetime.now(UTC), texts_in(language(request))
    mine, column = view.of_kinds(*POINTS), request.query.get("sort", "")
    column = column if column in COLUMNS else ""
    number = one_page(mine, page_number(request)).number
    about, stock = (*view.about, f"{slot_of(now)} {sampled}", str(number), column), site_of(request).stock

    def overview() -> dict[str, object]:
        return _overview(view, _listed(view, stock, mine, column, number, now), column, texts)

    body = await kept(request, "tslcd_body", about, overview)
    return await page(request, "tslcd", body=body)


@routes.get("/tslcd/points/{subject:.+}")
async def point(request: Request) -> StreamResponse:
    view = await run_lookup(view_of_latest, request)
    if view is None:
        raise web.HTTPNotFound
    pair = await run_in_thread(view.subject, SubjectId(request.match_info["subject"]))
    if pair is None:
        raise web.HTTPNotFound
    span = request.query.get("span", "day")
    length, slots = _SPANS.get(span, _SPANS["day"])
    drawn = await run_in_thread(_charts, view, site_of(request).stock, pair[0], length)
    findings = [
        finding for finding in await run_in_thread(view.findings, pair[0]) if finding.check.startswith("tslcd.")
    ]
    findings.sort(key=lambda finding: WORST_FIRST.index(finding.outcome))
    return await page(
        request,
        "tslcd_point",
        run=view.digest.run,
        line=pair[0],
        subject=pair[1],
        charts=drawn,
        tables=[(chart, list(chart.slots.parts(slots))) for chart in drawn],
        spans=list(_SPANS),
        span=span if span in _SPANS else "day",
        problems=[finding for finding in findings if finding.outcome in _DEFECTS],
        others=[finding for finding in findings if finding.outcome not in _DEFECTS],
        names=view.names,
        ticks=list(_ticks(length)),
        width=charts.WIDTH,
        height=charts.HEIGHT,
    )


@routes.get("/runs/{run}/mesh")
async def mesh(request: Request) -> StreamResponse:
    """Show the mesh to accounts that see everything: the paths between vantages concern sites of several agencies."""
    view = await view_of_run(request)
    if not view.whole:
        raise web.HTTPNotFound
    site = site_of(request)
    grid, changes = await run_in_thread(_mesh, site, view)
    texts = texts_in(language(request))
    return await page(
        request,
        "mesh",
        run=view.digest.run,
        mesh=grid,
        changes=changes,
        lines=path_lines,
        texts=texts,
        signs=tslcd_grid.MESH_SIGNS,
        say=_words(request),
        hints=[_hint(texts, hint.code.value, hint.name, hint.other, hint.family, hint.count) for hint in grid.hints],
    )


def _mesh(site: Site, view: AccountView) -> tuple[Grid, Sequence[PathChange]]:
    """Read the evidence of every path and every trace: once for each judgement, unless the run may be continued."""
    known = site.meshes.get(view.judgement)
    if known is None:
        judged = site.digests.judged(view.digest.judgement)
        known = mesh_grid(judged, site.store), path_changes_of(judged.run, site.store)
        if judged.run.state is RunState.FINISHED:
            site.meshes.keep(view.judgement, known)
    return known


# --- helpers of the pages --------------------------------------------------------------------------------------------


def _seen_sampled(request: Request) -> tuple[AccountView | None, datetime | None]:
    """Return the latest run, and the time at which its vantage last sampled anything."""
    view = view_of_latest(request)
    if view is None:
        return None, None
    return view, site_of(request).digests.last_sampled().get(view.vantage_in(Network.TSLCD))


def _listed(
    view: AccountView, stock: Inventories, lines: Sequence[SubjectLine], column: str, number: int, now: datetime
) -> ListPage[PointLine]:
    """Return one page of points; samples of all are read only if they decide the order, and then only those."""
    query, ordered = f"sort={column}&" if column else "", in_order(view, lines, column)
    if column in BY_SAMPLES:
        wanted, rank = BY_SAMPLES[column]
        ranks = {line.id: rank(slots) for line, slots in _sampled(view, stock, ordered, wanted, now)}
        ordered = sorted(ordered, key=lambda line: ranks[line.id])
    shown = one_page(ordered, number, query)
    points = list(_points(view, stock, shown.lines, now))
    return ListPage(lines=points, number=shown.number, of=shown.of, query=query)


def _overview(view: AccountView, listed: ListPage[PointLine], column: str, texts: Texts) -> dict[str, object]:
    rows = _communes(view)
    return {
        "run": view.digest.run,
        "figures": list(_figures(view)),
        "rows": rows,
        "map": drawn(view),
        "map_shapes": SHAPES,
        "communes": communes(view),
        "columns": tslcd_grid.COLUMNS,
        "signs": tslcd_grid.SIGNS,
        "hints": list(tslcd_grid.hints(rows)),
        "listed": listed,
        "sorted_by": column,
        "checks": CHECKS,
        "names": view.names,
        "whole": view.whole,
        "say": partial(report_texts.say, texts),
    }


def _figures(view: AccountView) -> Iterator[tuple[str, Figure]]:
    total = view.total()
    if total is not None:
        yield from ((name, figure) for name, figure in figures(total) if name[:3] in _TSLCD)


_TSLCD = frozenset(f"K0{number}" for number in range(1, 8))


def _communes(view: AccountView) -> Sequence[tslcd_grid.CommuneRow]:
    rollup = view.digest.rollup
    if rollup is None:
        return ()
    mine = tuple(unit for unit in rollup.units if unit.agency is not None and view.sees(unit.agency))
    return tslcd_grid.grid(replace(rollup, units=mine))


def _points(view: AccountView, stock: Inventories, lines: Sequence[SubjectLine], now: datetime) -> Iterator[PointLine]:
    findings = view.findings_of(lines)
    for line, slots in _sampled(view, stock, lines, (REACHED, *LOST, *DELAYED), now):
        yield PointLine(
            line=line,
            reach=slots[REACHED],
            loss=median(slots, LOST),
            rtt=median(slots, DELAYED),
            verdicts=dict(_verdicts(findings.get(line.id, ()))),
        )


def _sampled(
    view: AccountView, stock: Inventories, lines: Sequence[SubjectLine], wanted: Sequence[SlotKey], now: datetime
) -> Iterator[tuple[SubjectLine, Mapping[SlotKey, SlotSeries]]]:
    """Yield each point with these series of the last day."""
    sampled = view.sampled_together(lines, stock, now - DAY)
    return zip(lines, slots_together(sampled, wanted, now, DAY), strict=True)


def _verdicts(findings: Sequence[Finding]) -> Iterator[tuple[str, Finding]]:
    """Yield the worst finding of each check."""
    for name in CHECKS:
        of_check = [finding for finding in findings if finding.check == name]
        if of_check:
            yield name, min(of_check, key=lambda finding: WORST_FIRST.index(finding.outcome))


def _charts(view: AccountView, stock: Inventories, line: SubjectLine, length: timedelta) -> Sequence[Chart]:
    return [_chart(chart) for chart in view.sampled(line, stock).charts(datetime.now(UTC), length)]


def _chart(slots: SlotSeries) -> Chart:
    if slots.metric == names.REACH:
        return Chart(slots=slots, blocks=list(charts.blocks(slots)))
    top = charts.top_of(slots.counted)
    return Chart(slots=slots, blocks=list(charts.missing(slots)), path=charts.paths(slots, top), top=top)


def _ticks(length: timedelta) -> Iterator[str]:
    """Yield five times along the axis, by Vietnam's clock."""
    end = datetime.now(VIETNAM)
    for number in range(5):
        when = end - length + number * length / 4
        yield f"{when:%H:%M}" if length <= DAY else f"{when:%d/%m}"


def _words(request: Request) -> Callable[..., str]:
    """Return the lookup of report texts, which already contain those of the grids."""
    return partial(report_texts.say, texts_in(language(request)))


def _hint(texts: Texts, code: str, name: str, other: str, family: int, count: int) -> str:
    key = f"mesh_hint/{code}"
    return texts.say(key, WORDS[key], name=name, other=other, family=family, count=count)
