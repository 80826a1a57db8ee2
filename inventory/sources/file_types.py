"""Recognises the type of a file by its bytes, because file names are often wrong.

A reader that guesses by itself may take the file for another type than the one that was inspected.
"""

import io
import zipfile
from enum import StrEnum

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 4096


class Content(StrEnum):
    """Names the types of content that are told apart. UNKNOWN is everything else, broken files among them."""

    TEXT = "text"
    HTML = "html"
    XLSX = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"
    XLS = "xls"
    PDF = "pdf"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"


WORKBOOKS = frozenset({Content.XLSX, Content.ODS, Content.XLS})
"""The workbooks that can be read."""


def recognise(data: bytes) -> Content:
    """Return the type of a file's content; raise nothing. Only the list of members of an archive is read."""
    if data.startswith(_OLE):
        return Content.XLS
    if data.startswith(b"%PDF-"):
        return Content.PDF
    if data.startswith(b"PK") or zipfile.is_zipfile(io.BytesIO(data)):
        return _of_archive(data)
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")):
        return Content.HTML
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or not _is_binary(data[:_HEAD]):
        return Content.TEXT
    return Content.UNKNOWN


def _is_binary(head: bytes) -> bool:
    """True if bytes are no text: UTF-16 has a zero only in every second byte; other text has none."""
    zeros = head.count(0)
    return zeros > 0 and max(head[0::2].count(0), head[1::2].count(0)) < zeros


def _of_archive(data: bytes) -> Content:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return Content.UNKNOWN
    if "xl/workbook.bin" in names:
        return Content.XLSB
    if "xl/workbook.xml" in names or "[content_types].xml" in names:
        return Content.XLSX
    return Content.ODS if "content.xml" in names else Content.ARCHIVE
