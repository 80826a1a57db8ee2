"""Finds a format by its name and loads its module, with its imports, only when the format is asked for."""

from collections.abc import Callable, Mapping

from reports.document import Options, RenderFn

Factory = Callable[[Options], RenderFn]


class UnknownFormat(ValueError):
    """A format that does not exist; the message lists those that do."""


def _csv(options: Options) -> RenderFn:
    from reports.formats import csv

    return csv.renderer(options)


def _docx(options: Options) -> RenderFn:
    from reports.formats import docx

    return docx.renderer(options)


def _html(options: Options) -> RenderFn:
    from reports.formats.html import page

    return page.renderer(options)


def _json(options: Options) -> RenderFn:
    from reports.formats import json

    return json.renderer(options)


def _jsonl(options: Options) -> RenderFn:
    from reports.formats import jsonl

    return jsonl.renderer(options)


def _junit(options: Options) -> RenderFn:
    from reports.formats import junit

    return junit.renderer(options)


def _oscal(options: Options) -> RenderFn:
    from reports.formats import oscal

    return oscal.renderer(options)


def _ocsf(options: Options) -> RenderFn:
    from reports.formats import ocsf

    return ocsf.renderer(options)


def _pdf(options: Options) -> RenderFn:
    from reports.formats import pdf

    return pdf.renderer(options)


def _text(options: Options) -> RenderFn:
    from reports.formats import text

    return text.renderer(options)


def _xlsx(options: Options) -> RenderFn:
    from reports.formats.xlsx import workbook

    return workbook.renderer(options)


_FACTORIES: Mapping[str, Factory] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
    "html": _html,
    "csv": _csv,
    "xlsx": _xlsx,
    "pdf": _pdf,
    "docx": _docx,
    "junit": _junit,
    "oscal": _oscal,
    "ocsf": _ocsf,
}
FORMATS = tuple(_FACTORIES)
FOLDERS = frozenset({"docx"})
"""The formats that write more than one file."""


def renderer(name: str, options: Options | None = None) -> RenderFn:
    """The function that writes a report in format ``name``. Raises UnknownFormat."""
    if name not in _FACTORIES:
        raise UnknownFormat(f"unknown format {name!r}; there are {', '.join(FORMATS)}")
    return _FACTORIES[name](options or Options())
