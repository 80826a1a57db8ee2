"""Writes the result document for programs: language-free but for messages, remedies and limits in both languages.

Written agency by agency: the document's lists are read one after the other, each in one pass over the report.
"""

from collections.abc import Iterable
from typing import BinaryIO

from auditor.framework.findings import Outcome
from auditor.texts.translate import Texts
from reports import json_data, path_lines
from reports.changes import plain_since
from reports.document import Options, RenderFn, Report, Sink, failing_selftests, limits
from reports.figures import plain_framework, plain_rollup

SCHEMA = 1


def renderer(options: Options) -> RenderFn:
    """Give the renderer; the document does not depend on the options."""
    return render


def render(report: Report, sink: Sink) -> None:
    texts = json_data.BilingualTexts(Texts("vi", report.checks), Texts("en", report.checks))
    with sink.open("result.json") as out:
        out.write(b"{\n")
        _member(out, "schema", SCHEMA)
        _member(out, "run", json_data.run(report.header, texts))
        _list(out, "subjects", (json_data.subject(stream_subject) for stream_subject in report.stream_subjects()))
        _list(
            out, "findings", (json_data.finding(stream_finding, texts) for stream_finding in report.stream_findings())
        )
        _member(out, "summary", {outcome.value: report.summary.get(outcome, 0) for outcome in Outcome})
        if report.rollup is not None:
            _member(
                out, "lives", {id_: json_data.life_of(defect_age) for id_, defect_age in sorted(report.lives.items())}
            )
            _member(out, "rollup", plain_rollup(report.rollup))
            _member(out, "since", plain_since(report.history.since))
            _list(out, "frameworks", (plain_framework(framework) for framework in report.frameworks))
            _list(out, "causes", (json_data.cause(each) for each in report.causes))
        if report.mesh.names:
            _member(out, "mesh", path_lines.plain_mesh(report.mesh))
        if report.path_changes:
            _member(out, "path_changes", path_lines.plain_changes(report.path_changes))
        _list(out, "not_tested", (json_data.untested(finding) for finding in report.stream_untested()))
        statements = limits(report.header)
        sick = [
            f"{finding.check} {finding.code} vantage={vantage.name}"
            for vantage, finding in failing_selftests(report.header)
        ]
        _member(out, "limits", [*sick, *(str(statement) for statement in statements)])
        _member(out, "limits_detail", [json_data.limit(statement, texts) for statement in statements], last=True)
        out.write(b"}\n")


def _member(out: BinaryIO, name: str, value: json_data.Plain, *, last: bool = False) -> None:
    out.write(json_data.encode(name) + b": " + json_data.encode(value) + (b"\n" if last else b",\n"))


def _list(out: BinaryIO, name: str, rows: Iterable[dict[str, json_data.Plain]]) -> None:
    """Write a list with one row a line, so that line tools can read the document too."""
    out.write(json_data.encode(name) + b": [")
    separator = b"\n"
    for row in rows:
        out.write(separator + json_data.encode(row))
        separator = b",\n"
    out.write(b"\n],\n")
