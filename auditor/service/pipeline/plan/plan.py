"""Makes the plan of a run from inventory, checks and configuration. Nothing is sent.

Everything that a judgement will need later (trust roots, networks, policy) is read here once and frozen with the run.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from auditor.framework.catalogue import Catalogue, crafted, transports
from auditor.framework.check import Check
from auditor.framework.context import ReferenceData
from auditor.framework.localdate import civil_day
from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.framework.policy import Policy
from auditor.service.config.model import Config, VantageSection
from auditor.service.derived.declarations import units
from auditor.service.derived.feeds import FeedRow, read_feeds
from auditor.service.derived.meshing import peers
from auditor.service.pipeline.credentials.credentials import environment, snmp_setting
from auditor.service.pipeline.operator_files import routing_tables
from auditor.service.pipeline.operator_files.operator_files import load_policy, reference_data, root_hints, with_waivers
from auditor.service.pipeline.plan.lans import lan_tasks
from auditor.service.store.run_options import RunOptions
from inventory.addresses import parse_endpoint
from inventory.inventory import Inventory
from inventory.model import SERVICE_PORTS, Clearance, Endpoint, IPAddress, Kind, Network, Subject, SubjectId
from inventory.scope import Prefix, Scope
from inventory.site_devices import with_equipment
from probes.framework.codec import dump_frozen
from probes.framework.controls import ROOTS_NAMED, Controls, IsolationTargets, ResolverNames
from probes.framework.evidence import RunId
from probes.framework.profile import PROFILES, Pace, Profile
from probes.framework.registry import Probe
from probes.framework.tasks import LanTask
from probes.framework.vantage import ControlNames, SelfTest
from probes.net.dns.hints import RootHints
from probes.net.http.allowance import Allowance
from probes.net.origins import Origins
from probes.net.snmp.profiles import SnmpSetting
from probes.observations.exposure import SWEPT, PortSweep


class PlanError(OperatorError):
    """Raised if a file that the configuration names cannot be used; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Holds the subjects and the settings of a run. Frozen: a resumed run makes the same plan again.

    ``amends``, ``repeats`` and ``part`` are those of RunOptions; the caller that requests such a run sets them.
    """

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
    reference: ReferenceData
    hints: RootHints
    resolvers: tuple[Endpoint, ...]
    selftest: SelfTest
    controls: Controls
    vantage: VantageSection
    lans: Mapping[SubjectId, LanTask]
    clearance: Clearance
    contact: str
    snmp: SnmpSetting
    origins: Origins
    inside: tuple[Endpoint, ...] = ()
    feeds: tuple[FeedRow, ...] = ()
    mesh: tuple[Subject, ...] = ()
    downloads: Allowance | None = None
    reconciled: date | None = None
    amends: str = ""
    repeats: str = ""
    part: bool = False
    inside_prefixes: tuple[Prefix, ...] = ()

    def options(self) -> RunOptions:
        """Return the settings that the judgement depends on; they are stored with the run."""
        return RunOptions(
            checks=tuple(check.id for check in self.checks),
            clearance=self.clearance,
            profile=self.profile.name,
            subject_seconds=self.profile.subject_seconds,
            vantage=self.vantage.name,
            reconciled=self.reconciled,
            amends=self.amends,
            repeats=self.repeats,
            part=self.part,
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
    without_units: bool = False,
) -> Plan:
    """Make the plan of a run. Raises PlanError or UnknownName with every problem at once.

    ``own`` returns the addresses of this machine, which are never probed. ``run`` is the id of a run that is resumed; a
    new run gets an id of its own. ``without_units`` leaves out the units that declare nothing.
    """
    problems: list[OperatorProblem] = []
    hints, feeds = root_hints(config, problems), read_feeds(config.reference.cbdtw, problems)
    reference = reference_data(config, catalogue, problems)
    policy = with_waivers(load_policy(config.policy, catalogue, problems), config.waivers, catalogue, problems)
    subjects = (*with_equipment(inventory.in_force(civil_day(now))), *(() if without_units else units(inventory, now)))
    snmp = snmp_setting(config, subjects, environment(), problems)
    checks, patience = _chosen(config, catalogue, problems), _patience(config, profile)
    origins = routing_tables.origins(config, checks, problems)
    watched = lan_tasks(config, subjects, patience.lan_watch, problems)
    if problems:
        raise PlanError(problems)
    probes, chosen = catalogue.probes_for(checks), run or RunId(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
    return Plan(
        run=chosen,
        name=name,
        inventory=inventory,
        subjects=subjects,
        checks=checks,
        probes=probes,
        catalogue=catalogue,
        profile=patience,
        pace=_pace(config),
        scope=_scope(config, own(hints)),
        policy=policy,
        reference=reference,
        hints=hints,
        resolvers=_with_port(_inside(config) or config.resolver.servers or _system_resolvers()),
        selftest=_selftest(config, hints, probes, subjects, chosen),
        controls=_controls(config, hints),
        vantage=config.vantage,
        lans=watched,
        clearance=config.clearance,
        contact=config.contact,
        snmp=snmp,
        origins=origins,
        feeds=feeds,
        inside=_with_port(_resolvers_inside(config)),
        mesh=peers(config),
        downloads=_downloads(config),
        reconciled=config.reference.reconciled,
        inside_prefixes=reference.networks.get(Network.TSLCD, ()),
    )


def _chosen(config: Config, catalogue: Catalogue, problems: list[OperatorProblem]) -> tuple[Check, ...]:
    checks = catalogue.select(config.only, config.skip)
    if config.skip and not checks:
        problems.append(problem("--only and --skip together leave no check"))
    return checks


def _scope(config: Config, own: Iterable[IPAddress]) -> Scope:
    return Scope(
        allow=config.scope.allow,
        deny=config.scope.deny,
        own=frozenset(own),
        documentation=config.addressing.allow_documentation_prefixes,
    )


def _patience(config: Config, profile: str) -> Profile:
    chosen = PROFILES[config.profile or profile].bounded(config.timeout)
    return replace(chosen, subject_seconds=config.limits.subject_seconds or chosen.subject_seconds)


def _downloads(config: Config) -> Allowance | None:
    """Return the limits of throughput tests; None unless their hours are set."""
    section = config.throughput
    if section.hours is None:
        return None
    return Allowance(
        hours=section.hours,
        most=section.megabytes * 1_000_000,
        whole=section.run_megabytes * 1_000_000,
        seconds=section.seconds,
        controls=section.control,
    )


def _kinds(subjects: Iterable[Subject]) -> frozenset[Kind]:
    return frozenset(kind for subject in subjects for kind in subject.kinds | subject.candidates)


def _pace(config: Config) -> Pace:
    limits = config.limits
    return Pace(
        packets_per_second=limits.packets_per_second,
        per_address_per_second=limits.per_address_per_second,
        per_prefix_per_second=limits.per_prefix_per_second,
        concurrency=limits.concurrency,
    )


def _selftest(
    config: Config, hints: RootHints, probes: tuple[Probe, ...], subjects: tuple[Subject, ...], run: RunId
) -> SelfTest:
    names, inside = config.vantage.control_names, _only_inside(config)
    resolvers = _inside(config) or config.resolver.servers
    declared = config.vantage.control or (_with_port(resolvers) if inside else ())
    sweeps = any(PortSweep in probe.records for probe in probes)
    return SelfTest(
        controls=declared,
        roots=() if inside else hints.addresses,
        resolvers=_with_port(resolvers),
        fallback=() if resolvers else _with_port(_system_resolvers()),
        names=ControlNames(signed=names.signed, bogus=names.bogus, aaaa_only=names.aaaa_only),
        transports=transports(probes, _kinds(subjects)),
        swept=SWEPT if sweeps else (),
        crafted=crafted(probes, subjects, config.clearance),
        clocks=config.vantage.ntp,
        public=tuple(own.address for own in config.vantage.public),
        token=f"auditor-{hashlib.sha256(run.encode()).hexdigest()[:10]}",
    )


def _controls(config: Config, hints: RootHints) -> Controls:
    section, names = config.vantage, config.vantage.control_names
    return Controls(
        names=ResolverNames(
            ordinary=names.signed,
            aaaa_only=names.aaaa_only,
            ipv6_only_zone=names.ipv6_only_zone,
            roots=tuple(name for name, _ in hints.servers[:ROOTS_NAMED]),
        ),
        isolation=IsolationTargets(
            anchors=tuple(anchor.address for anchor in section.internet_anchors),
            management=tuple(
                replace(endpoint, port=endpoint.port or SERVICE_PORTS["ssh"]) for endpoint in section.foreign_management
            ),
        ),
    )


def _only_inside(config: Config) -> bool:
    return set(config.vantage.networks) == {Network.TSLCD}


def _resolvers_inside(config: Config) -> tuple[Endpoint, ...]:
    """Return the resolvers of TSLCD, for a vantage there: their answers about names inside are the reference."""
    section = config.networks.get(Network.TSLCD)
    return section.resolvers if section is not None and Network.TSLCD in config.vantage.networks else ()


def _inside(config: Config) -> tuple[Endpoint, ...]:
    """Return the resolvers of TSLCD for a vantage only there: their answers about all names are the reference."""
    return _resolvers_inside(config) if _only_inside(config) else ()


def _with_port(servers: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(address=server.address, port=server.port or 53) for server in servers)


def blobs(plan: Plan) -> Mapping[str, bytes]:
    """Return the data that a judgement needs besides the evidence, by name."""
    return {
        "inventory": plan.inventory.to_json(),
        "reference": dump_frozen(plan.reference),
        "policy": dump_frozen(plan.policy),
    }


def _system_resolvers() -> tuple[Endpoint, ...]:
    """Return the resolvers of this machine, which are only a fallback if iteration is blocked."""
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
