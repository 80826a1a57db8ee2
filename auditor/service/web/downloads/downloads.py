"""Writes reports into temporary files and sends them: one format, the letter to one agency, or all letters as a ZIP."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from typing import BinaryIO

from aiohttp.web import Request, StreamResponse

from auditor.service.store.files import temporary_folder, writing
from auditor.service.web.site import Site, run_in_thread
from reports.document import Options, RemediationStatus, Report
from reports.registry import renderer

DOWNLOADS = ("html", "pdf", "xlsx", "csv", "json")
LETTERS = "letters"
"""Names all letters of a report in one ZIP file."""
LETTER = "letter"
"""Names the letter to one agency."""
_LETTER_FORMAT = "docx"
_PIECE = 256 * 1024


class ReportFile:
    """Holds one report in a temporary file that is deleted once sent; ``name`` is empty while nothing was written."""

    many = False

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.path = self._stack.enter_context(temporary_folder("report-")) / "report"
        self.name = ""

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        self.name = name
        with writing(self.path) as out:
            yield out

    def remove(self) -> None:
        self._stack.close()


class _Zipped:
    """Puts the files of a format that writes many into a ZIP file."""

    many = True

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        with self._archive.open(name, "w") as out:
            yield out  # type: ignore[misc]


def written_report(
    site: Site,
    read: Callable[[], Report | None],
    kind: str,
    lang: str,
    work: Callable[[], Mapping[str, RemediationStatus]] = dict,
) -> ReportFile | None:
    """Read a report and write it in a format of one file, or all letters. None where there is nothing to write.

    ``work``: the remediation status of its problems, for a workbook.
    """
    report = read()
    if report is None:
        return None
    sink, options = ReportFile(), Options(lang=lang, issuer=site.issuer, work=work() if kind == "xlsx" else {})
    if kind == LETTERS:
        with sink.open("letters.zip") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            renderer(_LETTER_FORMAT, options)(report, _Zipped(archive))
            written = bool(archive.namelist())
    else:
        renderer(_LETTER_FORMAT if kind == LETTER else kind, options)(report, sink)
        written = bool(sink.name)
    if not written:
        sink.remove()
    return sink if written else None


async def send_report(
    sink: ReportFile, about: str, request: Request, more: Mapping[str, str] = MappingProxyType({})
) -> StreamResponse:
    """Send a report as a file to be saved; ``about`` begins its name, ``more`` are headers beside the usual ones."""
    headers = {
        **more,
        "Content-Disposition": f'attachment; filename="{about}-{sink.name}"',
        "Content-Type": "application/octet-stream",
    }
    response = StreamResponse(headers=headers)
    response.content_length = sink.path.stat().st_size
    try:
        await response.prepare(request)
        with sink.path.open("rb") as file:
            while piece := await run_in_thread(file.read, _PIECE):
                await response.write(piece)
        await response.write_eof()
    finally:
        await run_in_thread(sink.remove)
    return response
