"""Writes one finding a line, for line tools: the result document's findings with their run and agency."""

from auditor.texts.translate import Texts
from reports import json_data
from reports.document import Options, RenderFn, Report, Sink


def renderer(options: Options) -> RenderFn:
    """Give the renderer; the lines do not depend on the options."""
    return render


def render(report: Report, sink: Sink) -> None:
    texts = json_data.BilingualTexts(Texts("vi", report.checks), Texts("en", report.checks))
    lives, header = report.lives, report.header
    with sink.open("findings.jsonl") as out:
        for agency in report.agencies():
            for subject in agency.subjects:
                for finding in subject.findings:
                    row = {
                        "run": header.run,
                        "judgement": header.judgement or None,
                        "sealed": None if header.seal is None else header.seal.covers,
                        "agency": agency.agency,
                        **json_data.finding(finding, texts, lives.get(finding.id)),
                    }
                    out.write(json_data.encode(row) + b"\n")
