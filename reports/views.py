"""What the page's templates show: report values as text in both languages, escaped once, made only when asked for."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from auditor.fields import clean
from auditor.findings import WORST_FIRST, CheckId, Finding, LevelBasis, Outcome, Severity
from auditor.scoring import AREAS, Ladder, Score
from auditor.texts import Texts
from inventory.model import Subject
from probes.framework.evidence import Evidence
from reports import evidence_text, plain
from reports.document import Report, Statement, SubjectReport
from reports.layout import SYMBOLS
from reports.overview import AgencyNumbers, Overview, Ratio, counted
from reports.words import UI, say

PROBLEMS = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARN)
_QUIET = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_WEIGHED = (Outcome.FAIL, Outcome.WARN)


def pair(vi: str, en: str) -> Markup:
    """One text in both languages; the page shows one of them. Equal texts need no marks."""
    if vi == en:
        return escape(vi)
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(vi, en)


class Fixed:
    """The fixed words of ``reports.words`` as attributes: ``ui.remedy``. An unknown one fails the template."""

    def __init__(self, words: "Words") -> None:
        self._words = words
        self._made: dict[str, Markup] = {}

    def __getattr__(self, key: str) -> Markup:
        if key not in UI:
            raise AttributeError(key)
        if key not in self._made:
            self._made[key] = self._words.t(key)
        return self._made[key]


class Words:
    """Values and coded texts for templates, in both languages."""

    def __init__(self, report: Report) -> None:
        self.vi = Texts("vi", report.checks)
        self.en = Texts("en", report.checks)
        self._plain: dict[tuple[CheckId, str], Markup] = {}
        self.badge = lru_cache(maxsize=None)(self._badge)
        self.title = lru_cache(maxsize=None)(self._title)
        self.word = lru_cache(maxsize=None)(self._word)
        self.number = lru_cache(maxsize=4096)(self._number)

    def t(self, key: str, **args: object) -> Markup:
        return pair(say(self.vi, key, **args), say(self.en, key, **args))

    def _number(self, value: float) -> Markup:
        return pair(self.vi.number(value), self.en.number(value))

    def percent(self, ratio: float) -> Markup:
        return pair(self.vi.percent(ratio), self.en.percent(ratio))

    def day(self, when: date) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(
            when.isoformat(), pair(self.vi.day(when), self.en.day(when))
        )

    def moment(self, when: datetime) -> Markup:
        machine = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Markup('<time datetime="{}">{}</time>').format(machine, pair(self.vi.moment(when), self.en.moment(when)))

    def _word(self, group: str, value: str) -> Markup:
        return pair(self.vi.word(group, value), self.en.word(group, value))

    def _title(self, check: CheckId) -> Markup:
        return pair(self.vi.title(check), self.en.title(check))

    def why(self, check: CheckId) -> Markup:
        return pair(self.vi.why(check), self.en.why(check))

    def fix(self, check: CheckId) -> Markup:
        return pair(self.vi.fix(check), self.en.fix(check))

    def limit(self, statement: Statement) -> Markup:
        args = (statement.code, statement.args)
        return pair(self.vi.limit(*args), self.en.limit(*args))

    def message(self, finding: Finding) -> Markup:
        if finding.args:
            return pair(self.vi.message(finding), self.en.message(finding))
        key = (finding.check, finding.code)
        if key not in self._plain:
            self._plain[key] = pair(self.vi.message(finding), self.en.message(finding))
        return self._plain[key]

    def untested_reason(self, check: CheckId, code: str) -> Markup:
        return pair(self.vi.saying(check, code), self.en.saying(check, code))

    def remedy(self, finding: Finding) -> Markup | None:
        vi, en = self.vi.remedy(finding), self.en.remedy(finding)
        return pair(vi, en) if vi and en else None

    def _badge(self, outcome: Outcome, severity: Severity | None = None) -> Markup:
        """Shape and word; colour comes from the class."""
        weight = Markup("") if severity is None else Markup(" · {}").format(self.word("severity", severity.value))
        return Markup('<b class="badge {}"><span aria-hidden="true">{}</span> {}{}</b>').format(
            outcome.value, SYMBOLS[outcome], self.word("outcome", outcome.value), weight
        )

    def counts(self, outcomes: Mapping[Outcome, int]) -> Markup:
        """Small badges with numbers, the worst first."""
        return Markup(" ").join(
            Markup('<span class="count {}"><span aria-hidden="true">{}</span> {} {}</span>').format(
                outcome.value, SYMBOLS[outcome], self.number(n), self.word("outcome", outcome.value)
            )
            for outcome, n in counted(outcomes, WORST_FIRST)
        )

    def ratio(self, ratio: Ratio) -> Markup:
        """``n of m``, an interval where too much is unknown, always with what is unknown."""
        if not ratio.of:
            return Markup("–")
        if ratio.interval:
            return self.t("interval", n=ratio.met, high=ratio.met + ratio.unknown, m=ratio.of)
        return self.t("n_of_m", n=ratio.met, m=ratio.of)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding that is no pass, with everything a reader may need to act or to object."""

    finding: Finding
    badge: Markup
    title: Markup
    where: str
    message: Markup
    remedy: Markup | None
    level: Markup
    waived: Markup | None
    command: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    id: str
    probe: str
    task: str
    attempt: int
    when: Markup
    vantage: str
    text: str


