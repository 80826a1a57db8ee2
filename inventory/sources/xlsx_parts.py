"""Finds the member of an XLSX archive in which each sheet is written."""

import posixpath
import zipfile
from collections.abc import Callable, Mapping
from xml.parsers import expat

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"


def sheet_members(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Return member names by the names of sheets; empty where the workbook's parts are not in Excel's usual places."""
    names = set(archive.namelist())
    if not {_BOOK, _LINKS} <= names:
        return {}
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def read_sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            ids[attributes.get("name", "")] = link

    def read_link(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("xl", attributes.get("Target", "")))

    _parse(archive.read(_BOOK), read_sheet)
    _parse(archive.read(_LINKS), read_link)
    return {name: targets[link].lstrip("/") for name, link in ids.items() if link in targets}


def _parse(text: bytes, start: Callable[[str, Mapping[str, str]], None]) -> None:
    """Parse a text as XML; raise BadZipFile if it is none."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise zipfile.BadZipFile(str(error)) from error
