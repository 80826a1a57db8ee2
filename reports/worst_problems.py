"""Gathers the problems of a report, and names the worst with the subjects that have them, for a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.framework.findings import CheckId, Finding, Outcome
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from reports.report_texts import say
from reports.terminal.layout import Style

_MOST_NAMES = 2


@dataclass(slots=True)
class _Problem:
    """Holds one problem: its gravest finding, the first subjects that have it, and how many do.

    Findings come subject by subject.
    """

    worst: Finding
    named: list[SubjectId] = field(default_factory=list)
    subjects: int = 0
    _last: SubjectId | None = None

    def add(self, finding: Finding) -> None:
        if finding.subject != self._last:
            self._last = finding.subject
            self.subjects += 1
            if len(self.named) < _MOST_NAMES:
                self.named.append(finding.subject)
        if finding.severity.rank < self.worst.severity.rank:
            self.worst = finding

    @property
    def rank(self) -> tuple[int, int, str, str]:
        return self.worst.severity.rank, -self.subjects, self.worst.check, self.worst.code


@dataclass(slots=True)
class WorstProblems:
    """The problems that fail checks, without accepted exceptions. Memory grows with checks, not with subjects.

    A check may tell several problems: what is said of one subject holds for no other that fails it in another way.
    """

    texts: Texts
    _problems: dict[tuple[CheckId, str], _Problem] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, finding: Finding) -> None:
        """Take a finding, of any outcome."""
        if finding.outcome is Outcome.FAIL and finding.waived is None:
            key = finding.check, self.texts.heading(finding)
            problem = self._problems.get(key)
            if problem is None:
                problem = self._problems[key] = _Problem(finding)
            problem.add(finding)

    def lines(self, look: Style, most: int) -> Iterator[str]:
        """Yield a heading and a line for each of the ``most`` worst; nothing where nothing fails."""
        texts = self.texts
        ranked = sorted(self._problems.values(), key=lambda problem: problem.rank)
        if not ranked:
            return
        yield look.bold(say(texts, "worst_problems", shown=min(len(ranked), most), n=len(ranked)))
        for problem in ranked[:most]:
            worst, named = problem.worst, [clean(subject, 60) for subject in problem.named]
            if problem.subjects > len(named):
                named.append(say(texts, "more", n=problem.subjects - len(named)))
            weight = look.paint(Outcome.FAIL, f"{look.symbol(Outcome.FAIL)} {texts.severity(worst.severity)}")
            yield f"  {weight}  {texts.heading(worst)}: {', '.join(named)}"
