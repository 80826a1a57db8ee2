"""Makes small subjects, evidence and probes for the tests of the framework."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import cast

from inventory.model import Endpoint, IPAddress, Kind, Service, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation, RunId
from probes.framework.recorder import Recorder
from probes.framework.registry import EndpointProbeFn, NameProbeFn, Probe
from probes.framework.tasks import EndpointTask, NameTask
from probes.net.api import Net
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect

RUN = RunId("run")
START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TIMEOUT = Failure(kind=FailureKind.TIMEOUT, detail="no answer")
REFUSED = Failure(kind=FailureKind.REFUSED, detail="refused")
V6: IPAddress = ip_address("2001:db8::1")
V4: IPAddress = ip_address("192.0.2.1")
NO_NET = cast(Net, None)
"""Fake probes never touch it."""

Body = Callable[[EndpointTask, Recorder], Awaitable[None]]
NameBody = Callable[[NameTask, Recorder], Awaitable[None]]


def subject(
    name: str = "www.example.vn",
    *kinds: Kind,
    addresses: tuple[IPAddress, ...] = (),
    services: tuple[Service, ...] = (),
    candidates: frozenset[Kind] = frozenset(),
) -> Subject:
    """A named subject, a portal unless told; with addresses it has no name."""
    wanted = kinds or (Kind.PORTAL,)
    return Subject(
        id=SubjectId(name),
        kind=wanted[0],
        kinds=frozenset(wanted),
        host=None if addresses else name,
        addresses=addresses,
        services=services,
        candidates=candidates,
    )


def evidence(
    *steps: Observation, probe: str = "dns", task: str = "www.example.vn", attempt: int = 1, of: str = "www.example.vn"
) -> Evidence:
    return Evidence(
        id=evidence_id(RUN, of, probe, task, attempt),
        run=RUN,
        subject=SubjectId(of),
        endpoint=None,
        task=task,
        probe=probe,
        probe_version=1,
        attempt=attempt,
        vantage="here",
        started=START,
        queued=0.0,
        steps=steps,
    )


def look(rtype: str, *records: str, role: str = "host", name: str = "www.example.vn") -> NameLookup:
    status = LookupStatus.ANSWER if records else LookupStatus.NO_DATA
    return NameLookup(name=name, rtype=rtype, role=role, status=status, records=records)


def connect(address: IPAddress = V6, port: int = 443, failure: Failure | None = None) -> TcpConnect:
    return TcpConnect(address=address, port=port, failure=failure)


def target(address: IPAddress = V6, port: int | None = 443, service: str | None = "https") -> EndpointTask:
    asked = None if service is None or port is None else Service(name=service, port=port)
    return EndpointTask(endpoint=Endpoint(address=address, port=port, name="www.example.vn"), service=asked)


def name_probe(body: NameBody, *, retry: str = "none", deadline: float = 60.0) -> Probe:
    async def go(task: NameTask, net: Net, rec: Recorder) -> None:
        await body(task, rec)

    return _probe("dns", "name", go, (NameLookup,), retry=retry, deadline=deadline)


def endpoint_probe(
    name: str,
    body: Body,
    *services: str,
    records: tuple[type[Observation], ...] = (TcpConnect,),
    needs_open: bool = False,
    retry: str = "none",
    deadline: float = 60.0,
) -> Probe:
    async def go(task: EndpointTask, net: Net, rec: Recorder) -> None:
        await body(task, rec)

    return _probe(
        name, "endpoint", go, records, services=services, needs_open=needs_open, retry=retry, deadline=deadline
    )


def _probe(
    name: str,
    shape: str,
    run: NameProbeFn | EndpointProbeFn,
    records: tuple[type[Observation], ...],
    *,
    services: tuple[str, ...] = (),
    needs_open: bool = False,
    retry: str,
    deadline: float,
) -> Probe:
    return Probe(
        name=name,
        version=1,
        title=name,
        records=records,
        shape=shape,
        run=run,
        services=frozenset(services),
        needs_open=needs_open,
        retry=retry,
        deadline=deadline,
    )
