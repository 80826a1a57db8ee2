"""Writes results to standard output, single files or a folder of reports."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from auditor.framework.operator_problems import unwritable
from auditor.service.cli.failures import EXIT_INTERNAL, Ended, refuse
from auditor.service.cli.global_options import colored
from auditor.service.cli.rendering import Rendering, render
from auditor.service.cli.wanted_outputs import Output
from auditor.service.cli.words import ui
from auditor.service.store import files
from reports.document import Options, Report
from reports.issuer import ReportIssuer
from reports.registry import FOLDERS, renderer
from reports.terminal.summary import summary

MOST_PATHS = 8
"""Maximum number of files named on the terminal; a province has a page for each agency."""


_WIDEST = 120
"""Columns; longer lines are hard to read."""


class _Stdout:
    many = False

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """End the command with a one-line message if writing fails, such as on a full disk.

    Measurements are still in the store, if there is one.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        refuse([unwritable(error, at=str(path)).worded(ui)])
        raise Ended(EXIT_INTERNAL) from error


def write_outputs(
    report: Report, outputs: Sequence[Output], *, lang: str, issuer: ReportIssuer, color: str, everything: bool
) -> None:
    """Render each format to its destination."""
    renderings: list[Rendering] = []
    for output in outputs:
        options = Options(
            lang=lang,
            issuer=issuer,
            color=output.path is None and colored(color),
            ascii=output.path is None and needs_ascii(),
            width=terminal_width() if output.path is None else None,
            everything=everything,
        )
        if output.path is None:
            with writing(Path("-")):
                renderer(output.format, options)(report, _Stdout())
        else:
            renderings.append(_rendering(output.format, output.path, options))
    written = _rendered(report, renderings)
    if len(renderings) == len(outputs):
        tell_written([path for path in written if path.is_file()])


def write_summary(report: Report, *, lang: str, color: str) -> None:
    """Print the end of an audit in a few lines."""
    options = Options(lang=lang, color=colored(color), ascii=needs_ascii(), width=terminal_width())
    for line in summary(report, options):
        print(line)


def tell_written(paths: Sequence[Path]) -> None:
    """Print the files that were written; of files in own folders, or of more than a few, only the number."""
    top = min((len(path.parts) for path in paths), default=0)
    shown = [path for path in paths if len(path.parts) == top][:MOST_PATHS]
    for path in shown:
        print(path)
    rest = (path for path in paths if path not in shown)
    for folder, n in Counter(
        Path(*path.parts[:top]) if len(path.parts) > top else path.parent for path in rest
    ).items():
        print(ui("and {n:n} more {n/file/files} in {folder}", n=n, folder=str(folder)))


def _rendering(format: str, path: Path, options: Options) -> Rendering:
    folder = format in FOLDERS
    if folder:
        with writing(path):
            files.make_folder(path)
    return Rendering(format=format, options=options, path=path, folder=folder)


def write_folder(
    report: Report, folder: Path, formats: Sequence[str], *, lang: str, issuer: ReportIssuer
) -> list[Path]:
    """Render formats into a folder and return the files written."""
    options = Options(lang=lang, issuer=issuer)
    return _rendered(
        report, [Rendering(format=format, options=options, path=folder, folder=True) for format in formats]
    )


def _rendered(report: Report, renderings: Sequence[Rendering]) -> list[Path]:
    written: list[Path] = []
    for rendering, done in zip(renderings, render(report, renderings), strict=True):
        with writing(rendering.path):
            if isinstance(done, OSError):
                raise done
            written += done
            if rendering.folder and not done:
                text = ui("{format}: no file was written, since no agency has anything to fix", format=rendering.format)
                print(f"auditor: {text}", file=sys.stderr)
    return written


def terminal_width() -> int | None:
    """Return the columns that lines are folded at; None where standard output is no terminal."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else None


def needs_ascii() -> bool:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return not encoding.startswith("utf")
