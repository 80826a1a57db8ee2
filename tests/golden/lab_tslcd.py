"""Builds typed observations for golden cases of TSLCD: a commune's connection point, its declared data, its samples."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from ipaddress import ip_address

from auditor.framework.sample_periods import period
from inventory.model import AgencyId, DeclaredFacts, Kind, Network, Service, Subject, SubjectId
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.rows import RowPosition
from probes.observations.series import CADENCE, SampleSummary, SeriesWindow
from probes.observations.transport import EchoSeries, StampSeries
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_device import unread

XA4, XA6 = "10.64.3.1", "fd64:0:3::1"
HUB4, HUB6 = "10.64.0.1", "fd64::1"
PREFIXES = ("10.64.0.0/16", "fd64::/32")
INSIDE = frozenset({Network.TSLCD})
CONTROLS = (*ALL_CONTROLS, "udp/161", "tcp/22", "tcp/443")
REGISTERED = DeclaredFacts(channel="CQ-03", bandwidth_mbps=100, device="SL-1000")


def point(
    *addresses: str,
    kind: Kind = Kind.CONNECTION_POINT,
    tags: tuple[str, ...] = (),
    declared: DeclaredFacts | None = None,
    services: tuple[Service, ...] | None = None,
) -> Subject:
    """Return the connection point of a commune, or the province's data centre; managed over SNMP."""
    return Subject(
        id=SubjectId("xa-a"),
        kind=kind,
        kinds=frozenset({kind}),
        agency=AgencyId("XA-A"),
        name="xa-a",
        host=None,
        addresses=tuple(ip_address(a) for a in (addresses or (XA4, XA6))),
        services=lab.services(("snmp", 161), ("ssh", 22)) if services is None else services,
        network=Network.TSLCD,
        tags=tags,
        declared=declared or DeclaredFacts(),
    )


inside = partial(Case, controls=CONTROLS, networks=INSIDE, prefixes=PREFIXES)
"""A case as a vantage inside TSLCD gives it."""

ROW = lab.evidence("inventory", RowPosition(source="inventory.csv", row=7), task="xa-a")


def unmanaged(check: str, broken: Evidence, subject: Subject) -> Iterator[Case]:
    """Yield the cases of every device check for a connection point that it could not read."""
    for case in unread(check, broken):
        services = subject.services if case.code != "NOT_MANAGED" else lab.services(("ssh", 22))
        found = replace(subject, services=services)
        yield replace(case, subject=found, evidence=(ROW, *case.evidence), networks=INSIDE, prefixes=PREFIXES)


def echoes(
    address: str, lost: int, *, slow: int | None = None, rtt: float = 0.008, spread: float = 0.0, count: int = 50
) -> Evidence:
    """Return ``count`` requests close together, ``lost`` without a reply, and 20 sent slowly, ``slow`` of them lost."""
    close = tuple(None if n < lost else rtt + spread * (n % 2) for n in range(count))
    steps = [EchoSeries(address=ip_address(address), interval=0.02, payload_size=56, rtts=close)]
    if slow is not None:
        rtts = tuple(None if n < slow else rtt for n in range(20))
        steps.append(EchoSeries(address=ip_address(address), interval=0.2, payload_size=56, rtts=rtts))
    return lab.evidence("site_echo", *steps, task=address, endpoint=lab.at(address, None, None))


def stamps(
    address: str, lost: int, *, rtt: float = 0.008, spread: float = 0.0, failure: FailureKind | None = None
) -> Evidence:
    """Return 50 test packets to a STAMP responder, ``lost`` of them without an answer."""
    rtts = tuple(None if n < lost else rtt + spread * (n % 2) for n in range(50))
    step = StampSeries(
        address=ip_address(address), port=862, interval=0.02, rtts=() if failure else rtts, failure=lab.why(failure)
    )
    return lab.evidence("site_stamp", step, task=address, endpoint=lab.at(address, 862, None))


def day(values: Sequence[float], number: int = 0, gaps: int = 0, vantage: int = 0) -> SampleSummary:
    return period(lab.NOW + timedelta(days=number), values, gaps=gaps, vantage=vantage)


def sampled(
    window: str,
    metric: str,
    whole: SampleSummary,
    *,
    periods: Sequence[SampleSummary] = (),
    family: int = 0,
    interface: str = "",
    days: int = 7,
    step: int = 86_400,
    weeks: Sequence[SampleSummary] | None = None,
) -> SeriesWindow:
    """Return the stored samples of one metric."""
    since = lab.NOW - timedelta(days=days)
    return SeriesWindow(
        window=window,
        metric=metric,
        family=family,
        interface=interface,
        since=since,
        until=lab.NOW,
        cadence=CADENCE,
        step=step,
        first=since if whole.counted else None,
        whole=whole,
        periods=tuple(periods),
        calendar=weeks is not None,
        weeks=tuple(weeks or ()),
    )


def series(window: str, *steps: SeriesWindow) -> Evidence:
    return lab.evidence("series", *steps, task=window)


def on(text: str) -> date:
    return date.fromisoformat(text)
