"""Sums up the samples of a period: the share of time a point was up, the loss, and the use of a channel.

Pure. Slots without a sample that counts are not measured: they are neither up nor down and stand beside every share.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from auditor.framework.sample_periods import nearest_rank
from inventory.model import AgencyId, SubjectId
from inventory.organisation import Organisation
from probes.observations.series import SampleSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Holds the samples of one series in a period of ``slots``: those that count with their mean, and those set aside.

    ``p95``: the 95th percentile, by nearest rank, of the means of its hours; None where hours are not looked at.
    """

    slots: int
    counted: int = 0
    vantage: int = 0
    maintenance: int = 0
    total: float = 0.0
    p95: float | None = None

    @property
    def not_measured(self) -> int:
        return max(0, self.slots - self.counted - self.vantage - self.maintenance)

    @property
    def mean(self) -> float | None:
        return self.total / self.counted if self.counted else None

    @property
    def measured(self) -> float | None:
        """The share of the slots in which a sample was due and counts; None where none was due."""
        due = self.counted + self.not_measured
        return self.counted / due if due else None


def stretch(parts: Iterable[SampleSummary], slots: int, *, hourly: bool = False) -> Stretch:
    """Put the parts of a period together; with ``hourly`` they are its hours."""
    counted = vantage = maintenance = 0
    totals: list[float] = []
    means: list[float] = []
    for part in parts:
        counted += part.counted
        vantage += part.vantage
        maintenance += part.maintenance
        if part.counted and part.total is not None:
            totals.append(part.total)
            means.append(part.total / part.counted)
    return Stretch(
        slots=slots,
        counted=counted,
        vantage=vantage,
        maintenance=maintenance,
        total=sum(totals),
        p95=nearest_rank(sorted(means), 0.95) if hourly and means else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PointPeriod:
    """Holds a connection point or data centre as one vantage sampled it.

    ``reach`` is 1 where it answered, ``days`` are its days, ``loss`` by family.
    """

    subject: SubjectId
    name: str
    agency: AgencyId | None
    vantage: str
    reach: Stretch
    days: tuple[SampleSummary, ...] = ()
    loss: Mapping[int, Stretch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPeriod:
    """Holds a channel of a point: bits a second in each direction, and its registered Mbit/s where these are known."""

    subject: SubjectId
    name: str
    agency: AgencyId | None
    vantage: str
    interface: str
    mbps: float | None
    received: Stretch
    sent: Stretch

    @property
    def peak(self) -> float | None:
        """The 95th percentile of the busier direction, in bits a second."""
        return max((way.p95 for way in (self.received, self.sent) if way.p95 is not None), default=None)

    @property
    def use(self) -> float | None:
        """The same as a share of the registered bandwidth."""
        return self.peak / (self.mbps * 1_000_000) if self.mbps and self.peak is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePeriod:
    """Holds a web site as one vantage sampled it each hour; ``answered`` is 1 where it returned its page.

    ``family`` is 6 for a site over IPv6, 0 for a shared system inside TSLCD over either family.
    """

    subject: SubjectId
    name: str
    agency: AgencyId | None
    vantage: str
    family: int
    answered: Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPeriod:
    """Holds the points of a unit and of all units under it.

    ``up`` of the ``counted`` samples show that a point answered.
    """

    agency: AgencyId | None
    name: str
    level: str
    depth: int
    points: int
    measured: int
    counted: int
    not_measured: int
    up: float
    lowest: float | None

    @property
    def share(self) -> float | None:
        return self.up / self.counted if self.counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPeriod:
    """Holds all samples of a period, and their sums by agency; ``whole`` is all points together."""

    points: tuple[PointPeriod, ...] = ()
    channels: tuple[ChannelPeriod, ...] = ()
    sites: tuple[SitePeriod, ...] = ()
    agencies: tuple[AgencyPeriod, ...] = ()
    whole: AgencyPeriod | None = None


def sampled_period(
    points: Sequence[PointPeriod],
    channels: Sequence[ChannelPeriod],
    organisation: Organisation,
    sites: Sequence[SitePeriod] = (),
) -> SampledPeriod:
    """Sum points up by agency.

    Of a point that several vantages sampled, on each day the vantage counts that got the best answers, among those that
    measured at least half as often as any: a point that only one vantage does not reach has no outage, and a vantage
    that took over from another shows nothing of the days before.
    """
    by_subject: dict[SubjectId, list[PointPeriod]] = {}
    for point in points:
        by_subject.setdefault(point.subject, []).append(point)
    best = [_best(seen) for seen in by_subject.values()]
    return SampledPeriod(
        points=tuple(points),
        channels=tuple(channels),
        sites=tuple(sites),
        agencies=tuple(_agencies(best, organisation)),
        whole=_sum(None, "", "", 0, best) if best else None,
    )


def _best(seen: Sequence[PointPeriod]) -> PointPeriod:
    if len(seen) == 1:
        return seen[0]
    by_day: dict[datetime, list[SampleSummary]] = {}
    for day in chain.from_iterable(point.days for point in seen):
        by_day.setdefault(day.start, []).append(day)
    days = tuple(_best_day(some) for _, some in sorted(by_day.items()))
    return replace(seen[0], vantage="", reach=stretch(days, seen[0].reach.slots), days=days)


def _best_day(seen: Sequence[SampleSummary]) -> SampleSummary:
    most = max(day.counted for day in seen)
    often = (day for day in seen if 2 * day.counted >= most)
    return max(often, key=lambda day: (day.mean or 0.0, day.counted))


def _agencies(points: Sequence[PointPeriod], organisation: Organisation) -> Iterator[AgencyPeriod]:
    by_agency: dict[AgencyId | None, list[PointPeriod]] = {}
    for point in points:
        unit = organisation.unit(point.agency)
        above = () if unit is None else organisation.ancestors(unit.code)
        for code in (point.agency, *(one.code for one in above)):
            by_agency.setdefault(code, []).append(point)
    for unit in organisation.walk():
        if unit.code in by_agency:
            depth = len(organisation.ancestors(unit.code))
            yield _sum(unit.code, unit.name, unit.level, depth, by_agency.pop(unit.code))
    for agency in sorted(by_agency, key=lambda code: code or ""):
        yield _sum(agency, agency or "", "", 0, by_agency[agency])


def _sum(agency: AgencyId | None, name: str, level: str, depth: int, points: Sequence[PointPeriod]) -> AgencyPeriod:
    shares = [point.reach.mean for point in points if point.reach.mean is not None]
    return AgencyPeriod(
        agency=agency,
        name=name,
        level=level,
        depth=depth,
        points=len(points),
        measured=len(shares),
        counted=sum(point.reach.counted for point in points),
        not_measured=sum(point.reach.not_measured for point in points),
        up=sum(point.reach.total for point in points),
        lowest=min(shares, default=None),
    )
