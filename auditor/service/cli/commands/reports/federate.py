"""Runs ``auditor federate``: exports a round's summary for a national centre, imports such files, reports on them."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from auditor.figures.comparison import Credibility
from auditor.figures.federation import ProvinceHead, ProvinceSummary
from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.framework.localdate import civil_day
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs import federation_files, sealed_file
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.federation_files import Issuer, KeptFile, TakenFile, kept_files, kept_summary
from auditor.service.runs.sealed_file import SealedFile, TrustedKey
from auditor.service.store import files as store_files
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports import federation
from reports.federation import FederationReport, ProvinceEntry

_FORMATS = ("text", "json", "html")


def export(
    run: str, path: Path, names: tuple[str | None, str | None], key: Path | None, options: Mapping[str, object]
) -> int:
    """Write the summary of a judged run or round to a sealed file, and print its digest."""
    config = load_config(options).config
    keep_files([path], force=config.force)
    with open_store(config.store, create=False) as store:
        judged = judged_run(RunId(run), store, catalogue.load())
        _check_whole(judged.run)
        issuer = _issuer(judged, *names)
        with writing(path), store_files.writing(path) as file:
            digest = federation_files.export_summary(file, judged, store, issuer, key)
            note(store, "summary_exported", f"{run} {issuer.round} {digest}")  # before the file has its name
    print(f"sha256:{digest}")
    return EXIT_OK


def _check_whole(run: RunRecord) -> None:
    """Refuse to export a run with figures that are not trusted here, or that re-checks a part of another run.

    A centre takes a file as the figures of the whole province, so the operator is warned of other incomplete runs.
    """
    if run.amends:
        raise refuse([ui("run {run} re-checks a part of run {of}: export that one", run=run.id, of=run.amends)])
    doubt = None if run.doubt is None else run.doubt.state
    if doubt is Credibility.WAITING:
        raise refuse([ui("run {run} is in doubt and cannot be exported before a repeat has decided", run=run.id)])
    if doubt is Credibility.VANTAGE:
        raise refuse([ui("the vantage was to blame for what changed in run {run}: export another one", run=run.id)])
    warnings: list[str] = []
    if doubt is Credibility.UNSETTLED:
        warnings.append(ui("run {run} is in doubt: no repeat has decided whether the vantage was to blame", run=run.id))
    if run.round is not None:
        warnings.append(ui("run {run} is of one vantage of round {of}: export that one", run=run.id, of=run.round))
    if run.is_part or run.state is not RunState.FINISHED:
        warnings.append(ui("run {run} covers a part: these are not the figures of the whole province", run=run.id))
    for text in warnings:
        print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)


def _issuer(judged: LoadedJudgement, province: str | None, round_name: str | None) -> Issuer:
    """Return the issuer of a summary: the province, its name, and the round, which is by default the month.

    The province is by default the only unit at the top of the inventory, which gives its name even if ``province`` is
    another code.
    """
    roots = judged.inventory.organisation.roots_in_force(civil_day(judged.run.started))
    top = roots[0] if len(roots) == 1 else None
    code = province or (None if top is None else top.code)
    if code is None:
        raise refuse([ui("name the province with --province: the inventory does not say which unit it is")])
    return Issuer(
        province=code,
        name=code if top is None else top.name,
        round=round_name or f"{civil_day(judged.run.started):%Y-%m}",
        issued=datetime.now(UTC),
    )


def import_files(paths: Sequence[Path], keys: Sequence[Path], options: Mapping[str, object]) -> int:
    """Import each file whole; the first unusable file ends the command, and the files imported before it stay."""
    with open_store(load_config(options).config.store) as store:
        for path in paths:
            file = sealed_file.read(path, federation_files.KIND, [TrustedKey(file=key) for key in keys])
            noted = partial(_note_import, store, file)
            taken = federation_files.import_summary(file, store, datetime.now(UTC), trusted=bool(keys), noted=noted)
            print(visible(f"{path.name}: {_told(taken)}"), file=sys.stderr)
    return EXIT_OK


def _note_import(store: Store, file: SealedFile, head: ProvinceHead) -> None:
    note(store, "summary_imported", f"{head.round} {head.province} {file.digest} {file.signer}".rstrip())


def _told(taken: TakenFile) -> str:
    head = {"province": taken.head.name or taken.head.province, "round": taken.head.round}
    if not taken.new:
        return ui("the file of {province} for round {round} is here already", **head)
    if taken.corrects:
        return ui("{province} corrects its figures of round {round}", **head)
    if taken.outdated:
        return ui("{province} issued a later file for round {round}, which counts", **head)
    return ui("{province}, round {round}", **head)


def report(round_name: str | None, options: Mapping[str, object]) -> int:
    """Print the table of provinces of a round, by default of the round with the latest issued file."""
    config = load_config(options).config
    outputs = [(form, path) for form, _, path in (word.partition("=") for word in config.format or ("text",))]
    unknown = [form for form, _ in outputs if form not in _FORMATS]
    if unknown:
        raise refuse([ui("unknown format '{name}'; there are {known}", name=unknown[0], known=", ".join(_FORMATS))])
    keep_files((Path(path) for _, path in outputs if path), force=config.force)
    with open_store(config.store, create=False) as store:
        made = _report(store, round_name)
    texts = Texts(language(), made.checks)
    for form, path in outputs:
        data = _rendered(made, form, texts)
        if path:
            with writing(Path(path)):
                store_files.write(Path(path), data)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    return EXIT_OK


def _report(store: Store, round_name: str | None) -> FederationReport:
    files = kept_files(store)
    latest: dict[str, datetime] = {}
    for (name, _), kept in files.items():
        issued = max(file.issued for file in kept)
        latest[name] = max(issued, latest.get(name, issued))
    if not latest:
        raise refuse([ui("the store holds no summary of any province: auditor federate import FILE")])
    wanted = round_name or max(sorted(latest), key=lambda name: latest[name])
    if wanted not in latest:
        known = ", ".join(sorted(latest))
        raise refuse([ui("no province reported round '{round}'; there are {known}", round=wanted, known=known)])
    entries = tuple(_entry(store, files[key]) for key in sorted(files) if key[0] == wanted)
    silent = tuple(_silent(store, files, {entry.summary.head.province for entry in entries}))
    return FederationReport(round=wanted, entries=entries, checks=catalogue.load().checks, silent=silent)


def _silent(
    store: Store, files: Mapping[tuple[str, str], Sequence[KeptFile]], told: Collection[str]
) -> Iterator[ProvinceSummary]:
    """Yield the latest summary of each province that reported only other rounds."""
    latest: dict[str, KeptFile] = {}
    for (_, province), (*_, counts) in files.items():
        if province not in told and (province not in latest or latest[province].issued < counts.issued):
            latest[province] = counts
    return (kept_summary(store, latest[province]) for province in sorted(latest))


def _entry(store: Store, kept: Sequence[KeptFile]) -> ProvinceEntry:
    *earlier, counts = kept
    corrected = tuple(kept_summary(store, file) for file in reversed(earlier))
    return ProvinceEntry(summary=kept_summary(store, counts), signer=counts.signer, corrected=corrected)


def _rendered(made: FederationReport, form: str, texts: Texts) -> bytes:
    if form == "json":
        return federation.plain(made, datetime.now(UTC))
    if form == "html":
        return federation.html(made, texts)
    return "".join(f"{visible(line)}\n" for line in federation.lines(made, texts)).encode("utf-8", "backslashreplace")
