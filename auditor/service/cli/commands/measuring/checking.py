"""Measures, judges and reports the subjects of ``auditor check``, and keeps nothing."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from auditor.framework import catalogue
from auditor.framework.message_format import clean
from auditor.judging.cut_short import has_no_address
from auditor.service.cli.commands.measuring.running import judge_run, measure
from auditor.service.cli.exit_codes import exit_code
from auditor.service.cli.failures import EXIT_INTERRUPTED
from auditor.service.cli.global_options import STATE
from auditor.service.cli.output import write_outputs
from auditor.service.cli.wanted_outputs import Output
from auditor.service.cli.words import ui
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from inventory.inventory import Inventory
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet
from reports.issuer import ReportIssuer


def check_subjects(
    subjects: Sequence[Subject],
    config: Config,
    outputs: Sequence[Output],
    issued: ReportIssuer,
    *,
    announce: Callable[[Sequence[Subject]], None] | None = None,
) -> int:
    """Check, print, and return the exit code. ``announce`` is called once the request is known to be possible."""
    run_plan = plan(
        Inventory(subjects=tuple(subjects)),
        config,
        catalogue.load(),
        profile="quick",
        name="",
        now=datetime.now(UTC),
        own=own_addresses,
    )
    if announce is not None:
        announce(subjects)
    with MemoryStore() as store:
        try:
            measure(run_plan, store, evidence=config.evidence, each=True)
        except KeyboardInterrupt:
            print(ui("Interrupted; nothing was judged."), file=sys.stderr)
            return EXIT_INTERRUPTED
        _tell_of_no_address(subjects, run_plan, store)
        judged = judge_run(run_plan.run, store, run_plan.catalogue, run_plan.inventory)
        report = StoredReport(judged, store, run_plan.catalogue)
        write_outputs(
            report, outputs, lang=config.lang, issuer=issued, color=config.color, everything=STATE.verbosity > 0
        )
        return exit_code(judged.id, store, config.fail_on, ipv6_only=judged.conditions.ipv6_only)


def _tell_of_no_address(subjects: Sequence[Subject], run_plan: Plan, store: Store) -> None:
    """Warn of each target that is a host without an address in DNS.

    Checks that need an address do not apply to it, so that a mistyped name looks like a faultless one. A target that
    may also be a domain needs no address.
    """
    for subject in subjects:
        if not subject.candidates and has_no_address(subject, EvidenceSet(store.evidence(run_plan.run, subject.id))):
            text = ui("{name} has no address in DNS: nothing was measured there", name=clean(subject.host or "", 80))
            print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)
