"""Lists the problems of a judgement, read once and kept: what each subject does not meet, the worst first."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import ip_address
from threading import Lock

from auditor.framework.findings import CheckId, Outline, Severity
from auditor.service.pipeline.subject_lines import SubjectLine, badness, network_in
from auditor.service.store.at_hand import may_wait
from auditor.service.store.long_lived import long_lived
from auditor.service.store.records import JudgementId
from auditor.service.store.sql import defect_rows
from auditor.service.store.sql.database import Database
from auditor.service.web.judgement_summary import JudgementSummary
from inventory.model import AgencyId, Network, SubjectId

_KEPT = 3
"""Lists remembered; one of 20,000 subjects takes some ten megabytes."""
_SELECTED = 24
"""Selections remembered; each refers to problems of the lists."""
_PER_SUBJECT = 1_000  # bytes
_address = lru_cache(maxsize=4_096)(ip_address)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One requirement that one subject does not meet in one network: the findings of a check, the worst first.

    Subject, check and network are the same in every run; addresses and codes may change.
    """

    line: SubjectLine
    network: Network
    findings: tuple[Outline, ...]

    @property
    def worst(self) -> Outline:
        return self.findings[0]

    @property
    def check(self) -> CheckId:
        return self.findings[0].check

    @property
    def severity(self) -> Severity:
        return self.findings[0].severity

    @property
    def waived(self) -> bool:
        return all(outline.waived for outline in self.findings)

    @cached_property
    def families(self) -> frozenset[int]:
        """The address families that it was found in; empty where it is about no address."""
        addresses = {outline.address for outline in self.findings if outline.address is not None}
        return frozenset(_address(address).version for address in addresses)


class Selection:
    """Holds chosen problems with how many there are of each severity, and how many findings these have."""

    def __init__(self, problems: Iterable[Problem], findings: Callable[[Problem], int]) -> None:
        self.problems = tuple(problems)
        self.severities: Counter[Severity] = Counter()
        self.findings: Counter[Severity] = Counter()
        for problem in self.problems:
            self.severities[problem.severity] += 1
            self.findings[problem.severity] += findings(problem)

    def of(self, severity: str) -> tuple[Sequence[Problem], int]:
        """Return the problems of one severity, or of all where it is empty, and the number of their findings."""
        if not severity:
            return self.problems, self.findings.total()
        shown = [problem for problem in self.problems if problem.severity.value == severity]
        return shown, sum(count for each, count in self.findings.items() if each.value == severity)


class ProblemLists:
    """Keeps the lists of the judgements that were asked for last, since a judgement never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[JudgementId, bool], tuple[Problem, ...]] = OrderedDict()
        self._turn = Lock()
        self._selections: OrderedDict[tuple[str, ...], Selection] = OrderedDict()
        self._selecting = Lock()

    def selected(self, about: tuple[str, ...], select: Callable[[], Selection]) -> Selection:
        """Return a selection that readers asked for lately, or make it. ``about`` tells what is selected, of which
        judgement, and what is visible of it."""
        with self._selecting:
            selection = self._selections.get(about) or select()
            self._selections[about] = selection
            self._selections.move_to_end(about)
            while len(self._selections) > _SELECTED:
                self._selections.popitem(last=False)
            return selection

    def of(self, digest: JudgementSummary, *, undecided: bool = False) -> tuple[Problem, ...]:
        """Return what fails, warns or stopped with an error in a judgement, or else what it could not decide."""
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

    def _read(self, digest: JudgementSummary, *, undecided: bool) -> tuple[Problem, ...]:
        read = defect_rows.undecided if undecided else defect_rows.defects
        order = {unit.code: number for number, unit in enumerate(digest.organisation.walk())}
        with long_lived(len(digest.lines) * _PER_SUBJECT), self._database.reading() as connection:
            return grouped(digest.lines, order, read(connection, digest.judgement.id))


def grouped(
    lines: Sequence[SubjectLine], order: Mapping[AgencyId, int], outlines: Iterable[tuple[SubjectId, Outline]]
) -> tuple[Problem, ...]:
    """Group findings into problems: by severity, then by outcome, agency (as ``order`` says), subject and check."""
    by_id = {line.id: line for line in lines}
    groups: dict[tuple[SubjectId, CheckId, Network], list[Outline]] = {}
    for subject, outline in outlines:
        if subject in by_id:
            groups.setdefault((subject, outline.check, network_in(subject, outline)), []).append(outline)
    problems = [
        Problem(
            line=by_id[subject], network=network, findings=tuple(sorted(found, key=badness) if found[1:] else found)
        )
        for (subject, _, network), found in groups.items()
    ]
    agencies = len(order)
    return tuple(
        sorted(
            problems,
            key=lambda problem: (
                *badness(problem.worst),
                agencies if problem.line.agency is None else order.get(problem.line.agency, agencies),
                problem.line.id,
                problem.check,
            ),
        )
    )
