"""Reads each format back as its user would: files into text, cells and rows, without the program's arithmetic."""

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pypdf
from docx import Document

from reports.document import Options, Report
from reports.registry import renderer
from tests.unit.reports.formats.html.test_page import Page
from tests.unit.reports.sample import MemorySink

Cells = list[list[object]]


def files(report: Report, name: str, lang: str = "en") -> dict[str, bytes]:
    sink = MemorySink()
    renderer(name, Options(lang=lang, everything=True))(report, sink)
    return sink.files


def only(report: Report, name: str, lang: str = "en") -> bytes:
    (content,) = files(report, name, lang).values()
    return content


def lines(report: Report, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in only(report, name).splitlines()]


def table(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(only(report, "csv").decode("utf-8-sig"))))


def sheets(report: Report) -> dict[str, Cells]:
    book = openpyxl.load_workbook(io.BytesIO(only(report, "xlsx")), data_only=True)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def page(report: Report) -> str:
    return re.sub(r"\s+", " ", Page(only(report, "html").decode()).text)


def printed(report: Report, lang: str = "en") -> str:
    reader = pypdf.PdfReader(io.BytesIO(only(report, "pdf", lang)))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages).replace("\u200b", ""))


def letters(report: Report) -> dict[str, str]:
    found = {}
    for name, content in files(report, "docx").items():
        document = Document(io.BytesIO(content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        found[name] = "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])
    return found


def suites(report: Report) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(only(report, "junit")))


def assessment(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(only(report, "oscal"))["assessment-results"]["results"][0]
    return found


def everything(report: Report, name: str, lang: str) -> str:
    """Return all text that a reader of the format can see; packed files are unpacked, markup is left out."""
    match name:
        case "pdf":
            return printed(report, lang)
        case "docx":
            return "\n".join(letters(report).values())
        case "xlsx":
            return "\n".join(str(cell) for rows in sheets(report).values() for row in rows for cell in row)
        case "html":
            return Page(only(report, name, lang).decode()).text
        case "junit":
            root = ElementTree.fromstring(only(report, name, lang))
            return "\n".join(t for e in root.iter() for t in (e.text or "", *e.attrib.values()))
        case _:
            return only(report, name, lang).decode("utf-8")
