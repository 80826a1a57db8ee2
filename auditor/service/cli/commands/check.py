"""Runs ``auditor check``: judges the targets of the command line once and keeps nothing."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.catalogue import UnknownName
from auditor.framework.message_format import clean
from auditor.framework.operator_problems import nearest, problem
from auditor.service.cli.commands.running import judge_run, measure
from auditor.service.cli.exit_codes import exit_code
from auditor.service.cli.failures import EXIT_INTERRUPTED, refuse
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.output import parse_outputs, write_outputs
from auditor.service.cli.words import ui
from auditor.service.config.issuer import issuer
from auditor.service.pipeline.network import own_addresses
from auditor.service.pipeline.plan import plan
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory import MemoryStore
from inventory.inventory import Inventory
from inventory.model import Clearance, Kind, Subject
from inventory.sources.adhoc import parse_targets, read_targets

_MOST_NAMED = 3


def check(targets: Sequence[str], file: str | None, options: Mapping[str, object]) -> int:
    """Check, print, and return the exit code."""
    config = load_config(options).config
    outputs = parse_outputs(config.format, default="text")
    issued = issuer(config)
    subjects = _subjects(targets, file, kind_of(config.kind), config.clearance)
    run_plan = plan(
        Inventory(subjects=subjects),
        config,
        catalogue.load(),
        profile="quick",
        name="",
        now=datetime.now(UTC),
        own=own_addresses,
    )
    _announce(subjects, len(run_plan.checks))
    with MemoryStore() as store:
        try:
            measure(run_plan, store, evidence=config.evidence)
        except KeyboardInterrupt:
            print(ui("Interrupted; nothing was judged."), file=sys.stderr)
            return EXIT_INTERRUPTED
        judged = judge_run(run_plan.run, store, run_plan.catalogue)
        report = StoredReport(judged, store, run_plan.catalogue)
        write_outputs(
            report, outputs, lang=config.lang, issuer=issued, color=config.color, everything=STATE.verbosity > 0
        )
        return exit_code(judged.id, store, config.fail_on, ipv6_only=judged.conditions.ipv6_only)


def _announce(subjects: Sequence[Subject], checks: int) -> None:
    """Tell somebody at a terminal at once what is being checked: measuring takes a while."""
    if STATE.verbosity < 0 or not sys.stderr.isatty():
        return
    names = ", ".join(clean(subject.id, 80) for subject in subjects[:_MOST_NAMED])
    more = f", … (+{len(subjects) - _MOST_NAMED})" if len(subjects) > _MOST_NAMED else ""
    text = ui("Checking {targets}: {n:n} {n/check/checks}", targets=names + more, n=checks)
    print(text, file=sys.stderr, flush=True)


def kind_of(word: str | None) -> Kind | None:
    """The kind a word names. Raises UnknownName."""
    if word is None:
        return None
    known = [kind.value for kind in Kind if kind is not Kind.UNIT]
    if word not in known:
        raise UnknownName(
            [
                problem(
                    "unknown kind '{kind}'; there are {known}",
                    kind=word,
                    known=", ".join(known),
                    hint=nearest(word, known),
                )
            ]
        )
    return Kind(word)


def _subjects(targets: Sequence[str], file: str | None, kind: Kind | None, clearance: Clearance) -> tuple[Subject, ...]:
    subjects = parse_targets([(target, None) for target in targets], kind) if targets else ()
    if file is not None:
        source: Path | str = sys.stdin.read() if file == "-" else Path(file)
        subjects += tuple(
            read_target for read_target in read_targets(source, kind) if read_target.id not in {s.id for s in subjects}
        )
    if not subjects:
        raise refuse([ui("nothing to check: name a target, or a file of targets with -f")])
    if clearance is Clearance.INTRUSIVE:
        named = set(targets)  # what a file lists was not named by hand
        return tuple(
            replace(subject, clearance=clearance) if subject.name in named or subject.id in named else subject
            for subject in subjects
        )
    return subjects
