"""Runs ``auditor audit``: measures an inventory, keeps the run in a store and writes its reports."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.framework.operator_problems import OperatorError, nearest, unwritable
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.measuring.check import kind_of
from auditor.service.cli.commands.measuring.rounds import measure_round, members_of
from auditor.service.cli.commands.measuring.running import judge_run, measure
from auditor.service.cli.exit_codes import exit_code
from auditor.service.cli.failures import EXIT_INTERNAL, EXIT_INTERRUPTED, refuse
from auditor.service.cli.file_protection import keep_private
from auditor.service.cli.global_options import STATE, command_again, command_of_run, load_config
from auditor.service.cli.inventory_texts import warning_line
from auditor.service.cli.neighbour_warning import warn_of_neighbours
from auditor.service.cli.output import tell_written, write_folder, write_outputs, write_summary
from auditor.service.cli.replacing import kept_in_folder
from auditor.service.cli.scope_warning import warn_of_no_scope
from auditor.service.cli.wanted_outputs import Output, parse_outputs, replaced
from auditor.service.cli.words import language, ui
from auditor.service.config.issuer import issuer
from auditor.service.config.model import Config
from auditor.service.inventories.file_reading import load_files
from auditor.service.inventories.named_inventory import is_kept, load_named
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.pipeline.plan.round_membership import join
from auditor.service.runs.mass_change import doubtful
from auditor.service.runs.publishing import StoredReport
from auditor.service.scheduler.members import check_vantages
from auditor.service.scheduler.model import HOURS
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.files import make_folder
from auditor.service.store.records import RunState, StoreError, StoreFailed
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.inventory import Inventory
from inventory.loader import LoadedInventory
from inventory.problems.summary import summary
from probes.framework.evidence import RunId
from reports.issuer import ReportIssuer
from reports.registry import WRITES


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """Selects the part of an inventory that a run audits, and the run or round that it belongs to.

    ``amends`` is the run that this one adds to. ``subjects`` are the only subjects to audit. ``round`` is the id or
    name of the round that the run joins. ``vantages`` are those of a round that is made for them; it waits for their
    workers at most ``hours``. ``kind`` limits the run to subjects of that kind.
    """

    amends: str = ""
    subjects: tuple[str, ...] = ()
    round: str = ""
    vantages: tuple[str, ...] = ()
    hours: float = HOURS
    kind: str | None = None


FOLDER_FORMATS = ("html", "json")


def audit(
    files: Sequence[Path],
    out: Path | None,
    name: str,
    resume: str | None,
    recheck: Recheck,
    options: Mapping[str, object],
) -> int:
    """Audit, report, and return the exit code."""
    config = load_config(options).config
    if recheck.vantages and recheck.round:
        raise refuse([ui("--vantage makes a round, --round joins one: use one of the two")])
    check_vantages(recheck.vantages, config)
    force = config.force or resume is not None  # its own files are known only with the run
    outputs = parse_outputs(config.format, default="text", force=force) if config.format and out is None else ()
    issued = issuer(config)
    formats = folder_formats(config, out, force=force)
    part = bool(recheck.subjects or recheck.kind or options.get("only") or options.get("skip"))
    run_plan = _plan(files, config, name, resume, recheck, part=part)
    with open_store(config.store) as store:
        keep_private(config.store)
        if recheck.amends:
            store.run(RunId(recheck.amends))
        _check_resume(run_plan, store, resume)
        if resume is not None and not config.force:
            _keep_earlier(outputs, out, formats, since=store.run(run_plan.run).started)
        note(store, "run_started", " ".join((run_plan.run, *map(str, files), *_exports(config, out))))
        round = _round(run_plan, store, recheck) if resume is None else None
        ending = _Ending(config=config, outputs=outputs, out=out, formats=formats, issued=issued, recheck=recheck)
        try:
            return _audited(run_plan, store, ending, resumed=resume is not None, round=round)
        except StoreFailed as error:
            return _stopped(error, run_plan, store)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """Holds the outputs of a measured run. ``out`` is a folder for reports in ``formats``."""

    config: Config
    outputs: Sequence[Output]
    out: Path | None
    formats: Sequence[str]
    issued: ReportIssuer
    recheck: Recheck


def _round(run_plan: Plan, store: Store, wanted: Recheck) -> RunId | None:
    """Find or make the round that the run joins, print it, and return its id; None if no round is wanted."""
    if not wanted.round:
        return None
    found = join(wanted.round, run_plan, store, datetime.now(UTC))
    print(ui("round {round}: measured from {vantage}", round=found, vantage=run_plan.vantage.name), file=sys.stderr)
    return found


def _measured(run_plan: Plan, store: DatabaseStore, ending: _Ending, *, resumed: bool, round: RunId | None) -> None:
    """Measure a run from here, or a round from all its vantages."""
    config, wanted = ending.config, ending.recheck
    members = members_of(run_plan, store, config, wanted.vantages, resumed=resumed)
    if members is not None:
        measure_round(run_plan, members, wanted.hours, resumed=resumed, evidence=config.evidence)
        return
    try:
        measure(run_plan, store, resumed=resumed, evidence=config.evidence, round=round)
    except KeyboardInterrupt:
        store.finish_run(run_plan.run, datetime.now(UTC), RunState.INTERRUPTED)
        raise


def _audited(run_plan: Plan, store: DatabaseStore, ending: _Ending, *, resumed: bool, round: RunId | None) -> int:
    config, issued = ending.config, ending.issued
    try:
        _measured(run_plan, store, ending, resumed=resumed, round=round)
    except KeyboardInterrupt:
        _tell_how_to_resume(run_plan, ui("Interrupted; what was measured is kept. Go on with:"))
        return EXIT_INTERRUPTED
    try:
        judged = judge_run(run_plan.run, store, run_plan.catalogue, run_plan.inventory)
    except KeyboardInterrupt:  # judging a province takes minutes
        print(ui("Interrupted; what was measured is kept. Go on with:"), file=sys.stderr)
        print(f"  {command_of_run('judge', run_plan.run)}", file=sys.stderr)
        return EXIT_INTERRUPTED
    report = StoredReport(judged, store, run_plan.catalogue)
    if ending.outputs:
        write_outputs(
            report, ending.outputs, lang=config.lang, issuer=issued, color=config.color, everything=STATE.verbosity > 0
        )
    else:
        write_summary(report, lang=config.lang, color=config.color)
    if ending.out is not None:
        tell_written(write_folder(report, ending.out, ending.formats, lang=config.lang, issuer=issued))
    if not ending.outputs:
        print(ui("everything in words: {command}", command=command_of_run("report", judged.run.id)))
    if not ending.recheck.amends and not ending.recheck.subjects and ending.recheck.kind is None:
        tell_doubt(judged.run.id, store, run_plan.catalogue)
    return exit_code(judged.id, store, config.fail_on, ipv6_only=judged.conditions.ipv6_only)


def _stopped(error: StoreFailed, run_plan: Plan, store: Store) -> int:
    """Return the exit code of an audit that ended because the store failed, and print how to resume it.

    If the store does not have the run yet, raise ``error``, as if no audit had been requested.
    """
    try:
        store.run(run_plan.run)
    except StoreError:
        raise error from None
    refuse([ui(error.template, **error.args_by_name)])
    _tell_how_to_resume(run_plan, ui("What was measured until then is kept. Go on with:"))
    return EXIT_INTERNAL


def _tell_how_to_resume(run_plan: Plan, said: str) -> None:
    print(said, file=sys.stderr)
    print(f"  {command_again(without='--resume', more=('--resume', run_plan.run))}", file=sys.stderr)


def _exports(config: Config, out: Path | None) -> Sequence[str]:
    """Return the formats and folders to which results are exported besides the store."""
    return (*config.format, *(str(path) for path in (out, config.evidence) if path is not None))


def tell_doubt(run: RunId, store: Store, known: Catalogue) -> None:
    """Warn if the run is in doubt, with the command that repeats it; at a terminal no audit is repeated by itself."""
    doubt = doubtful(run, store, known, datetime.now(UTC))
    if doubt is None:
        return
    areas, again = ", ".join(map(Texts(language()).area, doubt.areas)), command_again(without="--resume", more=())
    text = ui(
        "since run {run} so many subjects changed at once ({areas}) that the vantage is to be checked before"
        " any agency is told. Repeat the audit with:",
        run=doubt.base,
        areas=areas,
    )
    print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)
    print(f"  {again}", file=sys.stderr)


def folder_formats(config: Config, out: Path | None, *, force: bool) -> Sequence[str]:
    """Return the formats for the folder ``--out``, which is made if its parent exists.

    Without ``force``, refuse to replace a file of an earlier report in it.
    """
    if out is None:
        return ()
    if not out.is_dir():
        _make_folder(out)
    words = config.format or FOLDER_FORMATS
    parse_outputs([f"{word.partition('=')[0]}={out / 'report'}" for word in words], default="html")
    formats = [word.partition("=")[0] for word in words]
    if not force and (line := _replaced_in(out, formats)) is not None:
        raise refuse([line])
    return formats


def _replaced_in(out: Path, formats: Sequence[str], since: datetime | None = None) -> str | None:
    return kept_in_folder(out, [pattern for name in formats for pattern in WRITES[name]], since=since)


def _keep_earlier(outputs: Sequence[Output], out: Path | None, formats: Sequence[str], *, since: datetime) -> None:
    """Refuse to replace files from before a resumed run began; the files that the run wrote itself may be replaced."""
    lines = [*replaced(outputs, since=since), None if out is None else _replaced_in(out, formats, since)]
    if refused := [line for line in lines if line is not None]:
        raise refuse(refused)


def _make_folder(out: Path) -> None:
    try:
        make_folder(out)
    except FileExistsError as error:
        raise refuse([ui("{path} exists and is not a folder", path=str(out))]) from error
    except OSError as error:
        raise OperatorError([unwritable(error, at=str(out))]) from error


def _plan(
    files: Sequence[Path], config: Config, name: str, resume: str | None, recheck: Recheck, *, part: bool
) -> Plan:
    loaded = named_inventory([str(file) for file in files], config)
    for warning in summary(loaded.warnings):
        print(f"auditor: {warning_line(warning)}", file=sys.stderr)
    run_plan = plan(
        of_kind(_chosen(loaded.inventory, recheck.subjects), recheck.kind),
        config,
        catalogue.load(),
        profile="audit",
        name=name,
        now=datetime.now(UTC),
        own=own_addresses,
        run=None if resume is None else RunId(resume),
        without_units=bool(recheck.subjects),  # chosen rows do not show which units declare nothing
    )
    warn_of_no_scope(config)
    warn_of_neighbours(loaded.inventory)
    return replace(run_plan, amends=recheck.amends, part=part)


def named_inventory(words: Sequence[str], config: Config) -> LoadedInventory:
    """Load an inventory from files or, by its name, from the store; the store is opened only for a name."""
    if not is_kept(words):
        return load_files([Path(word) for word in words])
    with open_store(config.store) as store:
        return load_named(words, store)


def _chosen(inventory: Inventory, subjects: Sequence[str]) -> Inventory:
    """Return the inventory with only these subjects, or the whole inventory if none are named."""
    known = {subject.id for subject in inventory.subjects}
    unknown = [subject for subject in subjects if subject not in known]
    if unknown:
        hints = [(text, nearest(text, known)) for text in unknown]
        raise refuse(
            ui("no subject '{subject}' in the inventory", subject=name) + (hint.worded(ui) if hint else "")
            for name, hint in hints
        )
    chosen = tuple(subject for subject in inventory.subjects if subject.id in subjects)
    return replace(inventory, subjects=chosen) if subjects else inventory


def of_kind(inventory: Inventory, word: str | None) -> Inventory:
    """Return the inventory with only the subjects of one kind; having none of that kind is a usage error."""
    kind = kind_of(word)
    if kind is None:
        return inventory
    chosen = tuple(subject for subject in inventory.subjects if kind in subject.kinds)
    if not chosen:
        known = sorted({subject.kind.value for subject in inventory.subjects})
        raise refuse(
            [ui("no subject of the kind {kind} in the inventory; it has {known}", kind=word, known=", ".join(known))]
        )
    return replace(inventory, subjects=chosen)


def _check_resume(run_plan: Plan, store: Store, resume: str | None) -> None:
    """Refuse to resume a run with another inventory or other settings: they decide the meaning of its evidence."""
    if resume is None:
        return
    record = store.run(RunId(resume))
    problems = []
    if record.inventory != f"sha256:{run_plan.inventory.digest().removeprefix('sha256:')}":
        problems.append(ui("run {run} was made with another inventory", run=resume))
    if record.options != run_plan.options():
        problems.append(ui("run {run} was made with other checks or settings", run=resume))
    if problems:
        raise refuse(problems)
