"""Builds the overview of a run for one account: changes since the run before, agencies that must act, and figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.figures.comparison import ChangeKind, Comparison
from auditor.figures.rollup import UnitRollup
from auditor.framework.findings import Outcome, Severity
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.comparing import previous
from auditor.service.store.records import JudgementRecord, RunRecord, StoreError
from auditor.service.web.connection_points.communes import communes, drawn, strip
from auditor.service.web.figures.tiles import Tile, tiles
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.rendering.lists import one_page
from auditor.service.web.site import Site
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports import cause_texts
from reports.earlier_runs import HistoryPoint
from reports.figures import figures, headlines
from reports.formats.html import trends
from reports.formats.html.commune_map import SHAPES

ACTING, CAUSES, TILES = 10, 3, 4
BARS = ("fail", "warn", "inconclusive", "pass")
"""Parts of the bar of an agency, the worst first."""
_DECIDED = (Outcome.PASS, Outcome.WARN, Outcome.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyToAct:
    """Describes an agency with required checks that fail.

    ``new``: findings that fail now and did not in the run before; None without a run to compare with. ``in_force``
    False: the unit has ended, and another has to act.
    """

    agency: AgencyId
    name: str
    in_force: bool
    subjects: int
    required_fails: int
    new: int | None
    bars: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesSince:
    """Names the run before and counts the changes since; ``counts`` is None while they are being computed."""

    run: RunRecord
    counts: Mapping[ChangeKind, int] | None
    suspect: tuple[str, ...] = ()


def earlier(site: Site, digest: JudgementSummary, against: str) -> JudgementRecord | None:
    """Return the latest judgement of the named run, or of the run before; None if there is none."""
    try:
        run = site.store.run(RunId(against)).id if against else previous(digest.run.id, site.store)
    except StoreError:
        return None
    return site.store.latest_judgement(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Counts agencies and failed checks of a run: ``failing`` of ``agencies``, and failed checks by severity.

    ``results``: the failed findings of these checks, one for each address, including accepted ones, as a report counts
    them. ``accepted``: every failure is an accepted exception. ``decided``: how many of the ``subjects`` have a
    conclusive result; if none has, the page does not say that all is well.
    """

    subjects: int
    decided: int
    agencies: int
    failing: int
    fails: int
    results: int
    severities: Mapping[Severity, int]
    accepted: bool = False

    @property
    def nothing_open(self) -> str:
        """The key of the text that is shown where nothing fails."""
        if not self.subjects:
            return "nothing_here"
        if not self.decided:
            return "nothing_decided"
        return "all_accepted" if self.accepted else "nobody_must_act"

    @property
    def grave(self) -> int:
        return self.severities.get(Severity.CRITICAL, 0) + self.severities.get(Severity.HIGH, 0)


def overview(
    view: AccountView,
    before: RunRecord | None,
    comparison: Comparison | None,
    texts: Texts,
    points: Sequence[HistoryPoint] = (),
) -> dict[str, object]:
    """Collect the values that the page of a run names.

    ``before`` is the run that ``comparison`` is with, ``points`` are the figures of the whole in earlier runs.
    """
    total = view.total()
    shown = tuple(view.causes[:CAUSES])
    return {
        "state": state_of(view.subjects),
        "tiles": [] if total is None else _tiles(view, total, points),
        "trend_width": trends.WIDTH,
        "trend_height": trends.HEIGHT,
        "communes": communes(view),
        "map": drawn(view),
        "map_shapes": SHAPES,
        "points": strip(view),
        "causes": list(cause_texts.lines(shown, texts, view.names)),
        "more_causes": len(view.causes) > len(shown),
        "words": cause_texts.labels(texts),
        "run": view.digest.run,
        "figures": [] if total is None else list(figures(total)),
        "units": one_page(list(view.units()), 0),
        "acting": _acting(view, comparison),
        "since": None if before is None else _since(before, comparison),
        "kinds": list(ChangeKind),
        "stray": view.of_agency(None) is not None,
        "subjects": len(view.subjects) if total is None else total.subjects,
        "own": view.own_name,
        "whole": view.whole,
    }


def _tiles(view: AccountView, total: UnitRollup, points: Sequence[HistoryPoint]) -> list[Tile]:
    """Prepare the headline figures; their targets and earlier runs are of the whole and not of one agency."""
    figures = dict(list(headlines(total).items())[:TILES])
    frameworks = view.digest.frameworks if view.whole else ()
    return list(tiles(figures, frameworks, civil_day(view.digest.run.started), points if view.whole else ()))


def state_of(lines: Sequence[SubjectLine]) -> State:
    """Count agencies and failed checks; a subject without an agency, such as a derived domain, counts for none."""
    fails: Counter[Severity] = Counter()
    for line in lines:
        fails.update(line.open_fails)
    return State(
        subjects=len(lines),
        decided=sum(any(line.outcomes.get(outcome) for outcome in _DECIDED) for line in lines),
        agencies=len({line.agency for line in lines} - {None}),
        failing=len({line.agency for line in lines if line.open_fails} - {None}),
        fails=fails.total(),
        results=sum(line.outcomes.get(Outcome.FAIL, 0) for line in lines),
        severities={severity: fails[severity] for severity in Severity if fails[severity]},
        accepted=any(line.outcomes.get(Outcome.FAIL) for line in lines) and not fails,
    )


def bars(lines: Sequence[SubjectLine]) -> Mapping[str, int]:
    """Count subjects by the worst outcome of each, for a stacked bar."""
    found = Counter(_worst(line) for line in lines)
    return {name: found[name] for name in BARS}


def _worst(line: SubjectLine) -> str:
    if line.outcomes.get(Outcome.FAIL) or line.outcomes.get(Outcome.ERROR):
        return "fail"
    if line.outcomes.get(Outcome.WARN):
        return "warn"
    return "pass" if line.outcomes.get(Outcome.PASS) else "inconclusive"


def _since(before: RunRecord, comparison: Comparison | None) -> ChangesSince:
    if comparison is None:
        return ChangesSince(run=before, counts=None)
    return ChangesSince(run=before, counts=comparison.counts, suspect=comparison.suspect)


def _acting(view: AccountView, comparison: Comparison | None) -> Sequence[AgencyToAct]:
    """Return the agencies with failing required checks of their own, sorted by their number, the greatest first."""
    new: Counter[AgencyId | None] = Counter()
    if comparison is not None:
        agencies = {subject.id: subject.agency for subject in view.subjects}
        new.update(agencies.get(change.subject) for change in comparison.changes if change.kind is ChangeKind.NEW)
    agency_to_acts = [
        AgencyToAct(
            agency=unit_rollup.agency,
            name=unit_rollup.name,
            in_force=unit_rollup.in_force,
            subjects=unit_rollup.own,
            required_fails=fails,
            new=None if comparison is None else new[unit_rollup.agency],
            bars=bars(view.of_agency(unit_rollup.agency) or ()),
        )
        for unit_rollup, fails in view.own_fails()
        if unit_rollup.agency is not None and unit_rollup.own and fails > 0
    ]
    return sorted(agency_to_acts, key=lambda agency: (-agency.required_fails, agency.agency))[:ACTING]


def judgement_before(site: Site, digest: JudgementSummary) -> JudgementRecord | None:
    """Return the judgement that a run is compared with on its page; None for the first run."""
    what = ("before", digest.judgement.id)
    return site.digests.remembered(what, lambda: earlier(site, digest, ""))
