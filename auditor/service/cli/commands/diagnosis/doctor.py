"""Runs ``auditor doctor``: checks this installation and its network access in a few seconds."""

import asyncio
import os
import shlex
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.context import Health
from auditor.framework.findings import DEFECTS, Finding, Outcome
from auditor.judging.vantage import vantage_subject
from auditor.service.cli.commands.diagnosis.configuration_diagnosis import DoctorLine, of_reference, of_secrets
from auditor.service.cli.commands.diagnosis.packet_scope import of_packet_scope
from auditor.service.cli.commands.diagnosis.store_room import of_room
from auditor.service.cli.extras import command_for, missing
from auditor.service.cli.failures import EXIT_INCOMPLETE, EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.scope_warning import without_scope
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.measuring.network import open_kernel, own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.store.evidence.evidence_files import BLOBS, FILE
from auditor.service.store.files import wide
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.url import beside, is_file, parts_of
from auditor.texts.translate import Texts
from inventory.inventory import Inventory
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.framework.runner import Measurement
from probes.framework.session import Session
from probes.net.raw import capabilities, privsep
from probes.observations.vantage import ControlAnswer

OURS = ("auditor", "probes", "inventory", "reports")


def doctor(form: str, options: Mapping[str, object]) -> int:
    """Print the results as text or JSON; exit with 4 if a problem would make findings inconclusive."""
    as_json = wants_json(form)
    loaded = load_config(options)
    config = loaded.config
    lines = (*_installation(config), *of_secrets(loaded), *_service(config), *_vantage(config))
    show(lines, as_json=as_json)
    return EXIT_INCOMPLETE if any(line.good is False for line in lines) else EXIT_OK


def show(lines: Iterable[DoctorLine], *, as_json: bool) -> None:
    """Print the lines as text or JSON. In JSON, ``ok`` is true, false, or null for information that is not a fault."""
    if as_json:
        print_json([{"ok": line.good, "text": line.text} for line in lines])
        return
    for line in lines:
        sign = {True: "✔", False: "✘", None: "–"}[line.good]
        print(f"{sign} {line.text}")


def _service(config: Config) -> Iterator[DoctorLine]:
    """Yield the lines about the service, where this installation can run one."""
    without = missing()
    if without:
        text = ui(
            "extras that are not installed: {extras}; to add one: {command}",
            extras=", ".join(without),
            command=command_for(without[0]),
        )
        yield DoctorLine(good=None, text=text)
    if not {"store", "serve"} & set(without):
        from auditor.service.cli.commands.diagnosis.service_diagnosis import of_centre, of_service

        yield from of_service(config)
        yield from of_centre(config)


def _installation(config: Config) -> Iterator[DoctorLine]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield DoctorLine(good=sys.version_info >= (3, 11), text=f"Python {version}")
    if os.geteuid() == 0:
        yield DoctorLine(
            good=None, text=ui("stays root, without capabilities; AUDITOR_USER names a user to become instead")
        )
    home = Path(__file__).resolve().parents[5]
    for name in OURS:
        spec = find_spec(name)
        place = Path(spec.origin).resolve().parents[1] if spec and spec.origin else None
        if place != home:
            yield DoctorLine(
                good=False, text=ui("package {name} is another program's: {place}", name=name, place=str(place))
            )
    yield DoctorLine(
        good=True, text=ui("{checks:n} {checks/check/checks}, {probes:n} {probes/probe/probes}", **_sizes())
    )
    folder = beside(config.store).resolve().parent
    made_when_needed = not is_file(config.store)
    yield DoctorLine(
        good=made_when_needed or folder.is_dir(), text=ui("folder of the store: {place}", place=str(folder))
    )
    yield from of_room(config)
    yield from _readable(config)


def _readable(config: Config) -> Iterator[DoctorLine]:
    """Yield the files of the store and of evidence that other users can read, as an older version created them."""
    evidence = [] if config.evidence is None else [config.evidence, config.evidence / FILE, config.evidence / BLOBS]
    for path in (*parts_of(config.store), *evidence):
        if (mode := wide(path)) is not None:
            text = ui(
                "{path} can be read by other users of this machine ({mode}); take that away: {command}",
                path=str(path),
                mode=f"{mode:04o}",
                command=f"chmod go= {shlex.quote(str(path))}",
            )
            yield DoctorLine(good=False, text=text)


