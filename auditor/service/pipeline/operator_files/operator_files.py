"""Reads the files that the configuration names for a plan: policy, waivers, root hints, trust roots, holidays.

A file that cannot be used is added to the problems of the plan; the shipped data then replaces it, and nothing is sent.
"""

import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor.framework import ct_logs, trust_anchor
from auditor.framework import policy as policies
from auditor.framework.catalogue import Catalogue
from auditor.framework.context import DaysOff, ReferenceData
from auditor.framework.csv_reader import MOST_BYTES
from auditor.framework.operator_problems import OperatorProblem, problem, unreadable
from auditor.framework.policy import Policy
from auditor.framework.waivers import read_waivers
from auditor.service.config.holidays import CalendarError, read_holidays
from auditor.service.config.maintenance import announced_work
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files.frameworks import framework_texts
from auditor.service.pipeline.operator_files.suffixes import shipped_suffixes
from inventory.safe_open import read_text, read_whole
from probes.net.dns.hints import HintsError, RootHints, parse_hints, shipped_hints


def load_policy(path: Path | None, catalogue: Catalogue, problems: list[OperatorProblem]) -> Policy:
    """Return the shipped policy with an operator's file over it; add the problems of the file to ``problems``."""
    text = None if path is None else _text(path, "policy", problems)
    if text is None:
        return policies.default()
    try:
        return policies.overlay(policies.default(), text, source=str(path), known=catalogue.checks)
    except policies.PolicyError as error:
        problems.extend(error.problems)
        return policies.default()


def with_waivers(policy: Policy, path: Path | None, catalogue: Catalogue, problems: list[OperatorProblem]) -> Policy:
    """Return the policy with its waivers replaced by those of a table, if there is one."""
    if path is None:
        return policy
    try:
        data = read_whole(path, MOST_BYTES)
    except OSError as error:
        problems.append(unreadable(error, at=f"{path}: waivers"))
        return policy
    return replace(policy, waivers=read_waivers(data, path.name, catalogue.checks, problems))


def root_hints(config: Config, problems: list[OperatorProblem]) -> RootHints:
    """Return the root name servers of the operator's file, or the shipped ones."""
    if config.resolver.root_hints is None:
        return shipped_hints()
    text = _text(config.resolver.root_hints, "resolver.root_hints", problems)
    try:
        return shipped_hints() if text is None else parse_hints(text)
    except HintsError as error:
        problems.append(problem("{why}", at=str(config.resolver.root_hints), why=str(error)))
        return shipped_hints()


def _days_off(config: Config, problems: list[OperatorProblem]) -> tuple[DaysOff, ...]:
    try:
        return tuple(DaysOff(*holiday.span) for holiday in read_holidays(config.calendar))
    except CalendarError as error:
        problems.extend(error.problems)
        return ()


def reference_data(config: Config, catalogue: Catalogue, problems: list[OperatorProblem]) -> ReferenceData:
    """Return the trust roots, networks, holidays, announced work and frameworks that a judgement rests on."""
    roots = config.tls.ca_file or Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    text = _text(roots, "tls.ca_file", problems) if config.tls.ca_file or roots.is_file() else ""
    declared = _text(config.tls.declared_roots, "tls.declared_roots", problems) if config.tls.declared_roots else ""
    if config.tls.ca_file and text is not None and "BEGIN CERTIFICATE" not in text:
        problems.append(problem("holds no PEM certificate", at=f"{roots}: tls.ca_file"))
    return ReferenceData(
        trust_roots=text or "",
        public_suffixes=shipped_suffixes(),
        declared_roots=declared or "",
        documentation_is_global=config.addressing.allow_documentation_prefixes,
        networks={network: section.prefixes for network, section in config.networks.items()},
        address_plan=config.addressing.plan,
        trust_anchor=_trust_anchor(config, problems),
        ct_logs=_ct_logs(config, problems),
        holidays=_days_off(config, problems),
        maintenance=tuple(announced_work(config, problems)),
        frameworks=framework_texts(config.frameworks, catalogue, problems),
    )


def _ct_logs(config: Config, problems: list[OperatorProblem]) -> Mapping[str, str]:
    path = config.tls.ct_logs
    text = None if path is None else _text(path, "tls.ct_logs", problems)
    try:
        return ct_logs.shipped() if text is None else ct_logs.parsed(text)
    except ct_logs.LogListError as error:
        problems.append(problem("{why}", at=f"{path}: tls.ct_logs", why=str(error)))
        return {}


def _trust_anchor(config: Config, problems: list[OperatorProblem]) -> str:
    path = config.resolver.trust_anchor
    text = None if path is None else _text(path, "resolver.trust_anchor", problems)
    try:
        return trust_anchor.shipped() if text is None else trust_anchor.normal(text)
    except trust_anchor.AnchorError as error:
        problems.append(problem("{why}", at=str(path), why=str(error)))
        return ""


def _text(path: Path, key: str, problems: list[OperatorProblem]) -> str | None:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(unreadable(error, at=f"{path}: {key}"))
    return None
