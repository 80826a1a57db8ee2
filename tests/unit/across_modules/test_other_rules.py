"""A site that did not change, judged by another version of a check: nothing says that it became worse."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.figures.comparison import ChangeKind, Incomparable
from auditor.figures.period import parse_period
from auditor.figures.scoring import Ladder
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import compare, judged_run
from auditor.service.runs.history import history
from auditor.service.runs.period_reporting import period_report
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports.period.tables import summary
from tests.unit.auditor.stored import START, Brief, Held, judge, put

KNOWN = catalogue.load()
WWW, CHECK = "www.tinh.vn", "ipv6.web.reach"
BEFORE = Held(
    name="a",
    catalogue="of-august",
    findings={WWW: [Brief(check=CHECK, outcome=Outcome.PASS)]},
    ladders={WWW: Ladder(level=2, at_least=False)},
)
AFTER = Held(
    name="b",
    days=31,
    findings={WWW: [Brief(check=CHECK, outcome=Outcome.FAIL, version=2)]},
    ladders={WWW: Ladder(level=1, at_least=False)},
)
WORDS = "may have moved for this reason alone"


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        for held in (BEFORE, AFTER):
            keep(judged_run(put(made, held).id, made, KNOWN), made)
        yield made


def told(store: Store) -> str:
    period = parse_period(f"{START:%Y}")
    return " ".join(summary(period_report(period, store, KNOWN, START.replace(year=START.year + 1)), Texts("en")))


def test_comparison_calls_it_not_comparable_and_no_regression(store: Store) -> None:
    before, after = (judged_run(RunId(name), store, KNOWN) for name in "ab")
    comparison = compare(before, after, store).comparison
    assert [(each.kind, each.why) for each in comparison.changes] == [
        (ChangeKind.NOT_COMPARABLE, Incomparable.CHECK_VERSION)
    ]
    assert comparison.regressions == ()
    since = history(after, store, KNOWN).since
    assert since is not None
    assert (since.counts, since.notes) == ({ChangeKind.NOT_COMPARABLE: 1}, ("other_catalogue",))


def test_report_of_a_period_tells_that_its_figures_may_have_moved_for_that_alone(store: Store) -> None:
    made = period_report(parse_period("2026"), store, KNOWN, START.replace(year=2027))
    (move,) = (move for move in made.moves if move.figure == "K08")
    assert move.start is not None
    assert move.end is not None
    assert (move.start.met, move.end.met) == (1, 0)
    assert WORDS in told(store)


def test_report_of_a_period_tells_nothing_of_it_once_the_earlier_run_was_judged_again(store: Store) -> None:
    again = replace(BEFORE, catalogue="", findings=AFTER.findings, ladders=AFTER.ladders)
    judge(store, store.run(RunId("a")), again, number=2)
    keep(judged_run(RunId("a"), store, KNOWN), store)
    assert WORDS not in told(store)
