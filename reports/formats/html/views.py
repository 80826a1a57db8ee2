"""Gives the page's templates their agencies and subjects, each part made only when asked for."""

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, partial

from markupsafe import Markup, escape

from auditor.figures.held_states import DefectAge
from auditor.figures.rollup import UnitRollup
from auditor.figures.scoring import AREAS
from auditor.framework.check import Check
from auditor.framework.findings import WORST_FIRST, CheckId, Finding, FindingId, Outcome, Severity
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from inventory.model import HOST_KINDS, AgencyId, Kind, written
from probes.framework.evidence import EvidenceId
from reports import json_data
from reports.deciding_lines import DecidingLines
from reports.document import ReportHeader, SubjectReport, not_tested
from reports.earlier_runs import BETWEEN, Timelines
from reports.evidence_text import reader_word
from reports.formats.html.bilingual_markup import Words, both, escaped
from reports.formats.html.family_table import FamilyTables
from reports.formats.html.finding_parts import Fragments, family
from reports.joined import JoinedFinding, join
from reports.overview import AgencyNumbers, Overview
from reports.repeat_command import repeat_command
from reports.shown_results import INCONCLUSIVE, NOT_TESTED, tally

STEP = Markup(' <span aria-hidden="true">›</span> ')
_PASSED = "quiet"
"""The part of a subject with the lines of passed checks."""
_QUIET = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_WEIGHT = {severity.value: severity.rank for severity in Severity}
_LADDERS = tuple((area, json_data.LADDER_OF_AREA.get(area, "")) for area in AREAS)
_EXPECTING = HOST_KINDS | {Kind.ZONE, Kind.MAIL}
_URGENCY = {outcome.value: rank for rank, outcome in enumerate(WORST_FIRST)}


Once = Callable[[Hashable, Callable[[], str]], str]


