"""Sheets are found by the links of the workbook, not by the order of the members."""

import io
import zipfile

import pytest

from inventory.sources.xlsx_parts import sheet_members


def _archive(book: str, links: str) -> zipfile.ZipFile:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", links)
    return zipfile.ZipFile(written)


_BOOK = (
    '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="rId2"/><sheet name="B" r:id="rId1"/>'
    '<sheet name="C" r:id="rId9"/></sheets></workbook>'
)
_LINKS = (
    '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
)


def test_sheet_members_follow_the_links() -> None:
    with _archive(_BOOK, _LINKS) as archive:
        assert sheet_members(archive) == {"A": "xl/worksheets/sheet2.xml", "B": "xl/worksheets/sheet1.xml"}


def test_sheet_members_of_a_workbook_elsewhere_are_none() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a/workbook.xml", _BOOK)
    with zipfile.ZipFile(written) as archive:
        assert sheet_members(archive) == {}


def test_sheet_members_of_broken_links_is_a_broken_archive() -> None:
    with _archive("<workbook>", _LINKS) as archive, pytest.raises(zipfile.BadZipFile):
        sheet_members(archive)
