"""Runs ``auditor judge``: judges stored evidence by today's catalogue, or under another policy. Measures nothing."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.framework.escaping import visible
from auditor.framework.operator_problems import OperatorProblem
from auditor.framework.policy import Policy
from auditor.service.cli.audit_entries import note
from auditor.service.cli.bugs import report_bug
from auditor.service.cli.exit_codes import exit_code
from auditor.service.cli.failures import refuse
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.output import write_outputs
from auditor.service.cli.wanted_outputs import parse_outputs
from auditor.service.cli.words import ui
from auditor.service.config.issuer import issuer
from auditor.service.config.model import Config
from auditor.service.garbage_collection import collect_rarely
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.operator_files.operator_files import load_policy, with_waivers
from auditor.service.pipeline.plan.plan import PlanError
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.evidence.evidence_files import read
from auditor.service.store.url import open_store
from probes.framework.codec import load_frozen
from probes.framework.evidence import RunId


def judge(target: str, options: Mapping[str, object]) -> int:
    """Judge, print, and return the exit code."""
    config = load_config(options).config
    outputs = parse_outputs(config.format, default="text", force=config.force)
    issued = issuer(config)
    known = catalogue.load()
    store, run = _evidence(target, config)
    with store:
        policy = _policy(config, known, store, run)
        collect_rarely()
        judged = evaluate(
            run,
            store,
            known,
            now=datetime.now(UTC),
            policy=policy,
            on_bug=report_bug,
            noted=lambda judgement: note(store, "judged_again", f"{run} {judgement.id}"),
        )
        report = StoredReport(judged, store, known)
        write_outputs(
            report, outputs, lang=config.lang, issuer=issued, color=config.color, everything=STATE.verbosity > 0
        )
        return exit_code(judged.id, store, config.fail_on, ipv6_only=judged.conditions.ipv6_only)


def _evidence(target: str, config: Config) -> tuple[Store, RunId]:
    if Path(target).is_dir():
        recording = read(Path(target))
        if (dropped := recording.dropped) is not None:
            text = visible(ui(dropped.template, **dropped.args_by_name))
            print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)
        return recording.store, recording.run
    if "/" in target:  # no run is called so
        raise refuse([ui("{path}: there is no such folder", path=target)])
    return open_store(config.store, create=False), RunId(target)


def _policy(config: Config, known: Catalogue, store: Store, run: RunId) -> Policy | None:
    """Return the policy to judge under; None for the run's own.

    The configured policy file and waiver file each replace their part of the run's policy.
    """
    if config.policy is None and config.waivers is None:
        return None
    problems: list[OperatorProblem] = []
    made_with = load_frozen(Policy, store.blob(store.run(run).policy))
    policy = made_with
    if config.policy is not None:
        policy = replace(load_policy(config.policy, known, problems), waivers=made_with.waivers)
    policy = with_waivers(policy, config.waivers, known, problems)
    if problems:
        raise PlanError(problems)
    return policy