class SharedParts:
    """Keeps the parts of a page that may be too large, for the pages that it is then split into: most are the same."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, str] = {}

    def first(self, key: Hashable, make: Callable[[], str]) -> str:
        """Give a kept part, or make it and keep it."""
        made = self._parts.get(key)
        if made is None:
            made = self._parts[key] = make()
        return made

    def again(self, key: Hashable, make: Callable[[], str]) -> str:
        """Give a kept part away, or make it."""
        made = self._parts.pop(key, None)
        return make() if made is None else made

    def __contains__(self, key: object) -> bool:
        return key in self._parts


class PageContext:
    """The state that all views of one page share.

    ``header``: of the report. ``thorough``: small enough to hold every message; ``proven``: of a report so small that
    what passed has its evidence too. ``unfolded``: so small that failing subjects stand open. ``alone``: it is about
    one host, which stands open. ``home``: the link to the whole, first in every line of where the reader is.
    ``checks``: those of the report. ``shown``: evidence that stands on it already, of an exchanger of several domains
    for example. ``once`` gives a part of a subject by its key, one that was made for another page before where there
    is one; ``made`` has the keys of those.
    """

    def __init__(
        self,
        words: Words,
        *,
        fragments: Fragments,
        families: FamilyTables,
        once: Once,
        made: Container[Hashable] = (),
        home: Markup,
        header: ReportHeader,
        thorough: bool,
        proven: bool,
        unfolded: bool,
        alone: bool = False,
        checks: Mapping[CheckId, Check],
        lives: Mapping[FindingId, DefectAge] | None = None,
        timelines: Timelines | None = None,
    ) -> None:
        self.words = words
        self.fragments = fragments
        self.families = families
        self.once, self.made = once, made
        self.home = home
        self.header = header
        self.day = civil_day(header.started)
        self.checks = checks
        self.lives = lives or {}
        known = timelines or Timelines()
        self.strips = known.strips if len(known.when) > 1 else {}
        self.thorough = thorough
        self.proven = proven
        self.unfolded = unfolded
        self.alone = alone
        self.shown: set[EvidenceId] = set()


class SubjectView:
    """Renders one subject of the page. Markup is built as in ``finding_parts``: text is escaped, parts are Markup."""

    def __init__(self, report: SubjectReport, page: PageContext, number: int, crumbs: Markup) -> None:
        self._report, self._page, self._number, self._crumbs = report, page, number, crumbs
        self._problems = [finding for finding in report.findings if finding.outcome not in _QUIET]
        self._problems.sort(key=_urgency)
        self._undecided = [finding for finding in self._problems if finding.outcome is Outcome.INCONCLUSIVE]
        self._defects = [finding for finding in self._problems if finding.outcome is not Outcome.INCONCLUSIVE]
        self._quiet = [finding for finding in report.findings if finding.outcome in _QUIET]
        self._deciding = DecidingLines(report.subject, report.evidence, reader_word("vi"))
        self._english = DecidingLines(report.subject, report.evidence, reader_word("en"), twin=self._deciding)

    def markup(self) -> Markup:
        fragments, words, number = self._page.fragments, self._page.words, self._number
        scores, evidence = self._scores(), self._evidence()
        parts = [
            self._summary(),
            f'<p class="crumbs">{self._crumbs}<b>{escaped(clean(self._report.subject.id))}</b></p>\n',
            self._identity(),
            self._one_sided(),
            f"{fragments.scores_head}{scores}</tbody></table>\n" if scores else "",
            self._page.once((number, "families"), self._families) if self._page.thorough else "",
            self._page.once((number, "findings"), self._finding_lists) or f"<p>{fragments.ui.all_good}</p>\n",
            self._quiet_list(words.passed(len(self._quiet))) if self._quiet else "",
            f'<details class="evidence"><summary>{fragments.ui.evidence}</summary>\n{evidence}</details>\n'
            if evidence
            else "",
            "</div>\n</details>",
        ]
        return Markup("".join(parts))

    def _summary(self) -> str:
        failing = any(problem.outcome in (Outcome.FAIL, Outcome.ERROR) for problem in self._problems)
        opened = " open" if self._page.alone or (failing and self._page.unfolded) else ""
        kind = self._page.words.word("kind", self._report.subject.kind.value)
        counts = self._page.words.tally(tally(self._report.findings))
        return (
            f'<details class="subject" id="s{self._number}"{opened}>\n'
            f'<summary><b>{escaped(clean(self._report.subject.id))}</b> <span class="kind">{kind}</span> '
            f'<span class="sums">{counts}</span></summary>\n<div class="body">\n'
        )

    def _identity(self) -> str:
        subject, fragments = self._report.subject, self._page.fragments
        parts = []
        for version in (4, 6):
            text = ", ".join([written(a) for a in self._report.addresses if a.version == version])
            if text:
                parts.append(f'<b>IPv{version}</b> <span class="addr">{text}</span>')
        if subject.name and subject.name not in (subject.id, subject.host):
            parts.append(f"<b>{fragments.ui.known_as}</b> {escaped(clean(subject.name))}")
        if subject.tags:
            parts.append(f"<b>{fragments.ui.tags}</b> {escaped(clean(', '.join(subject.tags)))}")
        if subject.derived_from:
            parts.append(f'<span class="note">{self._page.words.t("derived", owners=subject.derived_from)}</span>')
        elif subject.kind in _EXPECTING:
            parts.append(fragments.expected(subject.expected, self._page.day))
        return f'<p class="identity">{" · ".join(parts)}</p>\n' if parts else ""

    def _one_sided(self) -> str:
        said = self._page.words.one_sided(self._report.seen_from)
        return "" if said is None else f'<p class="note">{said}</p>\n'

    def _scores(self) -> str:
        """Rows of the areas in which anything of weight applies."""
        rows: list[str] = []
        fragments = self._page.fragments
        known = self._page.strips.get(self._report.subject.id)
        strips = known.split(BETWEEN) if known else ()
        missing = "<td>–</td></tr>\n" if self._page.strips else "</tr>\n"
        for number, (area, name) in enumerate(_LADDERS):
            score = self._report.scores.get(area)
            ladder = self._report.ladders.get(name) if name else None
            if (score is not None and score.coverage is not None) or ladder is not None:
                rows.append(fragments.score(area, score, ladder))
                rows.append(fragments.strip(strips[number]) if number < len(strips) else missing)
        return "".join(rows)

    def _families(self) -> str:
        return self._page.families.table(self._report)

    def _finding_lists(self) -> str:
        return self._problem_list() + self._undecided_list()

    def _problem_list(self) -> str:
        return "".join([self._problem(each) for each in join(self._defects)])

    def _undecided_list(self) -> str:
        """Return the undecided findings, folded if there is a defect to read first; untested ones as a line each."""
        if not self._undecided:
            return ""
        measured = join(finding for finding in self._undecided if not not_tested(finding))
        left_out = [finding for finding in self._undecided if not_tested(finding)]
        untested = self._page.fragments.quiet(left_out)
        opened = " open" if measured and not self._defects else ""
        boxes = "".join([self._problem(each) for each in measured])
        count = self._page.words.counts({INCONCLUSIVE: len(self._undecided) - len(left_out), NOT_TESTED: len(left_out)})
        return (
            f'<details class="undecided"{opened}><summary>{count}</summary>\n'
            f"{boxes}{f'<ul>{untested}</ul>' if untested else ''}</details>\n"
        )

    def _problem(self, joined: JoinedFinding) -> str:
        return self._page.fragments.problem(
            joined,
            self._repeat(joined),
            self._page.lives.get(joined.finding.id),
            shown=self._report.evidence,
            excerpt=self._excerpt(self._marks(joined.members)),
        )

    def _excerpt(self, marks: Mapping[EvidenceId, frozenset[int]]) -> list[str]:
        return both(self._deciding.excerpt(marks), self._english.excerpt(marks))

    def _lines(self, id_: EvidenceId) -> list[str]:
        """Give the lines of a piece of evidence as markup in both languages."""
        vi = self._deciding.shown(id_)
        return both(vi, vi if self._english.is_as_twin(id_) else self._english.shown(id_))

    def _marks(self, findings: Iterable[Finding]) -> Mapping[EvidenceId, frozenset[int]]:
        return self._deciding.of_all(findings, self._page.checks)

    @cached_property
    def _deciding_ones(self) -> Mapping[EvidenceId, frozenset[int]]:
        return self._marks(self._problems)

    def _repeat(self, joined: JoinedFinding) -> Markup:
        report, header = self._report, self._page.header
        command = repeat_command(
            report.subject, joined.finding.check, header, addresses=joined.addresses, derived=report.derived
        )
        return escape(command)

    def _quiet_list(self, title: Markup) -> str:
        if self._page.thorough:
            quiet = partial(self._page.fragments.quiet, self._quiet)
            kind, lines = "quiet", self._page.once((self._number, _PASSED), quiet)
        else:
            kind = "quiet brief"
            lines = "".join(
                [self._page.fragments.brief(finding.check, finding.outcome, family(finding)) for finding in self._quiet]
            )
        return f'<details class="{kind}"><summary>{title}</summary><ul>\n{lines}</ul></details>\n'

    def _evidence(self) -> str:
        """Return the evidence of findings, each piece once. In a large report that of passes stays in the store."""
        shown = self._report.findings if self._page.proven else self._problems
        own, page, number = self._report.evidence, self._page, self._number
        cited = dict.fromkeys([each for finding in shown for each in finding.evidence])
        # what was made before is the subject's own, and to ask for that would read its evidence again
        wanted = [each for each in cited if each not in page.shown and ((number, each) in page.made or each in own)]
        page.shown.update(wanted)
        return "".join([page.once((number, each), partial(self._piece, each)) for each in wanted])

    def _piece(self, id_: EvidenceId) -> str:
        deciding = self._deciding_ones.get(id_, frozenset())
        return self._page.fragments.evidence(self._report.evidence[id_], self._number, self._lines(id_), deciding)


def _urgency(finding: Finding) -> tuple[int, int]:
    return _URGENCY[finding.outcome.value], _WEIGHT[finding.severity.value]


class AgencyView:
    """Renders one agency of the page. ``number`` counts agencies from 1, ``first`` is the number of its first subject.

    ``href`` leads to it from the overview.
    """

    def __init__(self, numbers: AgencyNumbers, number: int, first: int, words: Words) -> None:
        self.numbers = numbers
        self.number = number
        self.first = first
        agency = numbers.agency
        self.anchor = f"a{number}"
        self.href = f"#a{number}"
        self.name = clean(agency.name or agency.agency or "")
        self.path = tuple(clean(name) for name in agency.path)
        self.level = clean(agency.level)
        self.level_word = words.word("unit_level", self.level)
        self.counts = words.counts(numbers.results)
        self._words = words

    @property
    def state(self) -> str:
        """The value by which the page's table of agencies is filtered, the worst first."""
        results = self.numbers.results
        if results[Outcome.FAIL.value] or results[Outcome.ERROR.value]:
            return "fail"
        return "inconclusive" if results[INCONCLUSIVE] or results[NOT_TESTED] else "fine"

    def steps(self, column: str) -> Markup:
        """Return a cell: how many came to each of the three steps, of how many."""
        stage_counts = self.numbers.steps.get(column)
        if stage_counts is None:
            return Markup('<td class="num" data-sort="-1">–</td>')
        key = "steps_of_unknown" if stage_counts.unknown else "steps_of"
        markup = Markup("/").join(map(self._words.number, stage_counts.reached))
        of = self._words.t(key, of=stage_counts.of, unknown=stage_counts.unknown)
        return Markup('<td class="num steps" data-sort="{}">{} <small>{}</small></td>').format(
            stage_counts.reached[-1] / stage_counts.of, markup, of
        )

    def security(self) -> Markup:
        """Return a cell: fails of basic security by severity, the most severe first."""
        fails = self.numbers.security
        weight = sum(fails[severity] * 1_000 ** (len(Severity) - severity.rank) for severity in Severity)
        markup = Markup("<br>").join(
            Markup('<a class="rows" href="#problems" data-rows="{}">{}</a> {}').format(
                f"outcome=fail&area=security&severity={severity.value}&agency={self.anchor}",
                self._words.number(fails[severity]),
                self._words.word("severity", severity.value),
            )
            for severity in Severity
            if fails[severity]
        )
        return Markup('<td data-sort="{}">{}</td>').format(weight, markup or "0")

    def score(self, units: Mapping[AgencyId | None, UnitRollup]) -> Markup:
        """Return a cell: the lowest score of an area, by its name."""
        unit = units.get(self.numbers.agency.agency)
        scored = (
            []
            if unit is None
            else [(area_score.score, area) for area, area_score in unit.areas.items() if area_score.score is not None]
        )
        if not scored:
            return Markup('<td data-sort="101">–</td>')
        points, area = min(scored)
        markup = self._words.word("area", area)
        return Markup('<td data-sort="{}">{} ({})</td>').format(points, self._words.number(points), markup)

    def subjects(self, reports: Iterable[SubjectReport], page: PageContext) -> Iterator[SubjectView]:
        crumbs = self.crumbs(page.home, page.words, href=f"#{self.anchor}") + STEP
        for number, report in enumerate(reports, self.first):
            yield SubjectView(report, page, number, crumbs)

    def passed(self, reports: Iterable[SubjectReport], page: PageContext) -> Iterator[str]:
        """Yield the part of each subject with the lines of passed checks."""
        for number, report in enumerate(reports, self.first):
            quiet = [finding for finding in report.findings if finding.outcome in _QUIET]
            yield page.once((number, _PASSED), partial(page.fragments.quiet, quiet))

    def crumbs(self, home: Markup, words: Words, href: str = "") -> Markup:
        """Return a line of links from the whole down to this agency; without ``href`` it is the current page."""
        name = escape(self.name) if self.name else words.t("no_agency")
        here = Markup('<a href="{}">{}</a>').format(href, name) if href else Markup("<b>{}</b>").format(name)
        above = self.path[1:] if self.path[:1] == (words.whole,) else self.path
        return STEP.join([home, *(escape(text) for text in above), here])


def agencies(overview: Overview, words: Words) -> list[AgencyView]:
    first, found = 1, []
    for number, numbers in enumerate(overview.agencies, 1):
        found.append(AgencyView(numbers, number, first, words))
        first += numbers.subjects
    return found


def least_of_passes(overview: Overview, fragments: Fragments) -> int:
    """Return the least number of characters that the names of passed checks take on a page that is not thorough."""
    shortest = min((len(fragments.brief(check, each, "0")) for check in overview.checks for each in _QUIET), default=0)
    return shortest * sum(overview.results[each.value] for each in _QUIET)
