"""Groups an agency's failing findings by check, the gravest first, with the affected endpoints.

An administrator works in this form: one problem, why it matters, how to solve it, where.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.framework.findings import CheckId, Finding, Outcome, Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import SubjectReport
from reports.report_texts import say

MOST_PLACES = 100
"""Places named for one problem; a table has them all."""


@dataclass(slots=True, kw_only=True)
class AgencyProblem:
    """One failing check of an agency. ``findings`` are the first of ``total``: of each its own words are told.
    ``codes``: how many findings have each code. ``numbers`` are the places of their subjects in the report, from 1."""

    check: CheckId
    severity: Severity
    findings: list[Finding] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    total: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, finding: Finding, number: int, most: int) -> None:
        self.total += 1
        self.codes[finding.code] += 1
        if finding.severity is not self.severity and finding.severity.rank < self.severity.rank:
            self.severity = finding.severity
        if len(self.findings) < most:
            self.findings.append(finding)
            self.numbers.append(number)


@dataclass(slots=True)
class AgencyProblems:
    """Sums up the problems of an agency's subjects. A waived finding is counted and is no problem.

    ``most``: places kept of one problem.
    """

    most: int = MOST_PLACES
    failing: dict[CheckId, AgencyProblem] = field(default_factory=dict)
    subjects: int = 0
    failing_subjects: int = 0
    waived: int = 0
    undecided: int = 0
    warnings: int = 0

    def add(self, subject: SubjectReport) -> None:
        self.subjects += 1
        failed = False
        for finding in subject.findings:
            if finding.outcome is Outcome.FAIL:
                failed |= self.fails(finding, self.subjects)
            self.warnings += finding.outcome is Outcome.WARN
            self.undecided += finding.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
        self.failing_subjects += failed

    def fails(self, finding: Finding, number: int) -> bool:
        """Take a failing finding of the subject with this number; tells whether it is a problem, not an exception."""
        if finding.waived is not None:
            self.waived += 1
            return False
        known = self.failing.get(finding.check)
        if known is None:
            known = self.failing[finding.check] = AgencyProblem(check=finding.check, severity=finding.severity)
        known.add(finding, number, self.most)
        return True

    def ranked(self) -> list[AgencyProblem]:
        return sorted(
            self.failing.values(),
            key=lambda agency_problem: (agency_problem.severity.rank, -agency_problem.total, agency_problem.check),
        )


def gather(subjects: Iterable[SubjectReport]) -> AgencyProblems:
    agency_problems = AgencyProblems()
    for subject in subjects:
        agency_problems.add(subject)
    return agency_problems


def common(codes: Mapping[str, int]) -> list[str]:
    """The codes, the most frequent first."""
    return sorted(codes, key=lambda code: (-codes[code], code))


def place(finding: Finding, texts: Texts) -> str:
    """``www.example.vn, 2001:db8::1, detail``: where a finding was made."""
    parts = [
        finding.subject,
        "" if finding.address is None else written(finding.address),
        texts.detail(finding.check, finding.detail),
    ]
    return ", ".join(clean(part, 120) for part in parts if part)


def rows(problems: AgencyProblems, texts: Texts) -> Iterator[dict[str, object]]:
    """The problems in words, for templates."""
    for agency_problem in problems.ranked():
        yield {
            "check": agency_problem.check,
            "title": texts.problems(agency_problem.check, common(agency_problem.codes)),
            "requirement": texts.title(agency_problem.check),
            "severity": texts.severity(agency_problem.severity),
            "why": texts.why(agency_problem.check),
            **_told(agency_problem, texts),
            "total": agency_problem.total,
            "more": agency_problem.total - len(agency_problem.findings),
        }


def _told(problem: AgencyProblem, texts: Texts) -> dict[str, object]:
    """The messages, once if the same everywhere and else for each place; every remedy once."""
    messages = [texts.message(each) for each in problem.findings]
    places = [place(each, texts) for each in problem.findings]
    alike = len(set(messages)) == 1
    remedies = dict.fromkeys(texts.remedy(each) or "" for each in problem.findings)
    return {
        "found": messages[0] if alike else say(texts, "found_each"),
        "remedy": " ".join(filter(None, remedies)),
        "places": places if alike else [f"{at}: {message}" for at, message in zip(places, messages, strict=True)],
    }
