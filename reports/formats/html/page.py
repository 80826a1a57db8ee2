"""Writes the self-contained HTML page for leaders, administrators and reviewers; it needs no request and no script.

Two passes over the report: numbers first, then the agencies, each subject written and forgotten. A large report is a
folder where the sink takes one: an overview and a page for each agency, linked relatively.
"""

import base64
import hashlib
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

from jinja2 import Environment
from markupsafe import Markup, escape

from auditor.figures.comparison import ChangeKind
from auditor.figures.scoring import AREAS
from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Outcome, Severity
from auditor.framework.message_format import clean
from inventory.model import AgencyId, SubjectId
from inventory.organisation import unit_subject
from reports import cause_texts, stage_counts
from reports.changes import SIGNS
from reports.document import Options, RenderFn, Report, Sink, SubjectReport, failing_selftests, limits
from reports.earlier_runs import MOST_LISTED, EarlierRuns
from reports.figures import agency_names, figures, headlines, named_units, requirements_of, ring
from reports.file_names import FileNames
from reports.formats.html import commune_map, trends, tslcd_grid
from reports.formats.html.agency_parts import AgencyParts
from reports.formats.html.bilingual_markup import Fixed, Words, pair
from reports.formats.html.change_lists import ChangeLists
from reports.formats.html.family_table import FamilyTables
from reports.formats.html.finding_parts import Fragments
from reports.formats.html.problem_list import ProblemList
from reports.formats.html.views import AgencyView, Once, PageContext, SharedParts, agencies, least_of_passes
from reports.issuer import Emblem
from reports.overview import Overview, gather
from reports.page_templates import environment
from reports.report_texts import say
from reports.shown_results import with_untested
from reports.terminal.layout import RESULT_SYMBOLS, SYMBOLS

THOROUGH = 300
"""Up to this many subjects the page also holds the messages of passed checks."""
PROVEN = 100
"""Up to this many subjects in all, the pages also hold the evidence of passed checks: 40 kB a subject."""

WHOLE_BYTES, WHOLE_SUBJECTS = 5_000_000, 1_300
"""Up to here everything is one page, where there may be more: beyond, browsers and mail programs struggle."""

FIRST, FOLDER = "report.html", "agencies"
"""The page to begin with, and the folder of the others."""

_LISTED = (ChangeKind.NEW, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE)
_CHANGE_LISTS = {kind: f"#changed-{kind.value}" for kind in _LISTED} | {ChangeKind.STILL_FAILING: "#agencies"}
_OPEN = 20
_BUFFERED = 8  # pieces of template output written at once; a subject is one


