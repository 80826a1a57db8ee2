"""Tests that a changed path is reported once with both traces, and that silence and load balancing are no change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest

from auditor.figures.path_changes import PathChange, known_at, path_changes
from probes.framework.evidence import Evidence, EvidenceId, FailureKind
from tests.golden.cases_tslcd import traced
from tests.golden.lab import NOW

SITE = "10.64.3.1"
A, B, C, X = (f"10.64.0.{number}" for number in (1, 2, 3, 8))


def rounds(*paths: Sequence[str | None], reached: bool = True) -> list[PathChange]:
    """Return the path changes of the last of several rounds, each of which knew the paths of the one before it."""
    known: list[Evidence] = []
    for number, path in enumerate(paths):
        envelope = traced(SITE, *path, reached=reached)
        carried = tuple(known_at(known))
        known = [
            replace(
                envelope,
                id=EvidenceId(f"{number}"),
                started=NOW + number * timedelta(days=1),
                steps=(*envelope.steps, *carried),
            )
        ]
    return list(path_changes(known, source="hub", target="xa-3"))


def test_change_is_told_with_both_traces_and_the_hop_where_they_part() -> None:
    (change,) = rounds([A, B, C], [A, X, C])
    assert (change.source, change.target, str(change.address), change.hop) == ("hub", "xa-3", SITE, 2)
    assert [(n, *map(str, (*old.sources, *new.sources))) for n, old, new in change.hops] == [
        (1, A, A),
        (2, B, X),
        (3, C, C),
        (4, SITE, SITE),
    ]
    assert (change.before.measured, change.after.measured) == (NOW, NOW + timedelta(days=1))
    assert change.evidence == "1"


@pytest.mark.parametrize(
    "paths",
    [
        ([A, B, C],),
        ([A, B, C], [A, B, C]),
        ([A, B, C], [A, None, C]),
        ([A, None, C], [A, B, C]),
        ([A, B, C], [A, X, C], [A, B, C]),
        ([A, B, C], [A, X, C], [A, B, C], [A, X, C]),
        ([A, B, C], [None, None, None]),
    ],
    ids=["first", "same", "silent-now", "silent-then", "back", "alternates", "nothing"],
)
def test_silence_and_hops_seen_before_are_no_change(paths: tuple[Sequence[str | None], ...]) -> None:
    assert rounds(*paths) == []


def test_longer_path_is_a_change_and_one_that_did_not_arrive_is_none() -> None:
    (longer,) = rounds([A, None], [A, None, None])
    assert (longer.hop, longer.before.reached, longer.after.reached) == (3, True, True)
    assert rounds([A, B], [A, None, None], reached=False) == []


def test_router_that_another_flow_still_meets_is_load_balancing() -> None:
    first, again, other = traced(SITE, A, B, C), traced(SITE, A, B, C), traced(SITE, A, X, C)
    now = [replace(again, steps=(*again.steps, *other.steps, *known_at([first])))]
    assert list(path_changes(now, source="hub", target="xa-3")) == []


def test_trace_that_failed_on_our_side_changes_nothing() -> None:
    broken = traced(SITE, A, X, C, failure=FailureKind.NO_PERMISSION)
    known = tuple(known_at([traced(SITE, A, B, C)]))
    assert list(path_changes([replace(broken, steps=(*broken.steps, *known))], source="h", target="t")) == []


def test_what_is_kept_of_a_hop_is_bounded_and_the_newest_stays() -> None:
    known: list[Evidence] = []
    for number in range(40):
        envelope = traced(SITE, f"10.65.0.{number}")
        known = [replace(envelope, steps=(*envelope.steps, *known_at(known)))]
    (path,) = known_at(known)
    (first, last) = path.seen
    assert (first.hop, len(first.sources), first.sources[0]) == (1, 16, ip_address("10.65.0.39"))
    assert (last.hop, path.ends) == (2, (2,))
