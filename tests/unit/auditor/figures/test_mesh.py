"""Tests the grid of vantages: each direction by itself, and the suggestion if a site, a pair or the core is down."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from auditor.figures.mesh import CellState, Grid, GridHint, HintCode, MeshLimits, grid
from auditor.framework.sample_periods import period
from auditor.texts.messages_en import WORDS
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, EvidenceSet, RunId
from probes.observations.mesh import PROBE, MeshPath

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
RUN = RunId("r")
UP, DOWN, NOTHING = [1.0] * 12, [0.0] * 12, list[float]()
Ways = dict[tuple[str, str, int], list[float]]


def way(source: str, target: str, family: int, seen: list[float], **more: object) -> MeshPath:
    hour = period(NOON, seen, gaps=12 - len(seen))
    made = {"loss": 0.0 if any(seen) else None, "rtt": 0.012 if any(seen) else None} | more
    return MeshPath(
        source=source,
        target=target,
        family=family,
        hour=hour,
        day=hour,
        t0=0.0,
        t=0.0,
        **made,  # type: ignore[arg-type]
    )


def envelope(*steps: MeshPath) -> Evidence:
    task = "/".join(f"{one.source}-{one.target}-{one.family}-{one.round}" for one in steps)
    return Evidence(
        id=evidence_id(RUN, SubjectId(PROBE), PROBE, task, 1),
        run=RUN,
        subject=SubjectId(PROBE),
        endpoint=None,
        task=task,
        probe=PROBE,
        probe_version=1,
        attempt=1,
        vantage="a",
        started=NOON,
        queued=0.0,
        steps=steps,
    )


def mesh(names: str, changed: Ways | None = None, *, limits: MeshLimits | None = None) -> Grid:
    """Return a grid in which every direction of every pair is up over IPv4 and IPv6, except those in ``changed``."""
    ways: Ways = {(a, b, family): UP for a, b in permutations(names, 2) for family in (4, 6)}
    ways |= changed or {}
    return grid(EvidenceSet(envelope(way(*key, seen)) for key, seen in ways.items()), limits)


def into(name: str, names: str, *families: int) -> Ways:
    return {(one, name, family): DOWN for one in names if one != name for family in families}


def out_of(name: str, names: str, *families: int) -> Ways:
    return {(name, one, family): DOWN for one in names if one != name for family in families}


def state(found: Grid, source: str, target: str, family: int) -> CellState:
    (table,) = (one for one in found.families if one.family == family)
    return table.rows[found.names.index(source)].cells[found.names.index(target)].state


def hints(found: Grid) -> list[tuple[HintCode, int, str, str]]:
    return [(one.code, one.family, one.name, one.other) for one in found.hints]


def test_a_mesh_without_defects_suggests_nothing() -> None:
    found = mesh("abc")
    assert (found.names, [one.family for one in found.families], found.hints) == (("a", "b", "c"), [6, 4], ())
    assert state(found, "a", "a", 6) is CellState.ITSELF
    cell = found.families[0].rows[0].cells[1]
    assert (cell.state, cell.answered, cell.loss, cell.rtt, cell.samples) == (CellState.GOOD, 1.0, 0.0, 0.012, 12)
    assert cell.evidence


def test_without_a_mesh_there_is_no_grid() -> None:
    assert grid(EvidenceSet(())) == Grid()


@pytest.mark.parametrize(
    ("seen", "more", "wanted"),
    [
        ([1.0] * 9 + [0.0], {}, CellState.GOOD),
        ([1.0] * 8 + [0.0] * 2, {}, CellState.LOSSY),
        ([1.0] * 5 + [0.0] * 5, {}, CellState.LOSSY),
        ([1.0] * 4 + [0.0] * 6, {}, CellState.DOWN),
        (UP, {"loss": 0.02}, CellState.GOOD),
        (UP, {"loss": 0.021}, CellState.LOSSY),
        (NOTHING, {}, CellState.UNKNOWN),
        (NOTHING, {"addressed": False}, CellState.NO_ADDRESS),
    ],
)
def test_a_cell_is_what_the_hour_shows(seen: list[float], more: dict[str, object], wanted: CellState) -> None:
    assert state(grid(EvidenceSet([envelope(way("a", "b", 6, seen, **more))])), "a", "b", 6) is wanted


def test_hints_unreachable_site_is_one_uplink_hint() -> None:
    found = mesh("abcd", into("d", "abcd", 4, 6) | out_of("d", "abcd", 4, 6))
    assert hints(found) == [(HintCode.UPLINK, 0, "d", "")]
    assert found.hints[0].count == 3


def test_a_site_whose_own_samples_are_missing_is_an_uplink_all_the_same() -> None:
    silent = {("d", one, family): NOTHING for one in "abc" for family in (4, 6)}
    assert hints(mesh("abcd", into("d", "abcd", 4, 6) | silent)) == [
        (HintCode.NO_WORD, 0, "d", ""),
        (HintCode.UPLINK, 0, "d", ""),
    ]


def test_one_family_of_a_site_is_its_addressing() -> None:
    assert hints(mesh("abc", into("c", "abc", 6) | out_of("c", "abc", 6))) == [(HintCode.FAMILY, 6, "c", "")]


def test_hints_single_observer_suggests_no_uplink() -> None:
    found = mesh("ab", into("b", "ab", 4, 6))
    assert {one.code for one in found.hints} == {HintCode.ONE_WAY}


def test_hints_no_reachable_pair_suggests_the_core() -> None:
    every = {(a, b, 6): DOWN for a, b in permutations("abc", 2)}
    assert hints(mesh("abc", every)) == [(HintCode.CORE, 6, "", "")]


def test_hints_reachable_point_that_reaches_none_is_outgoing() -> None:
    assert hints(mesh("abc", out_of("a", "abc", 6))) == [(HintCode.OUTGOING, 6, "a", "")]


def test_hints_tell_pair_one_way_and_half_seen_apart() -> None:
    assert hints(mesh("abc", {("a", "b", 6): DOWN})) == [(HintCode.ONE_WAY, 6, "a", "b")]
    assert hints(mesh("abc", {("a", "b", 6): DOWN, ("b", "a", 6): DOWN})) == [(HintCode.PAIR, 6, "a", "b")]
    assert hints(mesh("abc", {("b", "a", 6): DOWN, ("a", "b", 6): NOTHING})) == [(HintCode.HALF_SEEN, 6, "b", "a")]


def test_loss_on_every_way_is_the_line() -> None:
    some = [1.0] * 10 + [0.0] * 2
    assert hints(mesh("abc", {("a", "c", 4): some, ("b", "c", 4): some})) == [(HintCode.LOSS, 4, "c", "")]
    assert hints(mesh("abc", {("a", "c", 4): some})) == []


def test_a_round_of_the_run_stands_in_where_there_are_no_samples() -> None:
    once = way("a", "b", 6, [0.0], round=True)
    sampled, nothing = way("a", "b", 6, UP), way("a", "b", 6, NOTHING)
    for others, wanted in (((), CellState.DOWN), ((nothing,), CellState.DOWN), ((sampled,), CellState.GOOD)):
        found = grid(EvidenceSet([envelope(once), *map(envelope, others)]))
        assert state(found, "a", "b", 6) is wanted


def test_grid_round_of_an_impaired_point_is_unknown() -> None:
    steps = [envelope(way("a", one, 6, [0.0], round=True)) for one in "bcd"]
    assert {one.code for one in grid(EvidenceSet(steps)).hints} >= {HintCode.CORE}
    blind = grid(EvidenceSet(steps), sick={6})
    assert blind.names == ("a", "b", "c", "d")
    assert {one.code for one in blind.hints} == {HintCode.NO_WORD}
    assert state(blind, "a", "b", 6) is CellState.UNKNOWN


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_and_hint_has_its_words(lang: str) -> None:
    texts = Texts(lang)
    assert {key.partition("/")[2] for key in WORDS if key.startswith("mesh_state/")} == {one.value for one in CellState}
    assert {key.partition("/")[2] for key in WORDS if key.startswith("mesh_hint/")} == {one.value for one in HintCode}
    for code in HintCode:
        hint = GridHint(code=code, family=6, name="so-gd", other="so-yt", count=4)
        key = f"mesh_hint/{code.value}"
        said = texts.say(key, WORDS[key], name=hint.name, other=hint.other, family=hint.family, count=hint.count)
        assert "{" not in said
        assert "so-gd" in said or code is HintCode.CORE