def renderer(options: Options) -> RenderFn:
    """Return a page that shows ``options.lang`` first; the other language is one click away."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    pages = _Pages(options, report)
    made = SharedParts()
    if not sink.many:
        whole = pages.whole(_made_anew)
    elif pages.overview.subjects > WHOLE_SUBJECTS:
        pages.split(sink, _made_anew)
        return
    elif pages.passes_exceed(WHOLE_BYTES, made.first):
        pages.split(sink, made.again, made)
        return
    else:
        begun = list(_within(pages.whole(made.first), WHOLE_BYTES))
        if begun[-1] == b"":
            pages.split(sink, made.again, made)
            return
        whole = iter(begun)
    with sink.open(FIRST) as out:
        out.writelines(whole)


def _made_anew(key: Hashable, make: Callable[[], str]) -> str:
    return make()


def _within(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Yield the pieces; an empty one at the end says that there would have been more."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            yield b""
            return
        yield piece


class _Pages:
    """The pages of one report: one with everything, or an overview and one for each agency."""

    def __init__(self, options: Options, report: Report) -> None:
        self._options, self._report = options, report
        self._environment = environment(keep_trailing_newline=True)
        self._words = Words(report)
        self.overview = gather(report)
        self._views = agencies(self.overview, self._words)
        rollup = report.rollup
        self._units = {} if rollup is None else {unit_subject(u.agency): u.name for u in rollup.units if u.agency}
        self._host = _only_host(report)
        self._fixed = self._made_once()
        when = report.timelines.when
        self._fragments = Fragments(self._words, when if len(when) > 1 and report.timelines.strips else ())
        self._families = FamilyTables(self._words)
        self._articles = cache(self._article)

    def whole(self, once: Once) -> Iterator[bytes]:
        page = self._page(self.overview.subjects, "#overview", once)
        results = (
            (view, view.subjects(agency.subjects, page))
            for agency, view in zip(self._report.agencies(), self._views, strict=True)
        )
        return self._stream(part="whole", results=results, checks=self._checks(self.overview.checks))

    def passes_exceed(self, most: int, once: Once) -> bool:
        """True if the lines of passed checks alone take more than ``most`` characters, so that the page is too large.

        They need no evidence. Those of a larger report are names, whose least length is known.
        """
        page, size = self._page(self.overview.subjects, "#overview", once), 0
        if not page.thorough:
            return least_of_passes(self.overview, self._fragments) > most
        for agency, view in zip(self._report.agencies(), self._views, strict=True):
            for lines in view.passed(agency.subjects, page):
                size += len(lines)
                if size > most:
                    return True
        return False

    def split(self, sink: Sink, once: Once, made: Container[Hashable] = ()) -> None:
        """Write an overview that links to the agencies, and a page for each that is readable on its own.

        ``made``: the keys of the parts that ``once`` has.
        """
        names = FileNames("agency")
        for view in self._views:
            view.href = f"{FOLDER}/{names.of(view.numbers.agency.agency or '')}.html"
        with sink.open(FIRST) as out:
            out.writelines(self._stream(part="overview", results=(), checks=self._checks(self.overview.checks)))
        for agency, view in zip(self._report.agencies(), self._views, strict=True):
            seen: set[CheckId] = set()
            page = self._page(view.numbers.subjects, f"../{FIRST}#overview", once, made)
            results = [(view, view.subjects(_noting(agency.subjects, seen), page))]
            with sink.open(view.href) as out:
                out.writelines(
                    self._stream(part="agency", results=results, checks=self._checks(seen), view=view, home=page.home)
                )

    def _page(self, subjects: int, overview: str, once: Once, made: Container[Hashable] = ()) -> PageContext:
        return PageContext(
            self._words,
            fragments=self._fragments,
            families=self._families,
            once=once,
            made=made,
            home=self._home(overview),
            header=self._report.header,
            thorough=subjects <= THOROUGH,
            proven=self.overview.subjects <= PROVEN,
            unfolded=subjects <= _OPEN,
            alone=bool(self._host),
            checks=self._report.checks,
            lives=self._report.lives,
            timelines=self._report.timelines,
        )

    def _home(self, href: str) -> Markup:
        return Markup('<a class="lead" href="{}">{}</a>').format(href, self._words.whole or self._words.t("whole"))

    def _subject_link(self, subject: SubjectId) -> Markup:
        """Lead to a subject that the overview knows the place of; the plain name of any other."""
        place, name = self.overview.places.get(subject), clean(self._units.get(subject, subject))
        if place is None:
            return escape(name)
        agency, number = place
        page = self._views[agency].href.partition("#")[0]
        return Markup('<a class="lead" href="{}#s{}">{}</a>').format(page, number, name)

    def _checks(self, wanted: Set[CheckId]) -> Iterator[Check]:
        """Asked for at the end of a page, when it is known which are wanted."""
        yield from (self._report.checks[check_id] for check_id in sorted(wanted) if check_id in self._report.checks)

    def _article(self, check: CheckId, part: str) -> Markup:
        """Describe a check; every page of an agency does it in the same words."""
        parts = {**self._fixed, "check": self._report.checks[check], "part": part}
        return Markup(self._environment.get_template("check.html.j2").render(parts))  # the template escapes its values

    def _stream(self, **parts: object) -> Iterator[bytes]:
        template = self._environment.get_template("report.html.j2")
        stream = template.stream(
            {**self._fixed, "article": self._articles, "view": None, "home": self._home("#overview"), **parts}
        )
        stream.enable_buffering(_BUFFERED)
        return (piece.encode("utf-8", "backslashreplace") for piece in stream)

    def _made_once(self) -> dict[str, object]:
        report, words, lang = self._report, self._words, self._options.lang
        return {
            "ui": Fixed(words),
            "w": words,
            "lang": lang,
            "page_title": say(words.vi if lang == "vi" else words.en, "title"),
            "first": FIRST,
            "style": _asset(self._environment, "report.css"),
            "script": _asset(self._environment, "report.js"),
            "header": report.header,
            "issuer": clean(self._options.issuer.name),
            "emblem": _address(self._options.issuer.emblem),
            "limits": limits(report.header),
            "selftests": list(failing_selftests(report.header)),
            "overview": self.overview,
            "problem_list": ProblemList(words, self._views),
            "host": self._host,
            "only": self._host or (self._views[0].name if len(self._views) == 1 else ""),
            "rollup": report.rollup,
            **_earlier(report.history, words, {view.numbers.agency.agency for view in self._views}),
            **_tslcd(report),
            **_mapped(report, self._views),
            **_causes(report, words, self._subject_link),
            "frameworks": list(report.frameworks),
            "headlines": headlines,
            "figures_of": figures,
            "units": [] if report.rollup is None else list(named_units(report.rollup)),
            "units_by_agency": {} if report.rollup is None else {unit.agency: unit for unit in report.rollup.units},
            "rings": {framework.framework.id: list(ring(framework.counts)) for framework in report.frameworks},
            "of_check": partial(requirements_of, report.frameworks),
            "checks_of": lambda one: [check for check in sorted(self.overview.checks) if one.names(check)],
            "agencies": self._views,
            "agencies_in_order": sorted(self._views, key=_order(report)),
            "parts_of": AgencyParts(words, report.lives),
            "outcomes": list(Outcome),
            "shown_results": with_untested(list(Outcome)),
            "columns": with_untested((Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE)),
            "severities": list(Severity),
            "areas": AREAS,
            "stages": _stages(self.overview),
            "levels": list(dict.fromkeys(view.level for view in self._views if view.level)),
            "symbols": SYMBOLS,
            "result_symbols": RESULT_SYMBOLS,
        }


def _order(report: Report) -> Callable[[AgencyView], int]:
    """Return the place of an agency among its organisation's units: departments come before communes, as declared."""
    units = () if report.rollup is None else report.rollup.units
    places = {unit.agency: place for place, unit in enumerate(units)}
    return lambda view: places.get(view.numbers.agency.agency, len(places))


