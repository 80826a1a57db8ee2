"""Renders several formats of a stored report side by side, each in a process of its own.

A small report is written in this process, which takes less time than starting others; so is output to a terminal or
pipe that is open in this process.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from auditor.framework import catalogue
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.processes.process_handover import hand_over
from auditor.service.pipeline.processes.process_pool import ProcessPool, cores
from auditor.service.runs.publishing import StoredReport
from auditor.service.store import files
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId
from reports.document import Options, Report
from reports.registry import renderer

WORTH_PROCESSES = 30_000
"""Number of findings, times the number of formats less one, from which separate processes are faster.

The longest format is written in any case, and a process takes well over a second of CPU to start.
"""
_OURS = ("/dev", "/proc")
"""Folders with files that may be descriptors of this process."""


class FileSink:
    """Writes one file; the format does not choose its name."""

    many = False

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        return files.writing(self._path)


class FolderSink:
    """Writes files into a folder, under the names that the format gives them."""

    many = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.written: list[Path] = []

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        path = self._folder / name
        files.make_folder(path.parent)
        with files.writing(path) as out:
            yield out
        self.written.append(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Holds how and where one format of a report is written; into a folder if the format names its files."""

    format: str
    options: Options
    path: Path
    folder: bool

    def write(self, report: Report) -> Sequence[Path]:
        """Render the report and return the files written."""
        sink = FolderSink(self.path) if self.folder else FileSink(self.path)
        renderer(self.format, self.options)(report, sink)
        return sink.written if isinstance(sink, FolderSink) else (self.path,)


def render(report: Report, wanted: Sequence[Rendering]) -> Iterator[Sequence[Path] | OSError]:
    """Write the renderings, and yield the files or the error of each, in order."""
    if not _apart(report, wanted):
        yield from (_attempted(rendering, report) for rendering in wanted)
        return
    assert isinstance(report, StoredReport)
    count = min(cores(), len(wanted))
    begun = hand_over((begin, report.store, report.judgement, Path.cwd()), report.store)
    with ProcessPool[Rendering, Sequence[Path] | OSError](count, begun) as processes:
        yield from processes.each(wanted)


def begin(store: Store, judgement: JudgementId, folder: Path) -> Callable[[Rendering], Sequence[Path] | OSError]:
    """Return the function that a separate process applies to each rendering; relative paths start at ``folder``."""
    os.chdir(folder)
    known = catalogue.load()
    report = StoredReport(stored_judgement(store.judgement(judgement), store, known), store, known)
    return lambda rendering: _attempted(rendering, report)


def _attempted(rendering: Rendering, report: Report) -> Sequence[Path] | OSError:
    try:
        return rendering.write(report)
    except OSError as error:
        return error


def _apart(report: Report, wanted: Sequence[Rendering]) -> bool:
    if len(wanted) < 2 or cores() < 2 or not isinstance(report, StoredReport) or report.store.url is None:
        return False
    if any(str(rendering.path.absolute()).startswith(_OURS) or not _plain(rendering.path) for rendering in wanted):
        return False
    return sum(report.summary.values()) * (len(wanted) - 1) >= WORTH_PROCESSES


def _plain(path: Path) -> bool:
    return path.is_file() or path.is_dir() or not path.exists()
