"""Groups an agency's failing findings and warnings by check, the gravest first, with the affected endpoints.

An administrator works in this form: one problem, why it matters, how to solve it, where.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.framework.findings import DEFECTS, CheckId, Finding, Outcome, Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import Kind, Subject, SubjectId, written
from reports.document import SubjectReport, not_tested
from reports.joined import join
from reports.report_texts import say

MOST_PLACES = 1_000
"""Places named for one problem: a letter may be all that an agency gets. A table has them all."""

MOST_TAGS = 100
"""Tags kept of one problem, to filter by."""


@dataclass(slots=True, kw_only=True)
class AgencyProblem:
    """Holds one check that an agency fails or is warned of.

    ``findings`` are those of its first places, each reported in its own words. ``total`` counts the findings of all
    places, ``left_out`` the places whose findings are not kept. ``codes``: how many findings have each code.
    ``numbers`` are the places of their subjects in the report, from 1. ``systems``: how many subjects all findings are
    of, which come subject by subject. ``kinds``, ``families`` and ``tags``: those of all findings; family 0 is a
    finding of no single address.
    """

    check: CheckId
    severity: Severity
    outcome: Outcome = Outcome.FAIL
    findings: list[Finding] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    total: int = 0
    left_out: int = 0
    systems: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    kinds: set[Kind] = field(default_factory=set)
    families: set[int] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    _last: int = 0
    _places: int = 0
    _parts: dict[str | None, bool] = field(default_factory=dict)
    """The parts of the last subject that findings were of, with whether these are kept."""

    def add(self, finding: Finding, subject: Subject, number: int, most: int) -> None:
        self.total += 1
        if number != self._last:
            self.systems += 1
            self._last = number
            self._parts.clear()
        self.kinds.add(subject.kind)
        self.families.add(0 if finding.address is None else finding.address.version)
        if len(self.tags) < MOST_TAGS:
            self.tags.update(subject.tags)
        self.codes[finding.code] += 1
        if finding.severity is not self.severity and finding.severity.rank < self.severity.rank:
            self.severity = finding.severity
        if self._keeps(finding.detail, most):
            self.findings.append(finding)
            self.numbers.append(number)

    def _keeps(self, part: str | None, most: int) -> bool:
        """True if findings of this part of the last subject are kept; a place is kept or left out as a whole."""
        if part not in self._parts:
            self._parts[part] = self._places < most
            self._places += 1
            self.left_out += self._places > most
        return self._parts[part]


@dataclass(slots=True)
class AgencyProblems:
    """Sums up the problems of an agency's subjects. A waived finding is counted and is no problem.

    ``most``: places kept of one problem. ``systems``: subjects without the agency itself, of which what a commune
    declares is judged. ``undecided``: what was measured and decided nothing.
    """

    most: int = MOST_PLACES
    failing: dict[CheckId, AgencyProblem] = field(default_factory=dict)
    warned: dict[CheckId, AgencyProblem] = field(default_factory=dict)
    subjects: int = 0
    systems: int = 0
    failing_subjects: int = 0
    waived: int = 0
    undecided: int = 0
    untested: int = 0
    warnings: int = 0

    def add(self, subject: SubjectReport) -> None:
        self.subjects += 1
        is_system = subject.subject.kind is not Kind.UNIT
        self.systems += is_system
        failed = False
        for finding in subject.findings:
            if finding.outcome in DEFECTS:
                failed |= self.take(finding, subject.subject, self.subjects)
            self.warnings += finding.outcome is Outcome.WARN
            untested = not_tested(finding)
            self.untested += untested
            self.undecided += finding.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR) and not untested
        self.failing_subjects += failed and is_system

    def take(self, finding: Finding, subject: Subject, number: int) -> bool:
        """Take a defect of the subject with this number; tells whether it is a failure without an exception."""
        fails = finding.outcome is Outcome.FAIL
        if finding.waived is not None:
            self.waived += fails
            return False
        problems = self.failing if fails else self.warned
        known = problems.get(finding.check)
        if known is None:
            known = problems[finding.check] = AgencyProblem(
                check=finding.check, severity=finding.severity, outcome=finding.outcome
            )
        known.add(finding, subject, number, self.most)
        return fails

    def ranked(self) -> list[AgencyProblem]:
        """Return the failing checks, the gravest first."""
        return sorted(self.failing.values(), key=_rank)

    def ranked_warnings(self) -> list[AgencyProblem]:
        """Return the checks that warn, the gravest first."""
        return sorted(self.warned.values(), key=_rank)


def _rank(problem: AgencyProblem) -> tuple[int, int, CheckId]:
    return problem.severity.rank, -problem.total, problem.check


def gather(subjects: Iterable[SubjectReport]) -> AgencyProblems:
    agency_problems = AgencyProblems()
    for subject in subjects:
        agency_problems.add(subject)
    return agency_problems


def sentence(problems: AgencyProblems, texts: Texts) -> str:
    """Return the sentence with the number of an agency's systems that need action, and the other counts."""
    return say(
        texts,
        "agency_sentence",
        subjects=problems.systems,
        failing=problems.failing_subjects,
        warnings=problems.warnings,
        undecided=problems.undecided,
        untested=problems.untested,
        waived=problems.waived,
    )


def common(codes: Mapping[str, int]) -> list[str]:
    """Return the codes, the most frequent first."""
    return sorted(codes, key=lambda code: (-codes[code], code))


def by_place(problem: AgencyProblem) -> list[tuple[int, list[Finding]]]:
    """Return the findings of each part of a subject, its addresses together, with the number of the subject."""
    places: dict[tuple[int, str | None], list[Finding]] = {}
    for number, finding in zip(problem.numbers, problem.findings, strict=True):
        places.setdefault((number, finding.detail), []).append(finding)
    return [(number, findings) for (number, _), findings in places.items()]


def place(findings: Sequence[Finding], texts: Texts) -> str:
    """``www.example.vn, 2001:db8::1 / 192.0.2.1, detail``: where findings of one subject were made."""
    first = findings[0]
    addresses = dict.fromkeys(written(finding.address) for finding in findings if finding.address is not None)
    parts = [first.subject, " / ".join(addresses), texts.detail(first.check, first.detail)]
    return ", ".join(clean(part, 120) for part in parts if part)


def rows(problems: AgencyProblems, texts: Texts) -> Iterator[dict[str, object]]:
    """Yield the problems in words, for templates."""
    for agency_problem in problems.ranked():
        yield {
            "check": agency_problem.check,
            "title": texts.problems(agency_problem.check, common(agency_problem.codes)),
            "requirement": texts.title(agency_problem.check),
            "severity": texts.severity(agency_problem.severity),
            "why": texts.why(agency_problem.check),
            **_told(agency_problem, texts),
            "systems": texts.number(agency_problem.systems),
            "more": agency_problem.left_out,
        }


def _told(problem: AgencyProblem, texts: Texts) -> dict[str, object]:
    """Return the messages, once if the same everywhere and else for each place; every remedy once."""
    by_subject: dict[SubjectId, list[Finding]] = {}
    for each in problem.findings:
        by_subject.setdefault(each.subject, []).append(each)
    joined = [each for findings in by_subject.values() for each in join(findings)]
    told = [(place(each.members, texts), texts.message(each.finding)) for each in joined]
    alike = len({message for _, message in told}) == 1
    remedies = dict.fromkeys(texts.remedy(each) or "" for each in problem.findings)
    return {
        "found": told[0][1] if alike else say(texts, "found_each"),
        "remedy": " ".join(filter(None, remedies)),
        "places": [at if alike else f"{at}: {message}" for at, message in told],
    }