def _stages(overview: Overview) -> list[str]:
    """Return the columns of stages that an agency has a count in."""
    return [column for column in stage_counts.COLUMNS if any(column in each.steps for each in overview.agencies)]


def _earlier(history: EarlierRuns, words: Words, here: Set[AgencyId | None]) -> dict[str, object]:
    since, listing = history.since, ChangeLists(words)
    return {
        "since": since,
        "change_list": lambda agency, *kinds: Markup("") if since is None else listing.of(since.told(agency, *kinds)),
        "kinds_listed": _LISTED,
        "agencies_left": [] if since is None else [agency for agency in since.listed if agency not in here],
        "change_kinds": list(ChangeKind),
        "change_signs": SIGNS,
        "change_lists_at": _CHANGE_LISTS,
        "change_columns": (ChangeKind.NEW, ChangeKind.FIXED, ChangeKind.EASED),
        "points": history.points,
        "trend": list(trends.lines(history.points)),
        "chart_width": trends.WIDTH,
        "chart_height": trends.HEIGHT,
        "most_listed": MOST_LISTED,
    }


def _causes(report: Report, words: Words, link: Callable[[SubjectId], Markup]) -> dict[str, object]:
    """Return the first shared causes, each with its lines in Vietnamese and English, and links to their subjects."""
    names, shown = agency_names(report.rollup), tuple(report.causes[: cause_texts.SHOWN])
    vi, en = (cause_texts.lines(shown, texts, names) for texts in (words.vi, words.en))
    return {"causes": list(zip(shown, vi, en, strict=True)), "subject_link": link, "pair": pair}


def _mapped(report: Report, views: Sequence[AgencyView]) -> dict[str, object]:
    cells = () if report.rollup is None else commune_map.commune_cells(report.rollup.units)
    return {
        "commune_map": commune_map.commune_map(cells, report.positions),
        "map_shapes": commune_map.SHAPES,
        "commune_links": {view.numbers.agency.agency: view.href for view in views},
    }


def _tslcd(report: Report) -> dict[str, object]:
    rows = () if report.rollup is None else tslcd_grid.grid(report.rollup)
    return {
        "grid": rows,
        "grid_columns": tslcd_grid.COLUMNS,
        "grid_signs": tslcd_grid.SIGNS,
        "grid_hints": list(tslcd_grid.hints(rows)),
        "mesh": report.mesh,
        "mesh_signs": tslcd_grid.MESH_SIGNS,
        "path_changes": report.path_changes,
        "grid_reached": sum(1 for row in rows if row.reached),
    }


def _only_host(report: Report) -> str:
    """Return the name of the host that a report without an inventory is about; derived subjects do not count.

    Empty if several were requested.
    """
    if report.rollup is not None:
        return ""
    named = list(islice((each.subject.id for each in report.stream_subjects() if not each.derived), 2))
    return clean(named[0]) if len(named) == 1 else ""


def _noting(subjects: Iterable[SubjectReport], seen: set[CheckId]) -> Iterator[SubjectReport]:
    for subject in subjects:
        seen.update(finding.check for finding in subject.findings)
        yield subject


def _address(emblem: Emblem | None) -> str:
    """Return the picture as a data URL, so that the page needs no request for it."""
    return "" if emblem is None else f"data:{emblem.kind};base64,{base64.b64encode(emblem.data).decode()}"


@dataclass(frozen=True, slots=True)
class Asset:
    """A style sheet or script inside the page, and the digest by which the policy admits it."""

    text: Markup
    digest: str


def _asset(environment: Environment, name: str) -> Asset:
    assert environment.loader is not None
    text = environment.loader.get_source(environment, name)[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Asset(text=Markup(text), digest=f"'sha256-{digest}'")
