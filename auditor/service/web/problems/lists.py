"""Lists the problems of a judgement, read once and kept: requirements that subjects do not meet, the worst first."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from ipaddress import ip_address
from threading import Lock

from auditor.framework.findings import CheckId, Outline, Severity, network_told
from auditor.service.pipeline.summaries.subject_lines import SubjectLine, badness
from auditor.service.store.at_hand import may_wait
from auditor.service.store.long_lived import long_lived
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.judgements import defect_rows
from auditor.service.store.sql.judgements.defect_rows import FindingKind, ListedFinding
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from inventory.model import AgencyId, Network, SubjectId

_KEPT = 8
"""Lists remembered, of problems or of undecided results: of the two judgements that are read ahead, and of two more."""
_SELECTED = 24
"""Selections remembered; each refers to problems of the lists."""
_PER_SUBJECT = 1_000  # bytes
_address = lru_cache(maxsize=4_096)(ip_address)


class UnmetRequirement:
    """Describes one requirement that one subject does not meet in one network, by the findings of a check, worst first.

    Subject, check and network are the same in every run; addresses and codes may change. A list has many more of them
    than anybody looks at, so slow values are computed only on access.
    """

    def __init__(self, line: SubjectLine, rows: Sequence[ListedFinding]) -> None:
        self.line, self.rows = line, rows

    @cached_property
    def findings(self) -> tuple[Outline, ...]:
        return tuple(row.outline() for row in self.rows)

    @cached_property
    def network(self) -> Network:
        return network_of(self.rows[0])

    @property
    def worst(self) -> Outline:
        return self.findings[0]

    @property
    def check(self) -> CheckId:
        return self.rows[0].kind.check

    @property
    def severity(self) -> Severity:
        return self.rows[0].kind.severity

    @property
    def waived(self) -> bool:
        return all(row.kind.waived for row in self.rows)

    @cached_property
    def families(self) -> frozenset[int]:
        """The address families that it was found in; empty if it concerns no address."""
        addresses = {row.address for row in self.rows if row.address is not None}
        return frozenset(_address(address).version for address in addresses)


class Selection:
    """Holds selected problems with the number of them in each severity, and the number of their findings."""

    def __init__(self, problems: Iterable[UnmetRequirement], findings: Callable[[UnmetRequirement], int]) -> None:
        self.problems = tuple(problems)
        self.severities: Counter[Severity] = Counter()
        self.findings: Counter[Severity] = Counter()
        for problem in self.problems:
            self.severities[problem.severity] += 1
            self.findings[problem.severity] += findings(problem)

    def of(self, severity: str) -> tuple[Sequence[UnmetRequirement], int]:
        """Return the problems of one severity, or all of them if it is empty, and the number of their findings."""
        if not severity:
            return self.problems, self.findings.total()
        shown = [problem for problem in self.problems if problem.severity.value == severity]
        return shown, sum(count for each, count in self.findings.items() if each.value == severity)


class ProblemLists:
    """Keeps the lists of the most recently used judgements, since a judgement never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[JudgementId, bool], tuple[UnmetRequirement, ...]] = OrderedDict()
        self._turn = Lock()
        self._selections: OrderedDict[tuple[str, ...], Selection] = OrderedDict()
        self._selecting = Lock()

    def selected(self, about: tuple[str, ...], select: Callable[[], Selection]) -> Selection:
        """Return a recently used selection, or make it.

        ``about`` identifies the selection, its judgement and the part that is visible.
        """
        selection = self._selections.get(about)
        if selection is None:
            may_wait()
            with self._selecting:
                selection = self._selections.get(about) or select()
                self._selections[about] = selection
                while len(self._selections) > _SELECTED:
                    self._selections.popitem(last=False)
        return selection

    def of(self, digest: JudgementSummary, *, undecided: bool = False) -> tuple[UnmetRequirement, ...]:
        """Return the problems of a judgement (failed, warned, stopped with an error), or else its undecided results."""
        key = (digest.judgement.id, undecided)
        problems = self._known.get(key)
        if problems is None:
            may_wait()
            with self._turn:
                problems = self._known.get(key) or self._read(digest, undecided=undecided)
                self._known[key] = problems
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return problems

    def _read(self, digest: JudgementSummary, *, undecided: bool) -> tuple[UnmetRequirement, ...]:
        read = defect_rows.undecided if undecided else defect_rows.defects
        order = {unit.code: number for number, unit in enumerate(digest.organisation.walk())}
        with long_lived(len(digest.lines) * _PER_SUBJECT), self._database.reading() as connection:
            return grouped(digest.lines, order, read(connection, digest.judgement.id))


def network_of(row: ListedFinding) -> Network:
    """Return the network that a finding is about."""
    return network_told(row.id, (row.subject, row.kind.check, row.address, row.detail))


def grouped(
    lines: Sequence[SubjectLine], order: Mapping[AgencyId, int], rows: Iterable[ListedFinding]
) -> tuple[UnmetRequirement, ...]:
    """Group findings into problems: by severity, then by outcome, agency (as ``order`` says), subject and check."""
    by_id = {line.id: line for line in lines}
    of_checks: dict[tuple[SubjectId, CheckId], list[ListedFinding]] = {}
    for row in rows:
        of_checks.setdefault((row.subject, row.kind.check), []).append(row)
    badness_of = _Badness()
    last = len(order)
    listed: list[tuple[tuple[int, int], int, SubjectId, CheckId, int, UnmetRequirement]] = []
    for (subject, check), of_check in of_checks.items():
        line = by_id.get(subject)
        if line is not None:
            agency = last if line.agency is None else order.get(line.agency, last)
            for found in _by_network(of_check):
                ordered = sorted(found, key=lambda row: badness_of[row.kind]) if found[1:] else found
                place = (badness_of[ordered[0].kind], agency, subject, check, len(listed))
                listed.append((*place, UnmetRequirement(line, ordered)))
    listed.sort()
    return tuple(problem for *_, problem in listed)


def _by_network(of_check: list[ListedFinding]) -> Iterable[list[ListedFinding]]:
    """Split findings of one check about one subject by network, which takes time; leave a single one as it is."""
    if not of_check[1:]:
        return [of_check]
    networks: dict[Network, list[ListedFinding]] = {}
    for row in of_check:
        networks.setdefault(network_of(row), []).append(row)
    return networks.values()


class _Badness(dict[FindingKind, tuple[int, int]]):
    """Computes once the sort key of the findings of a kind."""

    def __missing__(self, kind: FindingKind) -> tuple[int, int]:
        worked_out = self[kind] = badness(kind)
        return worked_out
