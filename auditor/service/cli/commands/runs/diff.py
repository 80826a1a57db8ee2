"""Runs ``auditor diff``: compares two runs; exit 5 where a finding that passed fails now."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.framework import catalogue
from auditor.service.cli.failures import EXIT_OK, EXIT_REGRESSION, refuse
from auditor.service.cli.global_options import STATE, colored, load_config
from auditor.service.cli.output import needs_ascii, writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import RunComparison, compare, judged_run, previous
from auditor.service.runs.path_events import path_changes_of
from auditor.service.store import files
from auditor.service.store.api import Store
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports import changes
from reports.json_data import BilingualTexts, encode
from reports.terminal.layout import style

_FORMATS = ("text", "json")


def diff(runs: Sequence[str], latest: str | None, agency: str | None, options: Mapping[str, object]) -> int:
    """Print how two runs differ, the earlier first, or ``latest`` and the run before it; return the exit code."""
    config = load_config(options).config
    form, path = _output(config.format)
    keep_files([] if path is None else [path], force=config.force)
    known = catalogue.load()
    with open_store(config.store, create=False) as store:
        run, other = _runs(runs, latest, store)
        unit = None if agency is None else AgencyId(agency)
        comparison = compare(judged_run(run, store, known), judged_run(other, store, known), store, agency=unit)
        _check_agency(comparison, unit)
        text = _rendered(
            _report(comparison, store, whole=unit is None),
            form,
            color=colored(config.color) and path is None,
            ascii_only=path is None,
        )
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    else:
        with writing(path):
            files.write(path, text)
    return EXIT_REGRESSION if comparison.comparison.regressions else EXIT_OK


def _output(words: tuple[str, ...]) -> tuple[str, Path | None]:
    if len(words) > 1:
        raise refuse([ui("one format at a time: text or json")])
    name, _, path = (words[0] if words else "text").partition("=")
    if name not in _FORMATS:
        raise refuse([ui("unknown format '{name}'; there are {known}", name=name, known=", ".join(_FORMATS))])
    return name, Path(path) if path else None


def _runs(runs: Sequence[str], latest: str | None, store: Store) -> tuple[RunId, RunId]:
    if latest is not None and not runs:
        return previous(RunId(latest), store), RunId(latest)
    if latest is not None or len(runs) != 2:
        raise refuse([ui("name two runs, the earlier one first, or one with --previous")])
    return RunId(runs[0]), RunId(runs[1])


def _check_agency(comparison: RunComparison, agency: AgencyId | None) -> None:
    sides: tuple[LoadedJudgement, LoadedJudgement] = (comparison.before, comparison.after)
    if agency is not None and all(side.inventory.organisation.unit(agency) is None for side in sides):
        raise refuse([ui("no unit '{agency}' in the inventory of either run", agency=agency)])


def _report(comparison: RunComparison, store: Store, *, whole: bool) -> changes.ChangeReport:
    return changes.ChangeReport(
        before=_run(comparison.before),
        after=_run(comparison.after),
        comparison=comparison.comparison,
        findings=comparison.findings,
        paths=path_changes_of(comparison.after.run, store, since=comparison.before.run) if whole else (),
    )


def _run(judged: LoadedJudgement) -> changes.ComparedRun:
    record = judged.record
    return changes.ComparedRun(
        id=judged.run.id,
        name=judged.run.name,
        started=judged.run.started.isoformat().replace("+00:00", "Z"),
        judgement=judged.id,
        catalogue=record.catalogue,
        policy=record.policy,
        rules=judged.policy.rules().digest(),
        networks=judged.run.networks,
    )


def _rendered(report: changes.ChangeReport, form: str, *, color: bool, ascii_only: bool) -> bytes:
    if form == "json":
        return encode(changes.plain(report, BilingualTexts(Texts("vi"), Texts("en")))) + b"\n"
    look = style(color=color, ascii_only=ascii_only and needs_ascii())
    lines = changes.lines(report, Texts(language()), look, everything=STATE.verbosity > 0)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
