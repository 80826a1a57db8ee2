"""Writes the result document for programs: language-free but for messages, remedies and limits in both languages.

Written agency by agency: the document's lists are read one after the other, each in one pass over the report.
"""

from collections.abc import Iterable
from typing import BinaryIO

from auditor.framework.findings import Outcome
from auditor.texts.translate import Texts
from reports import plain
from reports.changes import plain_since
from reports.document import Options, RenderFn, Report, Sink, failing_selftests, limits
from reports.figures import plain_framework, plain_rollup

SCHEMA = 1


def renderer(options: Options) -> RenderFn:
    """The document is the same whatever the options."""
    return render


def render(report: Report, sink: Sink) -> None:
    texts = plain.BilingualTexts(Texts("vi", report.checks), Texts("en", report.checks))
    with sink.open("result.json") as out:
        out.write(b"{\n")
        _member(out, "schema", SCHEMA)
        _member(out, "run", plain.run(report.header, texts))
        _list(out, "subjects", (plain.subject(one) for one in report.stream_subjects()))
        _list(out, "findings", (plain.finding(one, texts) for one in report.stream_findings()))
        _member(out, "summary", {outcome.value: report.summary.get(outcome, 0) for outcome in Outcome})
        if report.rollup is not None:
            _member(out, "lives", {id_: plain.life_of(one) for id_, one in sorted(report.lives.items())})
            _member(out, "rollup", plain_rollup(report.rollup))
            _member(out, "since", plain_since(report.history.since))
            _list(out, "frameworks", (plain_framework(one) for one in report.frameworks))
        _list(out, "not_tested", (plain.untested(one) for one in report.stream_untested()))
        statements = limits(report.header)
        sick = [f"{one.check} {one.code} vantage={vantage.name}" for vantage, one in failing_selftests(report.header)]
        _member(out, "limits", [*sick, *(str(one) for one in statements)])
        _member(out, "limits_detail", [plain.limit(one, texts) for one in statements], last=True)
        out.write(b"}\n")


def _member(out: BinaryIO, name: str, value: plain.Plain, *, last: bool = False) -> None:
    out.write(plain.encode(name) + b": " + plain.encode(value) + (b"\n" if last else b",\n"))


def _list(out: BinaryIO, name: str, rows: Iterable[dict[str, plain.Plain]]) -> None:
    """One row a line, so that the document can be read with line tools too."""
    out.write(plain.encode(name) + b": [")
    separator = b"\n"
    for row in rows:
        out.write(separator + plain.encode(dict(row)))
        separator = b",\n"
    out.write(b"\n],\n")
