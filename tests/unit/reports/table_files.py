"""Writes a report as a table and reads that back, for tests of the formats that are tables."""

import csv
import io

from reports.document import Options
from reports.registry import renderer
from tests.unit.reports.sample import MemorySink, SampleReport


def written(report: SampleReport, name: str, lang: str = "vi") -> bytes:
    sink = MemorySink()
    renderer(name, Options(lang=lang))(report, sink)
    (content,) = sink.files.values()
    return content


def table(report: SampleReport, lang: str = "vi") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(report, "csv", lang).decode("utf-8-sig"))))
