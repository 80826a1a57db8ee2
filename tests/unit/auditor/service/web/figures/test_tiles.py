"""Tests tiles of the overview: the target in force, and the line through earlier runs."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from auditor.figures.figure import Figure
from auditor.regulations.loading import shipped
from auditor.regulations.model import Framework, parse_rule
from auditor.service.web.figures.tiles import FigureTarget, tiles
from probes.framework.evidence import RunId
from reports.earlier_runs import HistoryPoint

DAY = date(2026, 3, 2)
HALF = Figure(of=10, met=5)


def framework(rule: str, *, until: date | None = None, of_root: bool = False) -> Framework:
    known = shipped()[0]
    requirement = replace(
        known.requirements[0],
        rule=parse_rule(rule),
        valid_from=None,
        valid_to=until,
        networks=frozenset(),
        of_root=of_root,
    )
    return replace(known, requirements=(requirement,))


@pytest.mark.parametrize(
    ("rule", "figure", "reached"),
    [
        ("kpi:K08>=50", HALF, True),
        ("kpi:K08>=51", HALF, False),
        ("kpi:K08>=60", Figure(of=10, met=5, unknown=2), None),
        ("kpi:K08>=100", Figure(of=5, met=5, exempt=1), None),
    ],
)
def test_tile_has_the_target_and_whether_it_is_reached(rule: str, figure: Figure, reached: bool | None) -> None:
    (tile,) = tiles({"K08": figure}, [framework(rule)], DAY, ())
    assert tile.target == FigureTarget(sign=">=", value=float(rule.partition(">=")[2]), reached=reached)


@pytest.mark.parametrize(
    "known",
    [
        framework("kpi:K08"),
        framework("kpi:K09>=50"),
        framework("manual"),
        framework("kpi:K08>=50", until=date(2026, 3, 1)),
        framework("kpi:K08>=50", of_root=True),
        replace(framework("kpi:K08>=50"), valid_to=date(2026, 3, 1)),
    ],
    ids=("no target", "another figure", "manual", "not in force", "of a part", "of what ended"),
)
def test_tile_without_a_target_of_the_whole_in_force_has_none(known: Framework) -> None:
    (tile,) = tiles({"K08": HALF}, [known], DAY, ())
    assert tile.target is None


def test_trend_runs_through_earlier_runs_and_needs_two() -> None:
    points = [
        HistoryPoint(
            run=RunId(f"r{n}"),
            name="",
            started=datetime(2026, n, 1, tzinfo=UTC),
            judgement=str(n),
            figures={"K08": Figure(of=10, met=met)},
        )
        for n, met in ((1, 3), (2, 5))
    ]
    (tile,) = tiles({"K08": HALF}, [], DAY, points)
    assert tile.trend is not None
    assert (len(tile.trend.dots), tile.trend.difference) == (2, 20.0)
    assert next(iter(tiles({"K08": HALF}, [], DAY, points[1:]))).trend is None
