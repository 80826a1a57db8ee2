"""Tests that the made-up values of the design system include each state of each part."""

from auditor.service.web.pages.service.design import communes, strip, tiles
from reports.formats.html.tslcd_grid import CommuneState


def test_tiles_show_each_state_of_a_target_and_of_a_trend() -> None:
    shown = tiles()
    assert {None if tile.target is None else tile.target.reached for tile in shown[:3]} == {True, False, None}
    assert shown[-1].target is None
    differences = [tile.trend.difference for tile in shown if tile.trend is not None]
    assert len(differences) == len(shown)
    assert any(tile.figure.interval for tile in shown)
    assert {(points > 0) - (points < 0) for points in differences if points is not None} == {-1, 0, 1}


def test_drawings_show_each_state() -> None:
    assert {cell.state for cell in communes()} == {CommuneState.MET, CommuneState.NOT_MET, CommuneState.UNDECIDED}
    assert strip().of == {"up": 10, "down": 1, "unknown": 1}
