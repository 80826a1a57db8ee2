"""Serves the design system: each part that pages are made of, with made-up values, in the light or dark scheme."""

from collections import Counter
from datetime import UTC, datetime

from aiohttp.web import Request, StreamResponse

from auditor.figures.figure import Figure
from auditor.framework.findings import Severity
from auditor.service.accounts.model import Role
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.connection_points.communes import PointCell, PointStrip
from auditor.service.web.figures.tiles import FigureTarget, Tile
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import RunId
from reports.earlier_runs import HistoryPoint
from reports.formats.html import trends
from reports.formats.html.commune_map import CommuneCell
from reports.formats.html.tslcd_grid import CommuneState
from reports.shown_results import RESULTS

routes = Routes()
SCHEMES = ("light", "dark")
COLOURS = (
    "ink",
    "soft",
    "ground",
    "surface",
    "raised",
    "line",
    "accent",
    "bar",
    "pass",
    "warn",
    "fail",
    "inconclusive",
)
SIZES = ("s", "m", "l", "xl", "2xl", "3xl")
_NAMES = ("K02", "K08", "K09", "K10")


@routes.get("/design", Role.ADMIN)
async def design(request: Request) -> StreamResponse:
    """Show each part; ``scheme`` chooses the colours, which else are those of the browser."""
    asked = request.query.get("scheme", "")
    scheme = {"scheme": asked} if asked in SCHEMES else {}
    return await page(
        request,
        "design",
        scheme,
        schemes=SCHEMES,
        colours=COLOURS,
        sizes=SIZES,
        severities=list(Severity),
        tiles=tiles(),
        figures=[(tile.name, tile.figure) for tile in tiles()],
        bars={"fail": 4, "warn": 3, "inconclusive": 2, "pass": 9},
        results_shown=dict.fromkeys(RESULTS, 7),
        communes=communes(),
        points=strip(),
        trend_width=trends.WIDTH,
        trend_height=trends.HEIGHT,
    )


def tiles() -> list[Tile]:
    """Make up tiles: a target reached, missed and open, a trend up and down, an interval."""
    figures = (Figure(of=12, met=11), Figure(of=80, met=54), Figure(of=5, met=3, unknown=2), Figure(of=17, met=14))
    before = (Figure(of=12, met=9), Figure(of=80, met=60), Figure(of=5, met=3), Figure(of=17, met=14))
    points = [
        HistoryPoint(
            run=RunId(f"r{number}"),
            name="",
            started=datetime(2026, number, 1, tzinfo=UTC),
            judgement="",
            figures=dict(zip(_NAMES, some, strict=True)),
        )
        for number, some in enumerate((before, figures, before, figures), 1)
    ]
    lines = {line.name: line for line in trends.lines(points)}
    targets = (FigureTarget(sign=">=", value=90, reached=True), FigureTarget(sign=">=", value=75, reached=False))
    wanted = (*targets, FigureTarget(sign=">=", value=85, reached=None), None)
    return [
        Tile(name=name, figure=figure, target=target, trend=lines[name])
        for name, figure, target in zip(_NAMES, figures, wanted, strict=True)
    ]


def communes() -> list[CommuneCell]:
    """Make up a commune in each state."""
    states = (CommuneState.MET, CommuneState.NOT_MET, CommuneState.UNDECIDED)
    return [
        CommuneCell(agency=AgencyId("-"), name=f"Xã {number}", state=state, fails=3 * (state is CommuneState.NOT_MET))
        for number, state in enumerate(states * 4, 1)
    ]


def strip() -> PointStrip:
    """Make up connection points in each state."""
    states = ("down", "unknown", *["up"] * 10)
    cells = [
        PointCell(
            line=SubjectLine(
                id=SubjectId(f"{number}"), kind=Kind.CONNECTION_POINT, agency=None, outcomes={}, ladders={}
            ),
            state=state,
        )
        for number, state in enumerate(states, 1)
    ]
    return PointStrip(shown=cells, of=Counter(states))