def _sizes() -> dict[str, int]:
    known = catalogue.load()
    return {"checks": len(known.checks), "probes": len(known.probes)}


def _vantage(config: Config) -> Iterator[DoctorLine]:
    known = catalogue.load()
    run_plan = plan(Inventory(), config, known, profile="quick", name="", now=datetime.now(UTC), own=own_addresses)
    unbounded = without_scope(config)
    if unbounded is not None:
        yield DoctorLine(good=None, text=unbounded)
    yield from of_reference(run_plan)
    with MemoryStore() as store:
        start_run(run_plan, store, datetime.now(UTC))
        asyncio.run(_self_test(run_plan, store))
        judged = evaluate(run_plan.run, store, known, now=datetime.now(UTC))
    texts, health = Texts(language()), judged.conditions.vantage
    for family, state in (("IPv6", health.ipv6), ("IPv4", health.ipv4)):
        yield _family_line(family, state, health.sources, texts)
    for finding in judged.conditions.selftest:
        yield _selftest_line(finding, texts)
    tests = EvidenceSet(store.evidence(run_plan.run, vantage_subject(run_plan.vantage.name).id))
    answers = [step for _, step in tests.of(ControlAnswer) if step.transport == "icmp"]
    refused = [step for step in answers if step.failure and step.failure.kind is FailureKind.NO_PERMISSION]
    if answers:
        text = (
            ui(
                "no echo: the kernel does not let our group send it; as root: sysctl -w {setting}",
                setting='net.ipv4.ping_group_range="0 2147483647"',
            )
            if refused
            else ui("echo can be sent")
        )
        yield DoctorLine(good=None if refused else True, text=f"ICMP: {text}")
    yield _crafted()
    yield from of_packet_scope(by_socket=privsep.place().exists())


def _family_line(family: str, state: Health, sources: Iterable[IPAddress], texts: Texts) -> DoctorLine:
    """Describe an address family of this machine: its source addresses, and its health where it does not work."""
    own = [str(address) for address in sources if f"IPv{address.version}" == family]
    word = [] if state is Health.OK else [texts.word("health", state.value)]
    return DoctorLine(good=state is Health.OK, text=f"{family} {', '.join([*word, *own])}")


def _selftest_line(finding: Finding, texts: Texts) -> DoctorLine:
    """Describe the result of a self-test under its name: the problem if there is one, otherwise the requirement."""
    good = finding.outcome is Outcome.PASS
    state = "" if good or finding.outcome in DEFECTS else f"{texts.outcome(finding.outcome)}. "
    return DoctorLine(good=good or None, text=f"{texts.heading(finding)}: {state}{texts.message(finding)}")


def _crafted() -> DoctorLine:
    """Describe whether crafted packets can be sent: traceroute, Packet Too Big, fragments."""
    if find_spec("scapy") is None:
        return DoctorLine(good=None, text=ui("no traceroute and no crafted packets without the extra rawpkt (scapy)"))
    if privsep.current() is None and not capabilities.has(capabilities.NET_RAW):
        return DoctorLine(
            good=None,
            text=ui(
                "no traceroute and no crafted packets without CAP_NET_RAW; run as root, or enable"
                " auditor-rawpkt.socket, which `auditor service install` brings"
            ),
        )
    return DoctorLine(good=True, text=ui("traceroute and crafted packets can be sent"))


async def _self_test(run_plan: Plan, store: MemoryStore) -> None:
    async def emit(evidence: Evidence) -> None:
        store.add_evidence([evidence])

    measurement = Measurement(
        run=run_plan.run,
        vantage=run_plan.vantage.name,
        profile=run_plan.profile,
        probes=(),
        concurrency=1,
        clearance=run_plan.clearance,
        monotonic=time.monotonic,
        now=lambda: datetime.now(UTC),
    )
    async with open_kernel(run_plan) as net:
        await Session(measurement, net, run_plan.selftest, emit, number=1).test("before")
