"""Finds the module that writes a format; it is imported when that format is requested.

A format is one line here and one module with ``renderer(options) -> RenderFn``.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line lists the formats, and writes a report in none of them most of the time
    from reports.document import Options, RenderFn

_MODULES: Mapping[str, str] = {
    "text": "text",
    "json": "json",
    "jsonl": "jsonl",
    "html": "html.page",
    "csv": "csv",
    "xlsx": "xlsx.workbook",
    "pdf": "pdf",
    "docx": "docx",
    "junit": "junit",
    "oscal": "oscal",
    "ocsf": "ocsf",
    "defectdojo": "defectdojo",
    "ics": "ics",
}
FORMATS = tuple(_MODULES)
NEEDED: Mapping[str, tuple[str, ...]] = {
    "xlsx": ("xlsxwriter",),
    "pdf": ("typst", "fontpkg_be_vietnam_pro"),
    "docx": ("docxtpl",),
}
"""The packages of a format that not every installation has."""
WRITES: Mapping[str, tuple[str, ...]] = {
    "text": ("report.txt",),
    "json": ("result.json",),
    "jsonl": ("findings.jsonl",),
    "html": ("report.html", "agencies/*.html"),
    "csv": ("findings.csv",),
    "xlsx": ("findings.xlsx",),
    "pdf": ("summary.pdf",),
    "docx": ("cong-van-*.docx",),
    "junit": ("junit.xml",),
    "oscal": ("assessment-results.json",),
    "ocsf": ("findings.ocsf.jsonl",),
    "defectdojo": ("findings.defectdojo.json",),
    "ics": ("calendar.ics",),
}
"""The files that a format writes into a folder, as patterns; each is checked before it would replace a file."""
FOLDERS = frozenset({"docx"})
"""The formats that write more than one file."""


class UnknownFormat(ValueError):
    """A format that does not exist; the message lists those that do."""


def renderer(name: str, options: "Options | None" = None) -> "RenderFn":
    """Return the function that writes a report in format ``name``. Raises UnknownFormat."""
    if name not in _MODULES:
        raise UnknownFormat(f"unknown format {name!r}; there are {', '.join(FORMATS)}")
    from reports.document import Options

    made: RenderFn = import_module(f"reports.formats.{_MODULES[name]}").renderer(options or Options())
    return made
