"""Writes the printed summary: the province on the first pages, then each agency with its problems to fix.

It keeps to MOST_PAGES: few problems are told in full, many as one line each, the gravest first, with the number of
those left out; the workbook and the pages of the agencies have everything.

Set by typst from a template and plain strings: text from a target is data there and never markup. The
font is in the file, so that every Vietnamese letter prints on a machine without fonts.
"""

import json
import pkgutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial

import fontpkg_be_vietnam_pro
import typst

from auditor.figures.comparison import ChangeKind
from auditor.figures.compliance import FrameworkResult, RequirementResult
from auditor.figures.rollup import UnitRollup
from auditor.framework.findings import Outcome, Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.agency_problems import AgencyProblem, common, rows, sentence
from reports.agency_problems import gather as gather_problems
from reports.document import AgencyReport, Options, RenderFn, Report, Sink, failing_selftests, limits
from reports.figures import declared, figures, measured
from reports.overview import AgencyNumbers, Overview, Ratio, gather
from reports.report_texts import say
from reports.shown_results import with_untested

MOST_PAGES = 12
"""The most pages of the summary, regardless of the report's size."""

DETAILED, DETAILED_AGENCIES = 20, 6
"""Up to so many problems of so many agencies are told in full."""

MOST_LINES, MOST_AGENCIES = 130, 40
"""Else the lines of problems of all agencies together, and the rows of the table of agencies."""

MOST_NAMED = 3
"""Subjects named beneath one line of a problem."""

_SHOWN = with_untested((Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.PASS))

Data = dict[str, object]


def renderer(options: Options) -> RenderFn:
    """Return a document in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    texts = Texts(options.lang, report.checks)
    template = pkgutil.get_data("reports", "templates/summary.typ")
    assert template is not None
    data = json.dumps(_data(report, texts), ensure_ascii=True)
    fonts = typst.Fonts(font_paths=[str(fontpkg_be_vietnam_pro.ROOT / "files")], include_system_fonts=False)
    made = typst.compile(template, font_paths=fonts, format="pdf", sys_inputs={"data": data}, pdf_standards="ua-1")
    with sink.open("summary.pdf") as out:
        out.write(made)


def _data(report: Report, texts: Texts) -> Data:
    header, overview = report.header, gather(report)
    troubled = [numbers for numbers in overview.agencies if numbers.problems.failing]
    problems = sum(len(numbers.problems.failing) for numbers in troubled)
    detailed = problems <= DETAILED and len(overview.agencies) <= DETAILED_AGENCIES
    listed = _worst_first(overview)[:MOST_AGENCIES]
    return {
        "detailed": detailed,
        "lang": texts.lang,
        "words": {key: say(texts, key) for key in _WORDS},
        "name": _name(report, overview),
        "facts": list(_facts(report, texts)),
        "period": ""
        if header.period is None
        else say(texts, "from_to", start=header.period[0].isoformat(), end=header.period[1].isoformat()),
        "since": _since(report, texts),
        "rates": list(_rates(overview, texts)),
        "figures": [] if report.rollup is None else list(_figures(report.rollup.total, texts)),
        "frameworks": [_framework(framework, texts, detailed=detailed) for framework in report.frameworks],
        "outcomes": [texts.word("outcome", result) for result in _SHOWN],
        "agencies": [_line(agency, texts) for agency in listed],
        "agencies_more": _more(len(overview.agencies) - len(listed), texts),
        "alone": len(overview.agencies) == 1,
        "top": [
            [
                texts.problems(check_numbers.check, common(check_numbers.codes)),
                texts.severity(check_numbers.severity),
                texts.number(check_numbers.subjects),
                texts.number(check_numbers.agencies),
            ]
            for check_numbers in overview.top()
        ],
        "limits": [
            *(f"{clean(vantage.name)}: {texts.message(finding)}" for vantage, finding in failing_selftests(header)),
            *(texts.limit(limit.code, limit.args) for limit in limits(header)),
        ],
        "parts": [_part(agency, texts) for agency in report.agencies()] if detailed else [],
        "short": [] if detailed else _short(troubled, texts),
    }


def _name(report: Report, overview: Overview) -> str:
    """Name the run, and before it the agency where the report is of one alone."""
    only = overview.agencies[0].agency.name if len(overview.agencies) == 1 else ""
    return " · ".join(clean(name) for name in (only, report.header.name or report.header.run) if name)


def _worst_first(overview: Overview) -> list[AgencyNumbers]:
    """Return the agencies as they come, or by their failures where not all of them find room."""
    if len(overview.agencies) <= MOST_AGENCIES:
        return overview.agencies
    return sorted(overview.agencies, key=lambda numbers: -numbers.results[Outcome.FAIL.value])


def _more(number: int, texts: Texts) -> str:
    return say(texts, "more", n=number) if number > 0 else ""


def _short(troubled: list[AgencyNumbers], texts: Texts) -> list[list[str]]:
    """The gravest problems of the agencies, those with the gravest first, a row each: agency, severity, title, the
    first subjects, number of subjects."""
    ranked = sorted(((numbers, numbers.problems.ranked()) for numbers in troubled), key=_weight)
    each = max(2, MOST_LINES // max(1, len(ranked)))
    made: list[list[str]] = []
    for count, (numbers, problems) in enumerate(ranked):
        if len(made) + each > MOST_LINES:
            return [*made, ["", "", f"{say(texts, 'agencies')}: {_more(len(ranked) - count, texts)}", "", ""]]
        name = clean(numbers.agency.name or numbers.agency.agency or "") or say(texts, "no_agency")
        for one in problems[: each - (len(problems) > each)]:
            title = texts.problems(one.check, common(one.codes))
            made.append([name, texts.severity(one.severity), title, _named(one), texts.number(one.systems)])
            name = ""
        if len(problems) > each:
            made.append(["", "", _more(len(problems) - each + 1, texts), "", ""])
    return made


def _named(problem: AgencyProblem) -> str:
    """Name the first subjects with the problem, with dots where there are others."""
    names = [clean(name, 60) for name in dict.fromkeys(finding.subject for finding in problem.findings)]
    shown = names[:MOST_NAMED]
    return ", ".join([*shown, "…"] if len(names) > len(shown) or problem.total > len(problem.findings) else shown)


def _weight(ranked: tuple[AgencyNumbers, list[AgencyProblem]]) -> tuple[int, ...]:
    counts = Counter(problem.severity for problem in ranked[1])
    return tuple(-counts[severity] for severity in Severity)


_WORDS = (
    "title",
    "report",
    "run",
    "overview",
    "agencies",
    "agency",
    "subjects",
    "works_over_ipv6",
    "top_failing",
    "check",
    "severity",
    "column_title",
    "failing_subjects",
    "failing_agencies",
    "nothing_fails",
    "limits",
    "why",
    "found",
    "remedy",
    "places",
    "all_good",
    "kpi",
    "figures",
    "figure",
    "figures_note",
    "result",
    "frameworks",
    "requirement",
    "standing",
    "foot",
    "times_note",
    "in_the_table",
    "problems",
    "problem",
    "since",
)


def _facts(report: Report, texts: Texts) -> Iterator[tuple[str, str]]:
    header = report.header
    yield say(texts, "run"), clean(header.run)
    yield say(texts, "measured"), texts.moment(header.started)
    for vantage in header.vantages:
        yield say(texts, "vantage"), " ".join([clean(vantage.name), *map(written, vantage.sources)])
    yield say(texts, "policy"), clean(header.policy)
    if header.judgement:
        yield say(texts, "judgement"), clean(header.judgement)
    if header.seal is not None:
        yield say(texts, "seal"), clean(header.seal.root)
        if not header.seal.covers:
            yield "", say(texts, "seal_other")
    yield say(texts, "version"), f"{clean(header.version)}, {say(texts, 'catalogue')} {clean(header.catalogue)}"


def _since(report: Report, texts: Texts) -> Data | None:
    """Return the number of changes of each kind since the last comparable run, and the limits of that comparison."""
    since = report.history.since
    if since is None:
        return None
    run = clean(since.name or since.run)
    return {
        "run": say(texts, "since_run", run=run, day=since.started, judgement=clean(since.judgement)),
        "kinds": [texts.word("change", kind.value) for kind in ChangeKind],
        "counts": [texts.number(since.counts.get(kind, 0)) for kind in ChangeKind],
        "notes": [
            *(say(texts, key) for key in since.notes),
            *(say(texts, "suspect", area=texts.area(area)) for area in since.suspect),
        ],
    }


def _figures(unit: UnitRollup, texts: Texts) -> Iterator[tuple[str, str, str]]:
    for name, figure in figures(unit):
        yield name, texts.kpi(name), texts.figure(figure)


def _framework(result: FrameworkResult, texts: Texts, *, detailed: bool) -> Data:
    """Return a framework's requirements in force with their standings, and their counts; manual ones stay visible."""
    framework = result.framework
    return {
        "title": framework.title[texts.lang],
        "note": f"{framework.source[texts.lang]} · {texts.word('legal_status', framework.legal_status.value)}",
        "counts": " · ".join(
            f"{texts.number(n)} {texts.word('compliance', standing.value)}" for standing, n in result.counts.items()
        ),
        "rows": [_requirement(each, result.day, texts) for each in result.results] if detailed else [],
    }


