"""Puts a run with made-up evidence into a store: web sites of several agencies, and a zone that two of them share."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from auditor.framework import catalogue
from auditor.judging.vantage import SELFTEST, vantage_subject
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.api import Store
from inventory.loader import load_sent
from inventory.model import Kind, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Observation, RunId
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.vantage import VantageAddress

START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ZONE = SubjectId("zone:example.vn")
SOURCE = ip_address("2001:db8:ffff::1")
PER_AGENCY = 10


def add_run(store: Store, run: RunId, *, subjects: int, pieces: int, when: datetime = START) -> None:
    """Add a finished run that is not judged. ``pieces``: how often each site was connected to."""
    head = "agency_code,agency_name,parent_code,unit_level,name,kind"
    rows = [head, "TINH,Tỉnh,,province,tinh.example.vn,portal"]
    rows += [f"A{n // PER_AGENCY},Xã {n // PER_AGENCY},TINH,commune,{host(n)},portal" for n in range(subjects)]
    inventory = load_sent([("tinh.csv", "\n".join([*rows, ""]).encode())]).inventory
    made = plan(inventory, Config(), catalogue.load(), profile="quick", name="Quý I", now=when, run=run)
    start_run(made, store, when)
    owners = (SubjectId(host(0)), SubjectId(host(subjects - 1)))
    store.add_subjects(run, [Subject(id=ZONE, kind=Kind.ZONE, kinds=frozenset({Kind.ZONE}), derived_from=owners)])
    with store.batch():
        store.add_evidence(_selftest(run, made.vantage.name, when))
        for number in range(subjects):
            store.add_evidence(_of_site(run, number, pieces, when))
    store.mark_measured(run, *(subject.id for subject in store.subjects(run)))
    store.finish_run(run, when + timedelta(hours=1))


def host(number: int) -> str:
    return f"host{number}.example.vn"


def address(number: int) -> IPv6Address:
    return IPv6Address(f"2001:db8::{number + 1:x}")


def _of_site(run: RunId, number: int, pieces: int, when: datetime) -> Iterator[Evidence]:
    name, at = host(number), address(number)
    name_lookup = NameLookup(
        name=name, rtype="AAAA", role="host", status=LookupStatus.ANSWER, records=(str(at),), t=0.01
    )
    yield _evidence(run, name, "dns", "names", 1, when, name_lookup)
    for attempt in range(1, pieces + 1):
        yield _evidence(run, name, "tcp", "[443]", attempt, when, TcpConnect(address=at, port=443, t=0.01))


def _selftest(run: RunId, vantage: str, when: datetime) -> Iterator[Evidence]:
    subject = vantage_subject(vantage).id
    for attempt in (1, 2):
        step = VantageAddress(family=6, source=SOURCE, toward=address(0))
        envelope = _evidence(run, subject, SELFTEST, SELFTEST, attempt, when, step)
        yield replace(envelope, vantage=vantage)


def _evidence(
    run: RunId, subject: str, probe: str, task: str, attempt: int, when: datetime, step: Observation
) -> Evidence:
    return Evidence(
        id=evidence_id(run, subject, probe, task, attempt),
        run=run,
        subject=SubjectId(subject),
        endpoint=None,
        task=task,
        probe=probe,
        probe_version=1,
        attempt=attempt,
        vantage="local",
        started=when + timedelta(seconds=attempt),
        queued=0.0,
        steps=(step,),
        failure=None,
    )
