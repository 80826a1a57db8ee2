"""Reads a judgement's counts, rungs and figures once and keeps them, because a judgement never changes.

Small beside the evidence: one line for each subject. Messages and evidence are read when a subject's page is asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from auditor.figures.causes import Cause
from auditor.figures.comparison import Comparison
from auditor.figures.rollup import Rollup
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Outcome
from auditor.framework.waivers import WaiverRow
from auditor.regulations.model import Framework
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.summaries.kept_units import units_of
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.pipeline.summaries.summarising import (
    KeptSummary,
    kept_summary,
    lines_in,
    lines_of,
    summarise,
    units_in,
)
from auditor.service.runs.comparing import figures_of
from auditor.service.runs.differing import compare_differing
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.at_hand import asked_once, may_wait
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.jobs import metric_rows
from auditor.service.web.caches.recently_used import RecentlyUsed
from inventory.model import AgencyId, Coordinates, Kind, SubjectId
from inventory.organisation import Organisation
from inventory.word_matching import unaccented

_AT_ONCE = 200
_KEPT = 4
"""Judgements remembered: the latest, the one before, and those that somebody looks back at."""
_FOUND = 1_000
T = TypeVar("T")


class VisibleLines:
    """Holds some lines of a summary, with values computed from them once for all readers."""

    def __init__(self, lines: Iterable[SubjectLine]) -> None:
        self.lines = tuple(lines)
        self.by_id: Mapping[SubjectId, SubjectLine] = {line.id: line for line in self.lines}
        self.outcomes: Counter[Outcome] = Counter()
        of_agency: dict[AgencyId | None, list[SubjectLine]] = {}
        of_kind: dict[Kind, list[SubjectLine]] = {}
        for line in self.lines:
            self.outcomes.update(line.outcomes)
            of_agency.setdefault(line.agency, []).append(line)
            of_kind.setdefault(line.kind, []).append(line)
        self.by_kind: Mapping[Kind, Sequence[SubjectLine]] = of_kind
        self.by_agency: Mapping[AgencyId | None, tuple[SubjectLine, ...]] = {
            agency: tuple(lines) for agency, lines in of_agency.items()
        }

    @cached_property
    def search_index(self) -> Sequence[tuple[str, SubjectLine]]:
        """The lines, each with its search text: name, id, domain and addresses, without accents."""
        return [(unaccented(" ".join((line.name, line.id, line.host, *line.addresses))), line) for line in self.lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementSummary:
    """Holds one judgement of one run, as lists and figures.

    ``waivers``: those that it was made under; ``rules``: the digest of its policy without these. ``sights``: the lines
    computed for accounts that are bound to an agency; ``checks``: those of this program, which explain the findings.
    """

    run: RunRecord
    judgement: JudgementRecord
    waivers: tuple[WaiverRow, ...]
    rules: str
    organisation: Organisation
    rollup: Rollup | None
    lines: Sequence[SubjectLine]
    causes: tuple[Cause, ...] = ()
    positions: Mapping[AgencyId, Coordinates] = field(default_factory=dict)
    frameworks: tuple[Framework, ...] = ()
    checks: Mapping[CheckId, Check] = field(default_factory=dict, compare=False, repr=False)
    sights: dict[AgencyId | None, VisibleLines] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ids(self) -> frozenset[SubjectId]:
        return frozenset(line.id for line in self.lines)

    def of(self, subject: SubjectId) -> SubjectLine | None:
        return next((line for line in self.lines if line.id == subject), None)


class JudgementSummaries:
    """Keeps summaries by judgement.

    A summary is computed in the thread that asks first, one at a time; a known one is returned without waiting for
    that.
    """

    def __init__(self, store: Store, catalogue: Catalogue, database: Database, stock: Inventories) -> None:
        self._store, self.catalogue, self._database, self.stock = store, catalogue, database, stock
        self._found: dict[Callable[[], int], tuple[int, dict[tuple[str, ...], Any]]] = {}
        self._known = RecentlyUsed[JudgementId, JudgementSummary](_KEPT)
        self._compared = RecentlyUsed[tuple[JudgementId, JudgementId], Comparison](_KEPT)
        self._making, self._comparing = Lock(), Lock()

    def of(self, judgement: JudgementRecord) -> JudgementSummary:
        judgement_summary = self._known.get(judgement.id)
        if judgement_summary is not None:
            return judgement_summary
        may_wait()
        with self._making:
            return self._known.get(judgement.id) or self._known.keep(judgement.id, self._made(judgement))

    def remembered(self, what: tuple[str, ...], find: Callable[[], T], *, untold: bool = False) -> T:
        """Return an answer from the cache, which is valid until anything is written.

        ``what`` names the kind of answer. ``untold``: it depends on data whose changes ``Database.stamp`` omits.
        """
        number_of = self._database.commits if untold else self._database.stamp
        stamp = asked_once(number_of)
        known = self._found.get(number_of, (-1, {}))
        if known[0] != stamp or len(known[1]) > _FOUND:
            known = self._found[number_of] = (stamp, {})
        if what not in known[1]:
            known[1][what] = find()
        answer: T = known[1][what]
        return answer

    def last_sampled(self) -> Mapping[str, datetime]:
        """Return the time at which each vantage last sampled anything."""
        return self.remembered(("sampled",), self._last_sampled, untold=True)

    def _last_sampled(self) -> Mapping[str, datetime]:
        with self._database.reading() as connection:
            return metric_rows.last_sampled(connection)

    def compared(self, before: JudgementSummary, after: JudgementSummary) -> Comparison:
        """Compare two judgements in full; reading the differences takes time."""
        key = (before.judgement.id, after.judgement.id)
        with self._comparing:
            comparison = self._compared.get(key)
            return comparison or self._compared.keep(key, self._comparison(before, after))

    def _comparison(self, before: JudgementSummary, after: JudgementSummary) -> Comparison:
        old, new = self.judged(before.judgement), self.judged(after.judgement)
        figures = figures_of(
            *(
                digest.rollup or summarise(judged, self._store).rollup
                for digest, judged in ((before, old), (after, new))
            )
        )
        return compare_differing(old, new, self._database, (before.ids, after.ids), figures)

    def has_compared(self, before: JudgementId, after: JudgementId) -> bool:
        return (before, after) in self._compared

    def judged(self, judgement: JudgementRecord) -> LoadedJudgement:
        """Read a judgement with the conditions it was made under."""
        return stored_judgement(judgement, self._store, self.catalogue, inventory_of=self.stock.of)

    def report(self, digest: JudgementSummary, only: Mapping[SubjectId, AgencyId | None] | None = None) -> StoredReport:
        """Return the report of a judgement, or of some subjects with their agencies."""
        return StoredReport(self.judged(digest.judgement), self._store, self.catalogue, only)

    def _made(self, record: JudgementRecord) -> JudgementSummary:
        judged, kept = self.judged(record), kept_summary(record.id, self._store)
        lines = None if kept is None else lines_in(kept, self._store)
        units = None if kept is None else units_in(kept, self._store)
        if units is None:
            units = units_of(judged.inventory)
        return JudgementSummary(
            run=judged.run,
            judgement=record,
            waivers=judged.policy.waivers,
            rules=judged.policy.rules().digest(),
            organisation=units.organisation,
            rollup=self._rollup(judged, kept),
            lines=lines or tuple(lines_of(judged, self._store)),
            positions=units.positions,
            causes=() if kept is None else kept.causes,
            frameworks=() if kept is None else kept.frameworks,
            checks=self.catalogue.checks,
        )

    def _rollup(self, judged: LoadedJudgement, kept: KeptSummary | None) -> Rollup | None:
        """Return the figures as they were published; for a judgement without kept figures compute them now.

        None for a run without an inventory, in which there is nothing to count.
        """
        if kept is not None:
            return kept.rollup
        return summarise(judged, self._store).rollup if judged.inventory.sources else None
