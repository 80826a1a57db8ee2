"""Builds the end of an audit for a terminal: each area in counts, the worst problems, figures and the result.

At most ``MOST_LINES`` lines, none wider than the terminal; the whole text is a format of its own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.figures.scoring import AREAS, area_of
from auditor.framework.findings import Finding, Outcome
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import Kind
from reports import cause_texts
from reports.area_names import area_name
from reports.document import Options, Report
from reports.figures import agency_names, headlines, stated
from reports.report_texts import say
from reports.shown_results import result_of, with_untested
from reports.terminal.layout import Style, clip, style
from reports.terminal.lines import ResultCount, authorisation_line, result_line, vantage_lines
from reports.worst_problems import WorstProblems

MOST_LINES = 22
_MOST_VANTAGES = 4
_MOST_PROBLEMS = 5
_FEWER_PROBLEMS = 3
"""The limit beside shared causes, which cover most problems."""
_MOST_FIGURES = 4
_FEWEST_FIGURE_LINES = 2
"""The heading and one figure: without the heading a figure reads as one more of the worst problems."""
_AREA_WIDTH = 26
_CELL_WIDTH, _SIGN_WIDTH = 10, 2
_SHOWN = with_untested((Outcome.FAIL, Outcome.WARN, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS))


@dataclass(slots=True)
class _Gathered:
    problems: WorstProblems
    areas: dict[str, Counter[str]] = field(default_factory=dict)
    count: ResultCount = field(default_factory=ResultCount)

    def add(self, finding: Finding) -> None:
        self.count.add(finding)
        self.areas.setdefault(area_of(finding.check), Counter())[result_of(finding)] += 1
        self.problems.add(finding)


def summary(report: Report, options: Options) -> list[str]:
    """Return the lines, in ``options.lang``, coloured and cut as asked."""
    texts, look = Texts(options.lang, report.checks), style(color=options.color, ascii_only=options.ascii)
    gathered, subjects = _Gathered(WorstProblems(texts)), 0
    for subject in report.stream_subjects():
        gathered.count.add_grades(subject.scores)
        subjects += subject.subject.kind is not Kind.UNIT
    for finding in report.stream_findings():
        gathered.add(finding)
    head = list(_head(report, subjects, texts, look))
    areas = list(_areas(gathered, texts, look))
    end = [line for line in (authorisation_line(gathered.count.unauthorised, texts),) if line]
    end.append(result_line(gathered.count, report.header, texts, look))
    causes = list(_causes(report, texts, look))
    problems = list(gathered.problems.lines(look, _FEWER_PROBLEMS if causes else _MOST_PROBLEMS))
    left = MOST_LINES - len(head) - len(areas) - len(end) - len(causes) - len(problems)
    figures = list(_figures(report, texts, look))[: max(0, left)]
    if len(figures) < _FEWEST_FIGURE_LINES:
        figures = []
    return [clip(line.rstrip(), options.width) for line in (*head, *areas, *causes, *problems, *figures, *end)]


def _head(report: Report, subjects: int, texts: Texts, look: Style) -> Iterator[str]:
    header, rollup = report.header, report.rollup
    name = (rollup.total.name if rollup is not None else "") or header.name or header.run
    yield look.bold(f"{clean(name)} · {texts.moment(header.started)} · {say(texts, 'subject_count', n=subjects)}")
    vantages = list(vantage_lines(header, texts, look))
    yield from vantages[:_MOST_VANTAGES]
    if len(vantages) > _MOST_VANTAGES:
        yield say(texts, "more", n=len(vantages) - _MOST_VANTAGES)


def _areas(gathered: _Gathered, texts: Texts, look: Style) -> Iterator[str]:
    yield ""
    for area in (*AREAS, ""):
        counted = gathered.areas.get(area)
        if counted is None:
            continue
        title = area_name(texts, area)
        cells = "".join(_cell(result, counted, gathered, texts, look) for result in _SHOWN)
        yield f"{title:{_AREA_WIDTH}}{cells}"


def _cell(result: str, counted: Counter[str], gathered: _Gathered, texts: Texts, look: Style) -> str:
    """Return one count with its sign, in a column that stands where any area has that result."""
    if not gathered.count.results[result]:
        return ""
    if not counted[result]:
        return " " * _CELL_WIDTH
    return look.counted(result, f"{texts.number(counted[result]):<{_CELL_WIDTH - _SIGN_WIDTH - 1}}", _SIGN_WIDTH)


def _causes(report: Report, texts: Texts, look: Style) -> Iterator[str]:
    """Yield the first actions, where problems of several hosts share a cause."""
    if report.causes:
        yield look.bold(say(texts, "causes"))
        yield from (f"  {line}" for line in cause_texts.summary(report.causes, texts, agency_names(report.rollup)))


def _figures(report: Report, texts: Texts, look: Style) -> Iterator[str]:
    figures = {} if report.rollup is None else headlines(report.rollup.total)
    if not figures:
        return
    yield look.bold(say(texts, "figures"))
    for name, figure in list(figures.items())[:_MOST_FIGURES]:
        yield f"  {name:4} {texts.kpi(name)}: {stated(figure, texts)}"