def _requirement(result: RequirementResult, day: date, texts: Texts) -> tuple[str, str, str, str]:
    """Return a requirement with the reliability of its text and its declared value."""
    requirement = result.requirement
    status = texts.word("legal_status", requirement.legal_status.value)
    figure = [] if result.figure is None else [measured(texts, result, day)]
    told = [*figure, *(clean(declared(texts, requirement, each), 300) for each in result.declared)]
    text = f"{requirement.text[texts.lang]} ({requirement.article} · {status})"
    return requirement.id, text, texts.word("compliance", result.compliance.value), "; ".join(told)


def _rates(overview: Overview, texts: Texts) -> Iterator[tuple[str, str, str]]:
    for key, ratio in (("ipv6", overview.ipv6), ("tslcd", overview.points), ("security", overview.security)):
        meaning = say(texts, f"{key}_meaning") if ratio.of else say(texts, "none_of_these")
        yield say(texts, key), _ratio(ratio, texts), meaning


def _ratio(ratio: Ratio, texts: Texts) -> str:
    if not ratio.of:
        return "–"
    if ratio.interval:
        return say(texts, "interval", n=ratio.met, high=ratio.met + ratio.unknown, m=ratio.of)
    return say(texts, "n_of_m", n=ratio.met, m=ratio.of)


def _line(agency_numbers: AgencyNumbers, texts: Texts) -> list[str]:
    name = clean(agency_numbers.agency.name or agency_numbers.agency.agency or "") or say(texts, "no_agency")
    counts = [texts.number(agency_numbers.results[result]) for result in _SHOWN]
    return [name, texts.number(agency_numbers.systems), _ratio(agency_numbers.ipv6, texts), *counts]


def _part(agency: AgencyReport, texts: Texts) -> Data:
    problems = gather_problems(agency.subjects)
    return {
        "name": clean(agency.name or agency.agency or "") or say(texts, "no_agency"),
        "path": " › ".join(clean(part) for part in agency.path),
        "sentence": sentence(problems, texts),
        "problems": [
            row | {"more": say(texts, "more", n=row["more"]) if row["more"] else ""} for row in rows(problems, texts)
        ],
    }
