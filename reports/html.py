"""The page: one self-contained file for leaders, administrators and reviewers. No request, no script needed to read it.

Two passes over the report: numbers first, then the agencies, each subject written and forgotten.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from auditor.fields import clean
from auditor.findings import Outcome, Severity
from reports.document import Options, RenderFn, Report, Sink, failing_selftests, limits
from reports.figures import HEADLINES, brief, figures, named_units
from reports.layout import SYMBOLS
from reports.overview import gather
from reports.views import AgencyView, Page, SubjectView, agencies
from reports.wording import Fixed, Words
from reports.words import say

THOROUGH = 300
"""Up to this many subjects the page also holds messages and evidence of what passed."""

_OPEN = 20
_BUFFERED = 8  # pieces of template output written at once; a subject is one


def renderer(options: Options) -> RenderFn:
    """A page that shows ``options.lang`` first; the other language is one click away."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["clean"] = clean
    template = environment.get_template("report.html.j2")
    stream = template.stream(_context(options, report, environment))
    stream.enable_buffering(_BUFFERED)
    with sink.open("report.html") as out:
        for piece in stream:
            out.write(piece.encode("utf-8", "backslashreplace"))


def _context(options: Options, report: Report, environment: Environment) -> dict[str, object]:
    words = Words(report)
    overview = gather(report)
    views = agencies(overview, words)
    page = Page(words, thorough=overview.subjects <= THOROUGH, unfolded=overview.subjects <= _OPEN)
    style, script = _asset(environment, "report.css"), _asset(environment, "report.js")
    return {
        "ui": Fixed(words),
        "w": words,
        "lang": options.lang,
        "page_title": say(words.vi if options.lang == "vi" else words.en, "title"),
        "style": style,
        "script": script,
        "header": report.header,
        "limits": limits(report.header),
        "selftests": list(failing_selftests(report.header)),
        "overview": overview,
        "rollup": report.rollup,
        "frameworks": list(report.frameworks),
        "headlines": HEADLINES,
        "figures_of": figures,
        "units": [] if report.rollup is None else list(named_units(report.rollup)),
        "brief": brief,
        "agencies": views,
        "results": _results(report, views, page),
        "checks": [report.checks[one] for one in sorted(overview.checks) if one in report.checks],
        "outcomes": list(Outcome),
        "columns": (Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE),
        "severities": list(Severity),
        "symbols": SYMBOLS,
    }


def _results(report: Report, views: list[AgencyView], page: Page) -> Iterator[tuple[AgencyView, Iterator[SubjectView]]]:
    for agency, view in zip(report.agencies(), views, strict=True):
        yield view, view.subjects(agency.subjects, page)


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
