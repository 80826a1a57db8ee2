"""Writes texts in both languages as markup: the page shows one of them and a click changes to the other."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from auditor.figures.comparison import ChangeKind
from auditor.figures.compliance import RequirementResult
from auditor.figures.figure import Figure
from auditor.figures.held_states import DefectAge
from auditor.figures.mesh import GridHint
from auditor.figures.path_changes import PathChange, TracedPath
from auditor.framework.findings import DEFECTS, VENDOR, CheckId, Finding, Outcome, Severity
from auditor.framework.message_format import clean, fields
from auditor.judging.seen_from import SeenFrom
from auditor.regulations.model import Requirement
from auditor.texts.mesh_messages_en import MESH_WORDS
from auditor.texts.translate import Texts
from probes.observations.declared import DeclaredValue
from reports import path_lines
from reports.agency_problems import common
from reports.defect_age import lived
from reports.document import Report, Statement
from reports.figures import brief, declared, measured, stated
from reports.formats.html.trends import TrendLine
from reports.overview import Overview, Ratio, state
from reports.report_texts import UI, say
from reports.seen_from import by_vantage, one_sided
from reports.shown_results import RESULTS
from reports.terminal.layout import RESULT_SYMBOLS, SYMBOLS

_KEPT = 8_192
_SPECIAL = re.compile("[&<>\"']")
_UNDECIDED = re.compile(r"\?\d+")


def escaped(text: str) -> str:
    """Escape text like ``escape``, without an object for each: most text has nothing to escape."""
    return text if _SPECIAL.search(text) is None else str(escape(text))


def pair(vi: str, en: str) -> Markup:
    """Return markup with a text in both languages, of which the page shows one; equal texts need no marks."""
    return Markup(paired(vi, en))


def paired(vi: str, en: str) -> str:
    """Do the same as ``pair``, without an object for each."""
    ours = escaped(vi)
    return ours if vi == en else f'<span lang="vi">{ours}</span><span lang="en">{escaped(en)}</span>'


def both(vi: Sequence[str], en: Sequence[str]) -> list[str]:
    """Do the same as ``pair`` for very many lines, none of which has a line break in it: no object for each, they are
    escaped together, and what the languages begin and end a line with stands once."""
    ours = _escaped_lines(vi)
    return ours if vi is en else list(map(_both, ours, _escaped_lines(en)))


def _escaped_lines(lines: Sequence[str]) -> list[str]:
    return escaped("\n".join(lines)).split("\n") if lines else []


def _both(vi: str, en: str) -> str:
    """Return markup for one line that is already escaped; words common to both languages stand once."""
    if vi == en:
        return vi
    ours, theirs = vi.split(" "), en.split(" ")
    most = min(len(ours), len(theirs))
    first = last = 0
    while first < most and ours[first] == theirs[first]:
        first += 1
    while last < most - first and ours[-1 - last] == theirs[-1 - last]:
        last += 1
    own = " ".join(ours[first : len(ours) - last])
    other = " ".join(theirs[first : len(theirs) - last])
    middle = f'<span lang="vi">{own}</span><span lang="en">{other}</span>'
    head = f"{' '.join(ours[:first])} " if first else ""
    return f"{head}{middle} {' '.join(ours[-last:])}" if last else f"{head}{middle}"


class Fixed:
    """The fixed words of ``reports.report_texts`` as attributes: ``ui.remedy``. An unknown one fails the template."""

    def __init__(self, words: "Words") -> None:
        self._words = words

    def __getattr__(self, key: str) -> Markup:
        if key not in UI:
            raise AttributeError(key)
        made = self._words.t(key)
        setattr(self, key, made)  # Python asks here only for what is no attribute yet
        return made


class Words:
    """Renders values and coded texts for templates in both languages. ``whole``: the name of the whole estate."""

    def __init__(self, report: Report) -> None:
        self.vi = Texts("vi", report.checks)
        self.en = Texts("en", report.checks)
        self.whole = "" if report.rollup is None else clean(report.rollup.total.name)
        self.badge = lru_cache(maxsize=None)(self._badge)
        self.title = lru_cache(maxsize=None)(self._title)
        self.problem = lru_cache(maxsize=None)(self._problem)
        self.word = lru_cache(maxsize=None)(self._word)
        self.number = lru_cache(maxsize=_KEPT)(self._number)
        self.tally = lru_cache(maxsize=_KEPT)(self._tally)
        self.passed = lru_cache(maxsize=_KEPT)(self._passed)
        self.many = lru_cache(maxsize=_KEPT)(self._many)
        self.attempt = lru_cache(maxsize=_KEPT)(self._attempt)
        self._lives: dict[Hashable, Markup] = {}
        self.told = _MessageCache(self._told)
        self._remedies: dict[Hashable, Markup | None] = {}

    def state(self, overview: Overview) -> Markup:
        """Say in a sentence how everything stands."""
        return pair(*(state(overview, texts) for texts in (self.vi, self.en)))

    def t_area(self, key: str, area: str) -> Markup:
        """Return a word of ``reports.report_texts`` about an area."""
        vi, en = (say(texts, key, area=texts.area(area)) for texts in (self.vi, self.en))
        return pair(vi, en)

    def changes(self, counts: Mapping[ChangeKind, int]) -> Markup:
        """Return ``2 new · 1 fixed``: the number of changes of each kind that occurs."""
        return Markup(" · ").join(
            Markup("{} {}").format(self.number(counts[kind]), self.word("change", kind.value))
            for kind in ChangeKind
            if counts.get(kind)
        )

    def mesh_hint(self, hint: GridHint) -> Markup:
        key = f"mesh_hint/{hint.code.value}"
        said = {"name": hint.name, "other": hint.other, "family": hint.family, "count": hint.count}
        vi, en = (texts.say(key, MESH_WORDS[key], **said) for texts in (self.vi, self.en))
        return pair(vi, en)

    def path_hops(self, path: TracedPath) -> Markup:
        """Return the number of hops, and whether the trace did not arrive."""
        return pair(*(path_lines.hops(path, texts) for texts in (self.vi, self.en)))

    def path_change(self, change: PathChange) -> Markup:
        return pair(*(path_lines.title(change, texts) for texts in (self.vi, self.en)))

    def path_heads(self, change: PathChange) -> tuple[Markup, Markup]:
        """Return the times of both traces."""
        before, after = change.before.measured, change.after.measured
        return (
            pair(*(say(texts, "path_before", when=texts.moment(before)) for texts in (self.vi, self.en))),
            pair(*(say(texts, "path_after", when=texts.moment(after)) for texts in (self.vi, self.en))),
        )

    def difference(self, line: TrendLine) -> Markup:
        """Return the difference to the previous run with a symbol for its direction; empty if unknown."""
        if line.difference is None:
            return Markup()
        moved = self._moved(line.difference)
        if not line.counts_others:
            return moved
        return moved + "; " + self.t("difference_others", before=line.before.of, now=line.latest.of)

    def _moved(self, points: float) -> Markup:
        if not points:
            return Markup('<span aria-hidden="true">=</span> {}').format(self.t("difference_none"))
        sign, key = ("▲", "difference_up") if points > 0 else ("▼", "difference_down")
        return Markup('<span aria-hidden="true">{}</span> {}').format(sign, self.t(key, n=abs(points)))

    def stated(self, figure: Figure) -> Markup:
        """Return a figure in a line of text."""
        return pair(*(stated(figure, texts) for texts in (self.vi, self.en)))

    def option(self, key: str) -> Markup:
        """Return a word where no markup can stand, as attributes of its element: the page's script chooses."""
        return Markup('data-vi="{}" data-en="{}"').format(say(self.vi, key), say(self.en, key))

    def detail(self, check: CheckId, said: str | None) -> Markup:
        """Return the part of the subject that a finding is about, beside its address."""
        return pair(clean(self.vi.detail(check, said)), clean(self.en.detail(check, said)))

    def word_option(self, group: str, value: str) -> Markup:
        """Return the same of a word for a value."""
        return Markup('data-vi="{}" data-en="{}"').format(self.vi.word(group, value), self.en.word(group, value))

    def title_option(self, check: CheckId) -> Markup:
        """Return the title of a check as such attributes."""
        return Markup('data-vi="{}" data-en="{}"').format(self.vi.title(check), self.en.title(check))

    def t(self, key: str, **args: object) -> Markup:
        return pair(say(self.vi, key, **args), say(self.en, key, **args))

    def _many(self, outcome: Outcome | None, count: int) -> Markup:
        """``Fail (×3)``; None stands for a round that said nothing."""
        made = []
        for texts in (self.vi, self.en):
            word = say(texts, "no_word") if outcome is None else texts.outcome(outcome)
            made.append(say(texts, "times", text=word, n=count))
        return pair(*made)

    def lived(self, life: DefectAge) -> Markup:
        """Return the age of a defect, cached because many share it: their days are those of a few runs."""
        key = (life.first, life.since, life.rounds, life.state.outcome.value)
        made = self._lives.get(key)
        if made is None:
            made = self._lives[key] = pair(lived(self.vi, life), lived(self.en, life))
        return made

    def by_vantage(self, finding: Finding) -> Markup:
        """Return the outcome of each vantage of a round."""
        return pair(*(by_vantage(texts, finding) for texts in (self.vi, self.en)))

    def one_sided(self, seen: Sequence[SeenFrom]) -> Markup | None:
        """Say that a subject answers in one network and not from the other; None where that is not shown."""
        vi, en = (one_sided(texts, seen) for texts in (self.vi, self.en))
        return pair(vi, en) if vi else None

    def figure(self, figure: Figure) -> Markup:
        return pair(self.vi.figure(figure), self.en.figure(figure))

    def brief(self, figure: Figure) -> Markup:
        """Return a figure in a narrow column; the number of subjects not decided stands behind a question mark.

        No line ends between the two.
        """
        texts = paired(brief(figure, self.vi), brief(figure, self.en))
        return Markup(_UNDECIDED.sub(r'<span class="nowrap">\g<0></span>', texts))

    def both(self, texts: Mapping[str, str]) -> Markup:
        """Return a text that brings both languages, of a framework."""
        return pair(texts["vi"], texts["en"])

    def declared(self, requirement: Requirement, value: DeclaredValue) -> Markup:
        """Return a declared value with its author."""
        return pair(declared(self.vi, requirement, value), declared(self.en, requirement, value))

    def measured(self, result: RequirementResult, day: date) -> Markup:
        """Return the figure of a requirement, with both dates where it was measured after the target's."""
        return pair(measured(self.vi, result, day), measured(self.en, result, day))

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
        return Markup(f'<time datetime="{machine}">{pair(self.vi.moment(when), self.en.moment(when))}</time>')

    def _word(self, group: str, value: str) -> Markup:
        return pair(self.vi.word(group, value), self.en.word(group, value))

    def _title(self, check: CheckId) -> Markup:
        return pair(self.vi.title(check), self.en.title(check))

    def _problem(self, check: CheckId, code: str) -> Markup:
        return pair(self.vi.problem(check, code), self.en.problem(check, code))

    def selftest(self, finding: Finding) -> Markup:
        """Return the title of a self-test's finding: the problem only if it failed or warned, else the requirement."""
        if finding.outcome in DEFECTS:
            return self.problem(finding.check, finding.code)
        return Markup("{} ({})").format(self.title(finding.check), self.word("outcome", finding.outcome.value))

    def problems(self, check: CheckId, codes: Mapping[str, int]) -> Markup:
        """Return the defects of a check as one title, the most frequent first."""
        ranked = common(codes)
        return pair(self.vi.problems(check, ranked), self.en.problems(check, ranked))

    def why(self, check: CheckId) -> Markup:
        return pair(self.vi.why(check), self.en.why(check))

    def fix(self, check: CheckId) -> Markup:
        return pair(self.vi.fix(check), self.en.fix(check))

    def vendor_fix(self, check: CheckId, vendor: str) -> Markup:
        return pair(self.vi.vendor_fix(check, vendor), self.en.vendor_fix(check, vendor))

    def limit(self, statement: Statement) -> Markup:
        args = (statement.code, statement.args)
        return pair(self.vi.limit(*args), self.en.limit(*args))

    def message(self, finding: Finding) -> Markup:
        """Return the message of a finding; ``told`` gives the same as text that is escaped already."""
        return Markup(self.told(finding))

    def _told(self, finding: Finding) -> str:
        return paired(self.vi.message(finding), self.en.message(finding))

    def untested_reason(self, check: CheckId, code: str) -> Markup:
        return pair(self.vi.saying(check, code), self.en.saying(check, code))

    def remedy(self, finding: Finding) -> Markup | None:
        """Most remedies have no fields; those are kept by code."""
        key = (finding.check, finding.code, finding.reason, finding.args.get(VENDOR))
        if key in self._remedies:
            return self._remedies[key]
        vi, en = self.vi.remedy(finding), self.en.remedy(finding)
        made = pair(vi, en) if vi and en else None
        if not fields(self.en.remedy_template(finding)):
            self._remedies[key] = made
        return made

    def _attempt(self, number: int) -> Markup:
        return self.t("attempt", n=number)

    def _badge(self, outcome: Outcome, severity: Severity | None = None) -> Markup:
        """Shape and word; colour comes from the class."""
        weight = Markup("") if severity is None else Markup(" · {}").format(self.word("severity", severity.value))
        return Markup('<b class="badge {}"><span aria-hidden="true">{}</span> {}{}</b>').format(
            outcome.value, SYMBOLS[outcome], self.word("outcome", outcome.value), weight
        )

    def counts(self, results: Mapping[str, int]) -> Markup:
        return self.tally(tuple(results.get(result, 0) for result in RESULTS))

    def _tally(self, counts: tuple[int, ...]) -> Markup:
        """Small badges with the numbers of ``shown_results.tally``."""
        badges = [
            f'<span class="count {result}"><span aria-hidden="true">{escaped(RESULT_SYMBOLS[result])}</span>'
            f" {self.number(n)} {self.word('outcome', result)}</span>"
            for result, n in zip(RESULTS, counts, strict=True)
            if n
        ]
        return Markup(" ".join(badges))

    def _passed(self, number: int) -> Markup:
        return self.t("passed", n=number)

    def ratio(self, ratio: Ratio) -> Markup:
        """Return ``n of m``, as an interval where too much is unknown."""
        if not ratio.of:
            return Markup("–")
        if ratio.interval:
            return self.t("interval", n=ratio.met, high=ratio.met + ratio.unknown, m=ratio.of)
        return self.t("n_of_m", n=ratio.met, m=ratio.of)


def _key(finding: Finding) -> Hashable:
    """Return everything a finding's texts depend on as one tuple: the garbage collector visits each stored object."""
    return finding.check, finding.code, *finding.args, *finding.args.values()


class _MessageCache:
    """Caches messages. A full cache is emptied: frequent messages return to it soon."""

    def __init__(self, make: Callable[[Finding], str]) -> None:
        self._make = make
        self._made: dict[Hashable, str] = {}

    def __call__(self, finding: Finding) -> str:
        key = _key(finding)
        try:
            return self._made[key]
        except KeyError:
            made = self._make(finding)
        except TypeError:  # a value that is no key, a list from a file
            return self._make(finding)
        if len(self._made) >= _KEPT:
            self._made.clear()
        self._made[key] = made
        return made
