"""Defines the report of a period: its counts, the subjects that moved them, samples and declared values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.figures.movement import FigureMove
from auditor.figures.period import PeriodProgress
from auditor.figures.sampled_period import AgencyPeriod, SampledPeriod
from inventory.model import AgencyId, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitName:
    """Holds the name and level of a unit as they are at the end of the period."""

    name: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBefore:
    """Holds the preceding period of the same length, counted from the same networks. ``whole``: its samples.

    ``same_rules``: its last count was judged by the checks and the policy of this period's. ``slight``: that count
    decided less than half of what this period's did.
    """

    progress: PeriodProgress
    whole: AgencyPeriod | None
    same_rules: bool = True
    slight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReport:
    """Holds everything that the report of a period shows. ``made``: when; ``until``: the end of the samples read.

    ``same_rules``: the counts at the beginning and the end were judged by the same checks under the same policy.
    ``before`` is None where nothing was counted in the period before, or from other networks.
    """

    progress: PeriodProgress
    moves: tuple[FigureMove, ...]
    sampled: SampledPeriod
    since: datetime
    until: datetime
    made: datetime
    issuer: str = ""
    same_rules: bool = True
    before: PeriodBefore | None = None
    units: Mapping[AgencyId, UnitName] = field(default_factory=dict)
    subjects: Mapping[SubjectId, str] = field(default_factory=dict)
