"""Orders the connection points of TSLCD by a column of their table, with the worst or the first name at the top."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auditor.framework.findings import WORST_FIRST, CheckId, Finding
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.connection_points.communes import silent_first
from auditor.service.web.connection_points.slot_series import SlotSeries
from auditor.service.web.judged_runs.account_view import AccountView
from inventory.word_matching import fold

CHECKS = (
    "tslcd.site.reach",
    "tslcd.site.availability",
    "tslcd.site.loss",
    "tslcd.site.rtt-jitter",
    "tslcd.channel.utilisation",
)
"""The checks with a verdict in the row of a point."""
BY_NAME = "point"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointLine:
    """Describes a connection point in a list: its samples, and its findings in the latest run."""

    line: SubjectLine
    reach: SlotSeries
    loss: float | None
    rtt: float | None
    verdicts: Mapping[str, Finding]


def _lowest(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0


def _highest(value: float | None) -> tuple[bool, float]:
    return value is None, -(value or 0.0)


BY_SAMPLES: Mapping[str, Callable[[PointLine], tuple[bool, float]]] = {
    "answered": lambda point: _lowest(point.reach.share),
    "loss": lambda point: _highest(point.loss),
    "delay": lambda point: _highest(point.rtt),
}
"""The columns for which the samples of every point are read."""
COLUMNS = frozenset({BY_NAME, *BY_SAMPLES, *CHECKS})


def in_order(view: AccountView, lines: Sequence[SubjectLine], column: str) -> Sequence[SubjectLine]:
    """Return points by name or by the verdict of the run; for any other column, those that do not answer first."""
    if column == BY_NAME:
        return sorted(lines, key=lambda line: fold(line.name or line.id))
    silent = silent_first(view, lines)
    if column not in CHECKS:
        return silent
    outcomes = view.outcomes_of(CheckId(column), lines)
    ranks = {subject: WORST_FIRST.index(outcome) for subject, outcome in outcomes.items()}
    return sorted(silent, key=lambda line: ranks.get(line.id, len(WORST_FIRST)))
