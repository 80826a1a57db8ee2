"""Runs ``auditor report``: writes the reports of a judged run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.measuring.audit import folder_formats
from auditor.service.cli.exit_codes import exit_code
from auditor.service.cli.failures import refuse
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.output import tell_written, write_folder, write_outputs
from auditor.service.cli.wanted_outputs import parse_outputs
from auditor.service.cli.words import ui
from auditor.service.config.issuer import issuer
from auditor.service.garbage_collection import collect_rarely
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.members import member_records
from auditor.service.runs.agency_reports import agency_report
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import JudgementId, JudgementRecord, unknown
from auditor.service.store.url import open_store
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports.document import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChoice:
    """Selects the report: a run, its judgement, a member of a round, an agency; None for all or the default."""

    run: str
    judgement: str | None = None
    vantage: str | None = None
    agency: str | None = None


def report(choice: ReportChoice, out: Path | None, options: Mapping[str, object]) -> int:
    """Write the reports and return the exit code of the judgement."""
    config = load_config(options).config
    outputs = parse_outputs(config.format if out is None else (), default="text", force=config.force)
    issued = issuer(config)
    formats = folder_formats(config, out, force=config.force)
    known = catalogue.load()
    collect_rarely()
    with open_store(config.store, create=False) as store:
        judgement = _judgement(_member(RunId(choice.run), choice.vantage, store), choice.judgement, store)
        judged = stored_judgement(judgement, store, known)
        made = _report(judged, choice.agency, store, known)
        words = (choice.run, judged.id, choice.agency, *(config.format or ()), None if out is None else str(out))
        note(store, "export", " ".join(filter(None, words)))
        if out is None:
            write_outputs(
                made, outputs, lang=config.lang, issuer=issued, color=config.color, everything=STATE.verbosity > 0
            )
        else:
            tell_written(write_folder(made, out, formats, lang=config.lang, issuer=issued))
        return exit_code(judged.id, store, config.fail_on, ipv6_only=judged.conditions.ipv6_only)


def _report(judged: LoadedJudgement, agency: str | None, store: DatabaseStore, known: Catalogue) -> Report:
    """Return the report of everything, or of one agency."""
    if agency is None:
        return StoredReport(judged, store, known)
    return agency_report(judged, AgencyId(agency), store, known, Inventories(store.database))


def _member(run: RunId, vantage: str | None, store: Store) -> RunId:
    """Return the run itself, or the member of a round that was measured from a vantage."""
    if vantage is None:
        return run
    known = {member.vantage: member.id for member in member_records(store.run(run), store)}
    if vantage not in known:
        raise refuse([ui("this round has no vantage {name}; there are {known}", name=vantage, known=", ".join(known))])
    return known[vantage]


def _judgement(run: RunId, chosen: str | None, store: Store) -> JudgementRecord:
    """Return the judgement that was chosen, or by default the judgement that is shown of a run."""
    if chosen is not None:
        known = {judgement.id: judgement for judgement in store.judgements(run)}
        if JudgementId(chosen) not in known:
            raise unknown("judgement", chosen, known)
        return known[JudgementId(chosen)]
    found = store.latest_judgement(store.run(run).id)
    if found is None:
        raise refuse([ui("run {run} has not been judged: auditor judge {run}", run=run)])
    return found
