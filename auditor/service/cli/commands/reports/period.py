"""Runs ``auditor report --period``: writes the report of a month, a quarter or a year."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from auditor.figures.period import Period, parse_period
from auditor.figures.period_report import PeriodReport
from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.framework.operator_problems import OperatorError, nearest, problem
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import tell_written, writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.runs.period_reporting import period_report
from auditor.service.store import files as store_files
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from reports.period.files import FORMATS, file_name
from reports.period.tables import summary, tables, title

_FOLDER_FORMATS = ("html", "json")


def period_named(word: str) -> Period:
    """Read the name of a period that an operator wrote."""
    try:
        return parse_period(word)
    except ValueError:
        raise refuse([ui("'{period}' is not a period; write 2026, 2026-Q3 or 2026-09", period=word)]) from None


def report_period(word: str, out: Path | None, options: Mapping[str, object]) -> int:
    """Write the report of a period: into the folder ``out``, into the named files, or to standard output."""
    period, config = period_named(word), load_config(options).config
    outputs = _outputs(config.format, out, period)
    keep_files((path for _, path in outputs if path is not None), force=config.force)
    with open_store(config.store, create=False) as store:
        made = period_report(period, store, catalogue.load(), datetime.now(UTC), config.report.issuer)
        note(store, "export", " ".join((period.name, made.progress.end.run, *(name for name, _ in outputs))))
    for name, path in outputs:
        data = _FORMATS[name](made, language())
        if path is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            continue
        with writing(path):
            store_files.write(path, data)
    tell_written([path for _, path in outputs if path is not None])
    return EXIT_OK


def _outputs(words: Sequence[str], out: Path | None, period: Period) -> list[tuple[str, Path | None]]:
    """Return the formats with the files that they go to; None is standard output."""
    pairs = [word.partition("=")[::2] for word in words] or [(name, "") for name in _FOLDER_FORMATS if out is not None]
    for name, _ in pairs:
        if name not in _FORMATS:
            known = ", ".join(_FORMATS)
            hint = nearest(name, _FORMATS)
            raise OperatorError(
                [problem("unknown format '{name}'; there are {known}", name=name, known=known, hint=hint)]
            )
    if out is not None:
        with writing(out):
            store_files.make_folders(out)
        return [(name, out / file_name(period, name)) for name, _ in pairs]
    outputs = [(name, Path(path) if path else None) for name, path in pairs or [("text", "")]]
    if sum(path is None for _, path in outputs) > 1:
        raise refuse([ui("only one format can go to standard output; give the others a path: --format json=FILE")])
    return outputs


def _text(report: PeriodReport) -> bytes:
    """Return the report as text for a terminal: sentences, then each table with a line for each row."""
    texts = Texts(language())
    lines = [title(report, texts), "", *summary(report, texts)]
    for table in tables(report, texts):
        if table.rows or table.note:
            lines += ["", table.title, *([f"  {table.note}"] if table.note else [])]
            lines += [f"  {row[0]}: {' · '.join(cell for cell in row[1:] if cell)}" for row in table.rows]
    return "".join(f"{visible(line)}\n" for line in lines).encode("utf-8", "backslashreplace")


_FORMATS: Mapping[str, Callable[[PeriodReport, str], bytes]] = {"text": lambda report, lang: _text(report), **FORMATS}
