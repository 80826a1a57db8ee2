"""Writes one finding a row, for spreadsheets and line tools (RFC 4180, UTF-8 with a byte order mark)."""

import csv
import io
from functools import partial

from auditor.texts.translate import Texts
from reports.document import Options, RenderFn, Report, Sink
from reports.table_rows import COLUMNS, places, row


def renderer(options: Options) -> RenderFn:
    """Messages in ``options.lang``; the names of the columns are the same in every language."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    texts = Texts(options.lang, report.checks)
    with sink.open("findings.csv") as out:
        # Not closed with the report: the stream below belongs to the sink.
        lines = io.TextIOWrapper(out, "utf-8-sig", "backslashreplace", newline="", write_through=True)
        try:
            writer = csv.writer(lines)
            writer.writerow(COLUMNS)
            writer.writerows(row(at, texts) for at in places(report))
            lines.flush()
        finally:
            lines.detach()
