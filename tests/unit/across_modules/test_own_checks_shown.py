"""An operator's own check is shown by every format as the checks of the program are: with its texts, and an area."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import openpyxl
import pytest

from auditor.framework import check
from auditor.framework.findings import CheckId, Outcome
from auditor.service.config import own_checks
from auditor.service.pipeline.own_checks.own_check_template import check_text
from reports.registry import FORMATS
from tests.support.own_checks import ID, forgotten, written
from tests.unit.reports import reading
from tests.unit.reports.sample import SampleReport, Says, province

FINDING = Says(ID, "TOLD", Outcome.FAIL, {"address": "2001:db8::1", "server": "nginx/1.24.0"})
PROBLEM = {"en": "Web server tells its version", "vi": "Máy chủ web tiết lộ phiên bản phần mềm"}
MESSAGE = {"en": "2001:db8::1 says that it runs nginx/1.24.0.", "vi": "2001:db8::1 cho biết đang chạy nginx/1.24.0."}
AREA = {"en": "Other checks", "vi": "Nội dung khác"}
OF_DATES_ONLY = "ics"
WITHOUT_TITLES = frozenset({"junit"})
VIETNAMESE_ONLY = "docx"
"""Letters go to agencies."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleReport]:
    with forgotten():
        failing = check_text("example").replace("warn", "fail")
        own_checks.load([written(tmp_path_factory.mktemp("checks"), failing).parents[1]])
        plain = province(())
        group, *others = plain.groups
        subject, *rest = group.subjects
        told = replace(subject, findings=(*subject.findings, FINDING.of(subject.subject.id)))
        known = {**plain.checks, CheckId(ID): check.registered()[CheckId(ID)]}
        yield replace(plain, groups=(replace(group, subjects=(told, *rest)), *others), checks=known)


def read(report: SampleReport, name: str, lang: str) -> str:
    return "\n".join(map(str, cells(report, lang))) if name == "xlsx" else reading.everything(report, name, lang)


def cells(report: SampleReport, lang: str) -> Iterator[object]:
    book = openpyxl.load_workbook(io.BytesIO(reading.only(report, "xlsx", lang)), data_only=True)
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            yield from row


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", [name for name in FORMATS if name != OF_DATES_ONLY])
def test_formats_show_an_own_check_with_its_own_texts(report: SampleReport, name: str, lang: str) -> None:
    seen = read(report, name, lang)
    spoken = "vi" if name == VIETNAMESE_ONLY else lang
    assert name in WITHOUT_TITLES or PROBLEM[spoken] in seen
    assert MESSAGE[spoken] in seen


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_formats_with_areas_count_an_own_check_among_the_others(report: SampleReport, lang: str) -> None:
    rows = csv.DictReader(io.StringIO(reading.only(report, "csv", lang).decode("utf-8-sig")))
    assert [AREA[lang] in row.values() for row in rows if ID in row.values()] == [True]
    assert AREA[lang] in set(cells(report, lang))
    assert f"\n{AREA[lang]} " in reading.everything(report, "text", lang)
    assert f">{AREA[lang].lower()}<" in reading.only(report, "html", lang).decode()


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_formats_in_rows_name_an_area_for_every_finding(report: SampleReport, name: str) -> None:
    if name == "csv":
        areas = [row["area"] for row in csv.DictReader(io.StringIO(reading.only(report, name).decode("utf-8-sig")))]
    else:
        areas = _column(reading.sheets(report), "Area")
    assert len(areas) >= len(report.findings)
    assert all(areas)


def _column(sheets: dict[str, reading.Cells], title: str) -> list[object]:
    """Return the cells below a title, where it heads a column of a sheet that names findings."""
    found: list[object] = []
    for rows in sheets.values():
        heads = [number for number, row in enumerate(rows) if title in row and "Check" in row]
        for number in heads[:1]:
            at = rows[number].index(title)
            found += [row[at] for row in rows[number + 1 :] if any(cell is not None for cell in row)]
    return found
