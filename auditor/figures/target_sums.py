"""Counts the targets that each kind of report covers, so that different numbers are no contradiction.

The report of a period counts every target in force. A table of provinces leaves out those without a figure, and a
public edition also those that rest on fewer than ``SMALL`` subjects.
"""

from dataclasses import dataclass

from auditor.figures.compliance import Compliance, RequirementResult
from auditor.figures.period import PeriodProgress, is_target
from auditor.figures.publishable import SMALL

MISSING = (Compliance.MANUAL, Compliance.NOTHING)
"""The status of requirements that have no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSums:
    """Counts the targets in force at the end of a period. ``few`` of those with a figure rest on too few subjects."""

    of: int
    missing: int
    few: int

    @property
    def in_tables(self) -> int:
        """The number of targets that a table of provinces counts."""
        return self.of - self.missing

    @property
    def published(self) -> int:
        """The number of targets that a public edition counts."""
        return self.in_tables - self.few


def target_sums(progress: PeriodProgress) -> TargetSums:
    """Count the targets of a period as they stand at its end."""
    ends = [target.end for target in progress.targets if is_target(target.end)]
    missing = sum(end.compliance in MISSING for end in ends)
    return TargetSums(of=len(ends), missing=missing, few=sum(rests_on_few(end) for end in ends))


def rests_on_few(result: RequirementResult) -> bool:
    """True if a requirement rests on too few subjects for its status to be published."""
    return result.figure is not None and 0 < result.figure.of < SMALL
