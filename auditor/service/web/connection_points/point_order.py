"""Orders the connection points of TSLCD by a column of their table, with the worst or the first name at the top."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.framework.findings import WORST_FIRST, CheckId, Finding
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.connection_points.communes import silent_first
from auditor.service.web.connection_points.slot_series import FAMILIES, SlotKey, SlotSeries
from auditor.service.web.judged_runs.account_view import AccountView
from inventory.word_matching import fold
from probes.observations import series as names

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


REACHED: SlotKey = (names.REACH, 0, "")
LOST: Sequence[SlotKey] = [(names.LOSS, family, "") for family in FAMILIES]
DELAYED: Sequence[SlotKey] = [(names.RTT_MEDIAN, family, "") for family in FAMILIES]
"""The series of a point in the list; of loss and delay the first family with samples counts."""


def median(slots: Mapping[SlotKey, SlotSeries], keys: Iterable[SlotKey]) -> float | None:
    """Return the median of the first of these series that has any samples."""
    return next((value for key in keys if (value := slots[key].median) is not None), None)


def _lowest(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0


def _highest(value: float | None) -> tuple[bool, float]:
    return value is None, -(value or 0.0)


Rank = Callable[[Mapping[SlotKey, SlotSeries]], tuple[bool, float]]
BY_SAMPLES: Mapping[str, tuple[Sequence[SlotKey], Rank]] = {
    "answered": ([REACHED], lambda slots: _lowest(slots[REACHED].share)),
    "loss": (LOST, lambda slots: _highest(median(slots, LOST))),
    "delay": (DELAYED, lambda slots: _highest(median(slots, DELAYED))),
}
"""The columns for which samples of every point are read: these series, and the rank that they give a point."""
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
