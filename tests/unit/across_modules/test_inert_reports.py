"""A text from a target, inventory or operator is text in every format: no markup, formula, escape or template.

Hostile texts stand everywhere a report can hold one: messages, details, names, tags, headers, waivers, earlier runs.
"""

import io
import json
import re
import zipfile
from dataclasses import replace
from functools import cache

import openpyxl
import pytest
from lxml import etree  # type: ignore[import-untyped]

from auditor.framework.findings import Waiver
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId
from reports.document import AgencyReport, Report
from reports.registry import FORMATS
from tests.unit.reports import reading
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.formats.html.test_page import Page
from tests.unit.reports.sample import ANSI, BIDI, FORMULA, SCRIPT, SampleReport

TEMPLATE = "{{ 7*7 }}{% raw %}"
ACTIVE = {
    *map(chr, range(9)),
    "\x0b",
    "\x0c",
    *map(chr, range(14, 32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u202e\u2066\u2028\u200b\ufeff",
}
"""Characters that act on a terminal or an editor; line ends and tabs are our own."""


@cache
def hostile(text: str) -> SampleReport:
    """Return a report in which names are ``text`` too."""
    report = whole_province()
    groups = []
    for number, group in enumerate(report.groups):
        waiver = Waiver(reason=text, owner=text, until=None)
        subjects = [
            replace(
                subject,
                subject=replace(subject.subject, id=SubjectId(f"{text}{index}"), name=text, host=text, tags=(text,)),
                findings=tuple(
                    replace(f, subject=SubjectId(f"{text}{index}"), waived=waiver if f.waived else None, vantage=text)
                    for f in subject.findings
                ),
            )
            for index, subject in enumerate(group.subjects)
        ]
        groups.append(
            AgencyReport(agency=AgencyId(f"{number}{text}"), name=text, level=text, path=(text,), subjects=subjects)
        )
    header = replace(report.header, name=text, run=RunId(text), version=text, profile=text, judgement=text)
    return replace(report, groups=tuple(groups), header=header)


def shown(report: Report, name: str, lang: str = "vi") -> str:
    return reading.everything(report, name, lang)


def words(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\u200b", ""))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_text_acts_on_a_terminal(name: str, lang: str) -> None:
    for text in (ANSI, BIDI):
        seen = shown(hostile(text), name, lang).removeprefix("\ufeff")  # a spreadsheet knows UTF-8 by it
        assert not ACTIVE & set(seen), (name, ACTIVE & set(seen))
        assert "owned" in seen or text is BIDI


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_said_can_be_read_where_it_stands(name: str) -> None:
    seen = words(shown(hostile(SCRIPT), name))
    text = json.dumps(SCRIPT)[1:-1] if name in ("json", "jsonl", "oscal", "ocsf", "defectdojo") else SCRIPT
    assert words(text) in seen or words(text).replace('"', '""') in seen


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", [TEMPLATE, '#eval("1+48") $1+48$ *x*', "${7*7} <%= 7*7 %> %{7*7}"])
def test_nothing_is_computed(name: str, text: str) -> None:
    seen = words(shown(hostile(text), name))
    escaped = json.dumps(text)[1:-1] if name in ("json", "jsonl", "oscal", "ocsf", "defectdojo") else text
    assert any(words(each_text) in seen for each_text in (escaped, escaped.replace('"', '""')))


def test_no_element_of_a_page_is_a_target_s() -> None:
    page = Page(reading.only(hostile(SCRIPT), "html").decode())
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base", "form"} & set(tags)
    assert not [attrs for _, attrs in page.elements if any(key.startswith("on") or key == "style" for key in attrs)]
    assert not [attrs for _, attrs in page.elements if "javascript:" in (attrs.get("href") or "")]


@pytest.mark.parametrize("text", [FORMULA, "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r\n=1", "＝1"])
def test_no_cell_is_a_formula_of_a_target(text: str) -> None:
    for row in reading.table(hostile(text)):
        assert all(not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell) for cell in row.values())
    book = openpyxl.load_workbook(io.BytesIO(reading.only(hostile(text), "xlsx")))
    formulas = [
        str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"
    ]
    assert formulas
    assert all(re.match(r"=(COUNTIFS?|COUNTA|IF|SUM|\d*\+?COUNTIFS)\(", formula) for formula in formulas)
    assert all("cmd" not in formula and "HYPERLINK" not in formula for formula in formulas)


@pytest.mark.parametrize("name", ["xlsx", "docx"])
@pytest.mark.parametrize("text", [SCRIPT, FORMULA, TEMPLATE, "&xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>"])
def test_packed_files_hold_no_part_but_ours(name: str, text: str) -> None:
    for content in reading.files(hostile(text), name).values():
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            assert not [
                each_text
                for each_text in packed.namelist()
                if re.search(r"vba|macro|external|activex|embed", each_text, re.I)
            ]
            for one in packed.namelist():
                if one.endswith((".xml", ".rels")):
                    root = etree.fromstring(packed.read(one), etree.XMLParser(resolve_entities=False))
                    assert not root.xpath("//*[@TargetMode='External']"), one
                    assert root.getroottree().docinfo.internalDTD is None


@pytest.mark.parametrize("name", FORMATS)
def test_names_of_files_are_ours(name: str) -> None:
    for text in ("]]>&lt;\x00\u2028\ud83d", "../../etc/passwd", "CON"):
        for written in reading.files(hostile(text), name):
            assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)?(\.[a-z]+)+", written), (name, written)
