"""The first arrow: inventory, checks and configuration become a plan. Nothing is sent.

Everything a judgement will need later (trust roots, networks, policy) is read here once and frozen with the run.
"""

import hashlib
import json
import secrets
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor import policy as policies
from auditor.catalogue import Catalogue, transports
from auditor.check import Check
from auditor.config.model import Config
from auditor.context import Reference
from auditor.policy import Policy
from inventory.addresses import parse_endpoint
from inventory.inventory import Inventory
from inventory.model import Clearance, Endpoint, IPAddress, Subject
from inventory.scope import Scope
from probes.framework.codec import dump_frozen
from probes.framework.evidence import RunId
from probes.framework.profile import PROFILES, Pace, Profile
from probes.framework.registry import Probe
from probes.framework.vantage import ControlNames, SelfTest
from probes.net.hints import HintsError, RootHints, parse_hints, shipped_hints


class PlanError(Exception):
    """Something the operator gave cannot be used; one line per problem, nothing was sent."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be measured and how. Frozen: a resumed run makes the same plan again."""

    run: RunId
    name: str
    inventory: Inventory
    subjects: tuple[Subject, ...]
    checks: tuple[Check, ...]
    probes: tuple[Probe, ...]
    catalogue: Catalogue
    profile: Profile
    pace: Pace
    scope: Scope
    policy: Policy
    reference: Reference
    hints: RootHints
    resolvers: tuple[Endpoint, ...]
    selftest: SelfTest
    vantage: str
    networks: tuple[str, ...]
    clearance: Clearance
    contact: str

    def options(self) -> str:
        """The settings that decide what is judged, as JSON without secrets; stored with the run."""
        return json.dumps(
            {
                "checks": [check.id for check in self.checks],
                "clearance": self.clearance.value,
                "profile": self.profile.name,
                "vantage": self.vantage,
            }
        )


def plan(
    inventory: Inventory,
    config: Config,
    catalogue: Catalogue,
    *,
    profile: str,
    name: str,
    now: datetime,
    own: Callable[[RootHints], Iterable[IPAddress]] = lambda hints: (),
    run: RunId | None = None,
) -> Plan:
    """Decide what to measure. Raises PlanError or UnknownName with every problem at once."""
    problems: list[str] = []
    hints = _hints(config, problems)
    reference = _reference(config, problems)
    policy = _policy(config, catalogue, problems)
    if problems:
        raise PlanError(problems)
    checks = catalogue.select(config.only, config.skip)
    probes = catalogue.probes_for(checks)
    subjects = inventory.in_force(now.date())
    kinds = {kind for subject in subjects for kind in subject.kinds | subject.candidates}
    chosen = run or RunId(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
    resolvers = config.resolver.servers or _system_resolvers()
    names = config.vantage.control_names
    return Plan(
        run=chosen,
        name=name,
        inventory=inventory,
        subjects=subjects,
        checks=checks,
        probes=probes,
        catalogue=catalogue,
        profile=PROFILES[config.profile or profile].bounded(config.timeout),
        pace=Pace(
            packets_per_second=config.limits.packets_per_second,
            per_address_per_second=config.limits.per_address_per_second,
            per_prefix_per_second=config.limits.per_prefix_per_second,
            concurrency=config.limits.concurrency,
        ),
        scope=Scope(allow=config.scope.allow, deny=config.scope.deny, own=frozenset(own(hints))),
        policy=policy,
        reference=reference,
        hints=hints,
        resolvers=tuple(Endpoint(address=one.address, port=one.port or 53) for one in resolvers),
        selftest=SelfTest(
            controls=config.vantage.control,
            roots=hints.addresses,
            resolvers=tuple(Endpoint(address=one.address, port=one.port or 53) for one in config.resolver.servers),
            names=ControlNames(signed=names.signed, bogus=names.bogus, aaaa_only=names.aaaa_only),
            transports=transports(probes, kinds),
            token=f"auditor-{hashlib.sha256(chosen.encode()).hexdigest()[:10]}",
        ),
        vantage=config.vantage.name,
        networks=tuple(network.value for network in config.vantage.networks),
        clearance=config.clearance,
        contact=config.contact,
    )


def blobs(made: Plan) -> Mapping[str, bytes]:
    """What a judgement needs beside the evidence, by name."""
    return {
        "inventory": made.inventory.to_json(),
        "reference": dump_frozen(made.reference),
        "policy": dump_frozen(made.policy),
    }


def _policy(config: Config, catalogue: Catalogue, problems: list[str]) -> Policy:
    base = policies.default()
    if config.policy is None:
        return base
    text = _text(config.policy, "policy", problems)
    return base if text is None else load_policy(text, str(config.policy), catalogue, problems)


def load_policy(text: str, source: str, catalogue: Catalogue, problems: list[str]) -> Policy:
    """The shipped policy with an operator's file over it; what is wrong with the file is added to ``problems``."""
    try:
        return policies.overlay(policies.default(), text, source=source, known=catalogue.checks)
    except policies.PolicyError as error:
        problems.extend(error.problems)
        return policies.default()


def _hints(config: Config, problems: list[str]) -> RootHints:
    if config.resolver.root_hints is None:
        return shipped_hints()
    text = _text(config.resolver.root_hints, "resolver.root_hints", problems)
    try:
        return shipped_hints() if text is None else parse_hints(text)
    except HintsError as error:
        problems.append(f"{config.resolver.root_hints}: {error}")
        return shipped_hints()


def _reference(config: Config, problems: list[str]) -> Reference:
    roots = config.tls.ca_file or Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    given = config.tls.ca_file is not None
    text = _text(roots, "tls.ca_file", problems) if given or roots.is_file() else ""
    declared = _text(config.tls.declared_roots, "tls.declared_roots", problems) if config.tls.declared_roots else ""
    if given and text is not None and "BEGIN CERTIFICATE" not in text:
        problems.append(f"{roots}: tls.ca_file: holds no PEM certificate")
    return Reference(
        trust_roots=text or "",
        declared_roots=declared or "",
        documentation_is_global=config.addressing.allow_documentation_prefixes,
        networks={network: section.prefixes for network, section in config.networks.items()},
        address_plan=config.addressing.plan,
    )


def _text(path: Path, key: str, problems: list[str]) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problems.append(f"{path}: {key}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.append(f"{path}: {key}: is not text in UTF-8")
    return None


def _system_resolvers() -> tuple[Endpoint, ...]:
    """The resolvers of this machine; only a fallback where iteration is blocked."""
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        fields = line.split()
        if len(fields) >= 2 and fields[0] == "nameserver":
            try:
                found.append(parse_endpoint(fields[1].partition("%")[0]))
            except ValueError:
                continue
    return tuple(found[:3])