class SubjectView:
    """One subject of the page."""

    def __init__(self, report: SubjectReport, words: Words, number: int, *, thorough: bool) -> None:
        self._report, self._words, self._thorough = report, words, thorough
        self.subject: Subject = report.subject
        self.anchor = f"s{number}"
        self.name = clean(report.subject.id)
        self.kind = words.word("kind", report.subject.kind.value)
        self.v4 = ", ".join(str(a) for a in report.addresses if a.version == 4)
        self.v6 = ", ".join(str(a) for a in report.addresses if a.version == 6)
        self._problems = [one for one in report.findings if one.outcome in PROBLEMS]
        self._quiet = [one for one in report.findings if one.outcome in _QUIET]
        self.passed = len(self._quiet)
        self.failing = any(one.outcome in (Outcome.FAIL, Outcome.ERROR) for one in self._problems)

    @property
    def counts(self) -> Markup:
        outcomes: dict[Outcome, int] = {}
        for one in self._report.findings:
            outcomes[one.outcome] = outcomes.get(one.outcome, 0) + 1
        return self._words.counts(outcomes)

    @property
    def derived(self) -> Markup | None:
        owners = self.subject.derived_from
        return self._words.t("derived", owners=owners) if owners else None

    def scores(self) -> Iterator[tuple[Markup, Markup, Markup, Markup, Markup]]:
        """Area, score, grade, coverage, ladder: of the areas in which anything of weight applies."""
        for area in AREAS:
            score = self._report.scores.get(area)
            ladder = self._report.ladders.get(plain.LADDER_OF_AREA.get(area, ""))
            if (score is not None and score.coverage is not None) or ladder is not None:
                yield (self._words.word("area", area), *self._score(score), self._ladder(area, ladder))

    def _score(self, score: Score | None) -> tuple[Markup, Markup, Markup]:
        if score is None or score.coverage is None:
            return Markup("–"), Markup("–"), Markup("–")
        points = Markup("–") if score.score is None else self._words.t("points", score=score.score)
        return points, self._words.word("grade", score.grade), self._words.percent(score.coverage)

    def _ladder(self, area: str, ladder: Ladder | None) -> Markup:
        if ladder is None:
            return Markup("–")
        rung = self._words.t("rung_at_least" if ladder.at_least else "rung", level=ladder.level)
        name = f"{plain.LADDER_OF_AREA[area]}.{ladder.level}"
        return Markup("{}: {}").format(rung, self._words.word("ladder", name))

    def problems(self) -> Iterator[FindingView]:
        urgency = {outcome: rank for rank, outcome in enumerate(WORST_FIRST)}
        for one in sorted(self._problems, key=lambda one: (urgency[one.outcome], one.severity.rank)):
            yield self._problem(one)

    def _problem(self, one: Finding) -> FindingView:
        words = self._words
        return FindingView(
            finding=one,
            badge=words.badge(one.outcome, one.severity if one.outcome in _WEIGHED else None),
            title=words.title(one.check),
            where=" ".join(clean(str(each)) for each in (one.address, one.detail) if each is not None),
            message=words.message(one),
            remedy=words.remedy(one),
            level=self._level(one),
            waived=self._waived(one),
            command=self._command(one.check),
        )

    def _level(self, one: Finding) -> Markup:
        level = self._words.word("level", one.level.value)
        if one.level_basis is LevelBasis.VERIFIED:
            return level
        return Markup("{} ({})").format(level, self._words.word("basis", one.level_basis.value))

    def _waived(self, one: Finding) -> Markup | None:
        if one.waived is None:
            return None
        key = "waived_open" if one.waived.until is None else "waived"
        return self._words.t(key, reason=one.waived.reason, until=one.waived.until or "")

    def _command(self, check: CheckId) -> str:
        target = self.subject.host or next(iter(map(str, self._report.addresses)), self.subject.id)
        return f"auditor check {shlex.quote(clean(target))} --only {shlex.quote(check)}"

    def quiet(self) -> Iterator[tuple[Finding, Markup]]:
        for one in self._quiet:
            yield one, self._words.message(one)

    def evidence(self) -> Iterator[EvidenceView]:
        """What findings rest on, each once. In a large report that of passes stays in the store, under its id."""
        shown = self._report.findings if self._thorough else self._problems
        for evidence in dict.fromkeys(each for one in shown for each in one.evidence):
            found = self._report.evidence.get(evidence)
            if found is not None:
                yield self._evidence(found)

    def _evidence(self, found: Evidence) -> EvidenceView:
        return EvidenceView(
            id=found.id,
            probe=found.probe,
            task=clean(found.task),
            attempt=found.attempt,
            when=self._words.moment(found.started),
            vantage=clean(found.vantage),
            text="\n".join(evidence_text.lines(found)),
        )


class AgencyView:
    """One agency of the page. ``number`` counts agencies from 1, ``first`` is the number of its first subject."""

    def __init__(self, numbers: AgencyNumbers, number: int, first: int, words: Words) -> None:
        self.numbers = numbers
        self.number = number
        self.first = first
        agency = numbers.agency
        self.anchor = f"a{number}"
        self.name = clean(agency.name or agency.agency or "")
        self.path = tuple(clean(name) for name in agency.path)
        self.level = clean(agency.level)
        self.counts = words.counts(numbers.outcomes)
        self.ipv6 = words.ratio(numbers.ipv6)

    def subjects(self, reports: Iterable[SubjectReport], words: Words, *, thorough: bool) -> Iterator[SubjectView]:
        for number, report in enumerate(reports, self.first):
            yield SubjectView(report, words, number, thorough=thorough)


def agencies(overview: Overview, words: Words) -> list[AgencyView]:
    first, found = 1, []
    for number, numbers in enumerate(overview.agencies, 1):
        found.append(AgencyView(numbers, number, first, words))
        first += numbers.subjects
    return found
