"""Runs ``auditor probe``: prints the evidence of one probe about one target, as JSON. Judges and keeps nothing."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring import devices, paths
from auditor.service.cli.commands.measuring.running import measure
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json
from auditor.service.cli.words import ui
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.store.memory.store import MemoryStore
from inventory.inventory import Inventory
from inventory.model import SERVICE_PORTS, Service, Subject
from inventory.sources.adhoc import parse_target
from probes.framework.codec import encode_evidence
from probes.framework.registry import Probe
from reports.json_data import Plain

_SNMP = frozenset({"snmp"})


def probe(name: str, target: str, options: Mapping[str, object]) -> int:
    """Run the probe, and those that it depends on, against every address of the target; print one JSON document."""
    config = load_config(options).config
    known = catalogue.load()
    wanted = known.find_probe(name)
    run_plan = _plan(wanted, target, config, known)
    with MemoryStore() as store:
        measure(run_plan, store)
        evidence = [envelope for envelope in store.all_evidence(run_plan.run) if envelope.probe == name]
    shown = [encode_evidence(envelope) | devices.read_out(envelope) for envelope in evidence]
    if not shown:
        print(
            f"auditor: {ui('nothing at {target} is what probe {name} measures', target=target, name=name)}",
            file=sys.stderr,
        )
    document: dict[str, object] = {"schema": 1, "probe": name, "target": target, "vantage": run_plan.vantage.name}
    document |= devices.read_out(*evidence)
    document |= paths.read_out(*evidence)
    document["evidence"] = shown
    print_json(cast(Plain, document), indented=True)
    return 0


def _plan(wanted: Probe, target: str, config: Config, known: catalogue.Catalogue) -> Plan:
    run_plan = plan(
        Inventory(subjects=(_with_services(parse_target(target), wanted),)),
        config,
        known,
        profile="quick",
        name="",
        now=datetime.now(UTC),
        own=own_addresses,
    )
    chosen = {p.name: p for p in known.probes.values() if p.shape == "name"} | {
        wanted.name: replace(wanted, needs_answer=False)
    }
    if wanted.needs_open:
        chosen |= {name: known.probes[name] for name in ("tcp", "smtp")}
    return replace(run_plan, probes=tuple(chosen[name] for name in sorted(chosen)))


def _with_services(subject: Subject, wanted: Probe) -> Subject:
    """Add the services that a target given by hand does not state: the default ports of the probe's own services.

    A bare address says nothing of services. A name does not say that a device answers behind it, so an SNMP probe adds
    SNMP at the port that was given, or at its default port.
    """
    if wanted.services == _SNMP:
        if any(service.name in _SNMP for service in subject.services):
            return subject
        port = subject.services[0].port if len(subject.services) == 1 else SERVICE_PORTS["snmp"]
        return replace(subject, services=(Service(name="snmp", port=port),))
    if subject.host is not None or subject.services or "dns" in wanted.services:
        return subject
    ports = (Service(name=name, port=SERVICE_PORTS[name]) for name in sorted(wanted.services & set(SERVICE_PORTS)))
    return replace(subject, services=tuple(ports))
