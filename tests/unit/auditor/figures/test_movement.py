"""Tests the causes of a figure's movement: subjects that changed, joined, left or went to another agency."""

from datetime import date

from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS, Standing
from auditor.figures.movement import KeptStanding, StandingRecorder, moves
from auditor.figures.rollup import Summing
from inventory.model import AgencyId, Kind, SubjectId
from tests.unit.auditor.figured import ORGANISATION, facts

MET, NOT_MET, UNKNOWN = Standing.MET, Standing.NOT_MET, Standing.UNKNOWN
FIGURES = {"K08": Figure(of=2, met=1)}, {"K08": Figure(of=3, met=2)}


def kept(agency: str, standing: Standing) -> KeptStanding:
    return KeptStanding(agency=AgencyId(agency), standing=standing)


def test_moves_names_subjects_that_changed_joined_and_left_by_agency() -> None:
    before = {"a": kept("S1", NOT_MET), "b": kept("S1", MET), "c": kept("S2", UNKNOWN)}
    after = {"a": kept("S1", MET), "b": kept("S1", MET), "d": kept("S2", NOT_MET)}
    standings = tuple({"K08": {SubjectId(name): one for name, one in side.items()}} for side in (before, after))
    (move,) = moves(["K08", "K09"], FIGURES, (standings[0], standings[1]))
    changed = [(each.subject, each.before, each.after) for agency in move.agencies for each in agency.subjects]
    assert changed == [("a", NOT_MET, MET), ("c", UNKNOWN, None), ("d", None, NOT_MET)]
    assert [(one.agency, one.met_before, one.of_before, one.met_after, one.of_after) for one in move.agencies] == [
        ("S1", 1, 2, 2, 2),
        ("S2", 0, 1, 0, 1),
    ]


def test_moves_of_a_subject_that_changed_agencies_leaves_one_and_joins_the_other() -> None:
    before, after = {SubjectId("a"): kept("S1", MET)}, {SubjectId("a"): kept("S2", MET)}
    (move,) = moves(["K08"], FIGURES, ({"K08": before}, {"K08": after}))
    assert [(one.agency, one.met_before, one.met_after) for one in move.agencies] == [("S1", 1, 0), ("S2", 0, 1)]


def test_moves_leaves_out_figures_that_never_applied() -> None:
    assert list(moves(["K08"], ({}, {"K08": Figure()}), ({}, {}))) == []


def test_recorder_keeps_what_a_rollup_counts() -> None:
    recorder = StandingRecorder()
    summing = Summing(ORGANISATION, date(2026, 9, 1), KPIS.values(), recorder=recorder)
    summing.add(facts("www.tinh.vn", Kind.PORTAL, "S1", ladder=(2, False)))
    summing.add(facts("cong.tinh.vn", Kind.PORTAL, "S2", ladder=(0, False)))
    figure = summing.rollup().total.figures["K08"]
    standings = [one.standing for one in recorder.by_figure["K08"].values()]
    assert (len(standings), standings.count(MET)) == (figure.of, figure.met) == (2, 1)
