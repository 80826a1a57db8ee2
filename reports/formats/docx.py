"""Writes a letter to each agency that has something to fix, in the official Vietnamese form.

A letter of one or two pages names what is gravest; its annex is a table of everything. The form (NĐ 30/2020/NĐ-CP,
Phụ lục I) is ``templates/letter.docx``, which an office can edit; number, date, deadline and signature are left blank.
Always in Vietnamese, in any language of the interface.
"""

import io
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping, Set

from docxtpl import DocxTemplate
from jinja2 import Environment, Template

from auditor.framework.findings import Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import AgencyId, SubjectId
from reports.agency_problems import AgencyProblems, gather, rows, sentence
from reports.document import NOT_STATUTORY, AgencyReport, Options, RenderFn, Report, ReportHeader, Sink
from reports.file_names import FileNames
from reports.redaction import report_for
from reports.report_texts import say

FIRST = 8
"""Problems that the letter itself names, so that it keeps to two pages."""


def renderer(options: Options) -> RenderFn:
    """Give the renderer; the letters do not depend on the options."""
    return render


def render(report: Report, sink: Sink) -> None:
    texts = Texts("vi", report.checks)
    form = pkgutil.get_data("reports", "templates/letter.docx")
    assert form is not None
    letter, compiled = _Letter(io.BytesIO(form)), _CompiledOnce(autoescape=True)
    names, own = FileNames("agency"), _by_agency(report)
    for agency in report.agencies():
        if agency.agency is None:
            continue
        seen = own.get(agency.agency, frozenset())
        problems = gather(report_for(subject, report.checks, seen) for subject in agency.subjects)
        if problems.failing:
            letter.render(_context(report, agency, problems, texts), compiled, autoescape=True)
            made = io.BytesIO()
            letter.save(made)
            with sink.open(f"cong-van-{names.of(agency.agency)}.docx") as out:
                out.write(made.getvalue())


class _Letter(DocxTemplate):  # type: ignore[misc]  # untyped
    """Renders the form, opened anew for each letter; prepares the parts of its text once for all letters."""

    def __init__(self, form: io.BytesIO) -> None:
        super().__init__(form)
        self._prepared: dict[str, str] = {}

    def patch_xml(self, src_xml: str) -> str:
        if src_xml not in self._prepared:
            self._prepared[src_xml] = super().patch_xml(src_xml)
        return self._prepared[src_xml]


class _CompiledOnce(Environment):
    """Compiles each part of the form once, which takes longer than to render a letter."""

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape)
        self._compiled: dict[str, Template] = {}

    def from_string(self, source: str, *_: object, **__: object) -> Template:  # type: ignore[override]
        if source not in self._compiled:
            self._compiled[source] = super().from_string(source)
        return self._compiled[source]


def _by_agency(report: Report) -> Mapping[AgencyId | None, Set[SubjectId]]:
    """Return the subjects of each agency: a letter names no other agency's."""
    subjects_by_agency: dict[AgencyId | None, set[SubjectId]] = {}
    for stream_subject in report.stream_subjects():
        subjects_by_agency.setdefault(stream_subject.subject.agency, set()).add(stream_subject.subject.id)
    return subjects_by_agency


def _context(report: Report, agency: AgencyReport, problems: AgencyProblems, texts: Texts) -> dict[str, object]:
    header, listed = report.header, list(_problems(problems, texts))
    return {
        "agency": clean(agency.name or str(agency.agency)),
        "above": clean(agency.path[-1]).upper() if agency.path else "",
        "run": clean(header.name or header.run),
        "judgement": clean(header.judgement),
        "measured": texts.day(header.started),
        "sentence": _seal(header, texts) + sentence(problems, texts),
        "limit": texts.limit(NOT_STATUTORY.code, NOT_STATUTORY.args),
        "problems": listed,
        "first": listed[:FIRST],
        "weights": ", ".join(_weights(problems, texts)),
    }


def _weights(problems: AgencyProblems, texts: Texts) -> Iterator[str]:
    """Yield the number of problems of each severity, the gravest first."""
    counts = Counter(problem.severity for problem in problems.failing.values())
    yield from (
        f"{texts.number(counts[severity])} {texts.severity(severity)}" for severity in Severity if counts[severity]
    )


def _seal(header: ReportHeader, texts: Texts) -> str:
    """Return the note that begins a letter whose judgement is not the sealed one; else an empty text."""
    if header.seal is None or header.seal.covers:
        return ""
    return f"{say(texts, 'seal_outside_line', root=clean(header.seal.root))} "


def _problems(problems: AgencyProblems, texts: Texts) -> Iterator[dict[str, object]]:
    for row in rows(problems, texts):
        more = f"{say(texts, 'more', n=row['more'])}. {say(texts, 'in_the_table')}" if row["more"] else ""
        yield row | {"more": more}
