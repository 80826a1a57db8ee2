"""Defines a report's view of earlier runs: changes since the last comparable one, and figures of those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from auditor.figures.comparison import Change, ChangeKind, Incomparable
from auditor.figures.figure import Figure
from auditor.framework.findings import Finding, Outcome
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId

MOST_LISTED = 10
"""Changes of one kind that are told of one agency; a comparison of the two runs has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChange:
    """Holds one change with its findings, for their messages; a finding is None where that side has none."""

    change: Change
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestChanges:
    """Holds the changes since the last comparable run.

    ``counts`` and ``why`` cover all changes, ``agencies`` holds them by agency. ``listed`` are the gravest of each
    agency and kind, without persisting failures and incomparable findings.

    ``notes``: differences between the two runs that limit the comparison, keys of ``reports.report_texts``.
    ``suspect``: areas in which so many subjects changed at once that the vantage is to be checked first.
    """

    run: RunId
    name: str
    started: datetime
    judgement: str
    notes: tuple[str, ...] = ()
    counts: Mapping[ChangeKind, int] = field(default_factory=dict)
    why: Mapping[Incomparable, int] = field(default_factory=dict)
    agencies: Mapping[AgencyId | None, Mapping[ChangeKind, int]] = field(default_factory=dict)
    listed: Mapping[AgencyId | None, Sequence[ListedChange]] = field(default_factory=dict)
    suspect: tuple[str, ...] = ()

    def told(self, agency: AgencyId | None, *kinds: ChangeKind) -> Sequence[ListedChange]:
        """Return the listed changes of an agency, restricted to ``kinds`` if some are named."""
        listed = self.listed.get(agency, ())
        return [listed_change for listed_change in listed if listed_change.change.kind in kinds] if kinds else listed


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """The figures of the whole in one run. ``same_rules``: judged by the catalogue and policy of the report's own."""

    run: RunId
    name: str
    started: datetime
    judgement: str
    figures: Mapping[str, Figure]
    same_rules: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRuns:
    """``points``: oldest first, the report's own run last; empty where no figures are kept."""

    since: LatestChanges | None = None
    points: Sequence[HistoryPoint] = ()


SILENT, BETWEEN = " ", "|"
LETTERS: Mapping[Outcome, str] = {
    Outcome.PASS: "p",
    Outcome.WARN: "w",
    Outcome.FAIL: "f",
    Outcome.NOT_APPLICABLE: "n",
    Outcome.INCONCLUSIVE: "i",
    Outcome.ERROR: "e",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timelines:
    """The outcomes of the last rounds from the same networks. ``when``: oldest first, the report's own last.

    ``strips``: of each subject a text, so that a province needs little memory: for each of ``scoring.AREAS``, BETWEEN
    them, a letter of each round for its worst outcome, SILENT where the round said nothing.
    """

    when: Sequence[datetime] = ()
    strips: Mapping[SubjectId, str] = field(default_factory=dict)
