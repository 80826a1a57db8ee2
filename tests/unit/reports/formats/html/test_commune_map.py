"""Tests the map of communes: placed by coordinates, told apart by shape, left out without them, linked in the page."""

import re
from dataclasses import replace

import pytest

from auditor.figures.rollup import Rollup, UnitRollup
from auditor.framework.findings import Outcome
from inventory.model import AgencyId, Coordinates
from reports.document import Options
from reports.formats.html.commune_map import MARGIN, SHAPES, WIDTH, CommuneMap, commune_cells, commune_map
from reports.formats.html.tslcd_grid import CommuneState
from reports.registry import renderer
from tests.unit.reports.earlier import ROLLUP, whole_province
from tests.unit.reports.sample import MemorySink


def _unit(code: str, fails: int = 0, passes: int = 1, level: str = "commune") -> UnitRollup:
    outcomes = {Outcome.PASS: passes, Outcome.FAIL: fails}
    return UnitRollup(agency=AgencyId(code), name=f"Xã {code}", level=level, outcomes=outcomes, required_fails=fails)


UNITS = (_unit("bad", fails=2), _unit("good"), _unit("open", passes=0), _unit("so", level="department"))
PLACES = {
    AgencyId("bad"): Coordinates(latitude=13.0, longitude=108.0),
    AgencyId("good"): Coordinates(latitude=12.0, longitude=107.0),
    AgencyId("so"): Coordinates(latitude=50.0, longitude=10.0),
}


def _drawn(places: dict[AgencyId, Coordinates]) -> CommuneMap | None:
    return commune_map(commune_cells(UNITS), places)


def test_commune_map_puts_north_up_and_east_right_and_what_fails_last() -> None:
    drawn = _drawn(PLACES)
    assert drawn is not None
    good, bad = drawn.points
    assert (good.cell.state, bad.cell.state) == (CommuneState.MET, CommuneState.NOT_MET)
    assert good.x < bad.x
    assert good.y > bad.y
    assert drawn.missing == 1
    assert all(MARGIN <= point.x <= WIDTH - MARGIN for point in drawn.points)
    assert all(MARGIN <= point.y <= drawn.height - MARGIN for point in drawn.points)


def test_commune_map_of_states_has_a_shape_for_each() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES) == len({cell.state for cell in commune_cells(UNITS)})


@pytest.mark.parametrize("codes", [(), ("bad",)], ids=("none", "one"))
def test_commune_map_of_fewer_than_two_places_is_not_drawn(codes: tuple[str, ...]) -> None:
    assert _drawn({code: place for code, place in PLACES.items() if code in codes}) is None


def test_commune_map_of_one_place_for_all_is_drawn_in_the_middle() -> None:
    same = Coordinates(latitude=-12.0, longitude=-108.0)
    drawn = _drawn({AgencyId("bad"): same, AgencyId("good"): same})
    assert drawn is not None
    assert len({(point.x, point.y) for point in drawn.points}) == 1


def _page(places: dict[AgencyId, Coordinates]) -> str:
    hostile = UnitRollup(agency=AgencyId("xa-01"), name='Xã <b>"x', level="commune", required_fails=3)
    rollup: Rollup = replace(ROLLUP, units=(*UNITS, hostile))
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(replace(whole_province(), rollup=rollup, positions=places), sink)
    return b"".join(sink.files.values()).decode()


def test_page_draws_the_communes_with_links_titles_and_a_table() -> None:
    page = _page(PLACES | {AgencyId("xa-01"): Coordinates(latitude=12.5, longitude=107.5)})
    (drawing,) = re.findall(r'<svg class="map".*?</svg>', page, re.DOTALL)
    assert re.findall(r"<title>(.*?)</title>", drawing) == ["Xã good: ✔", "Xã bad: ✘ 2", "Xã &lt;b&gt;&#34;x: ✘ 3"]
    assert re.findall(r'<a href="([^"]+)"', drawing) != []
    assert "style=" not in drawing
    assert page.count("Xã open") >= 1
    assert "108.0" not in page


def test_page_without_coordinates_has_no_map() -> None:
    assert '<svg class="map"' not in _page({})
