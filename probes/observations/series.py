"""Defines rolled-up series of continuous sampling, for checks that look back. Read from the store, never measured.

A sample is taken in a slot of ``CADENCE`` seconds (``HOURLY`` for metrics that are read less often) and carries the
time at which its slot begins; a slot without one is a gap: never a zero, and never a subject's outage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from inventory.model import IPAddress
from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, also, decimal, end, label, listed, moment, rows

CADENCE = 300
"""Seconds between two samples of a connection point or device (TT 06/2026 Đ5.6)."""
HOURLY = 3600
MOST_POINTS = 2_016
"""Seven days at CADENCE: the longest window that keeps every point."""
TOGETHER = " + "
"""The separator between the names of interfaces that a series is the sum of."""

WEB_OK = "web-ok"
"""Metric of one look at a web site over one family: 1 where an address connects and gives the page, else 0."""
APP_OK = "app-ok"
"""Metric of one look at a shared system inside TSLCD: 1 where it answered usably at some address, 0 where at none."""
REACH = "reach"
"""1 where a connection point or device answered by any method, else 0. Family 0: over any of its addresses."""
LOSS = "loss"
"""Share of 100 echo requests without a reply, 0 to 1. None was taken where no address of the family answers echo."""
LOSS_SLOW = "loss-slow"
"""The same of the three requests among them that leave half a second apart: a limit on echo does not drop those."""
RTT_MEDIAN, RTT_P95, JITTER_P95 = "rtt-median", "rtt-p95", "jitter-p95"
"""Seconds, of the same requests; jitter is the difference between one delay and the next (IPDV, RFC 3393)."""
IN_RATE, OUT_RATE = "in-rate", "out-rate"
"""Bits a second of an interface over the time since the sample before, only from 64-bit counters. Family 0: all
traffic; family 6: IPv6 (ipIfStatsTable)."""
IN_PACKETS, OUT_PACKETS = "in-packets", "out-packets"
IN_ERRORS, OUT_ERRORS = "in-errors", "out-errors"
IN_DISCARDS, OUT_DISCARDS = "in-discards", "out-discards"
"""The number since the sample before."""
CHANGES = "changes"
"""1 where the interface has gone up or down since the sample before (ifLastChange, ifOperStatus), else 0."""
SPEED = "speed"
"""Bits a second that the port can carry (ifHighSpeed)."""
RESTARTS, MACHINE_RESTARTS = "restarts", "machine-restarts"
"""1 where the SNMP agent has restarted since the sample before (sysUpTime, snmpEngineBoots), and where the machine has
(hrSystemUptime), else 0; a wrap is none. No interface."""

POINT_REACH, POINT_MONTH, POINT_QUALITY = "point-reach", "point-month", "point-quality"
CHANNEL_LOAD, CHANNEL_USE, CHANNEL_ERRORS = "channel-load", "channel-use", "channel-errors"
DEVICE_RESTARTS, APP_REACH = "device-restarts", "app-reach"
"""Windows of samples that a check can read: values of its ``window`` (auditor/service/derived/windows.py states the
content of each). ``WEB_OK`` is one too."""
DEVICE_COUNTERS = "device-counters"
"""The window of the values of a device's counters that runs have read (``probes.wire.snmp.totals``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Holds the seven days from ``start`` on.

    ``counted`` samples, of which ``good`` had the value 1; ``aside``: those of a sick vantage or of announced
    maintenance, which do not count.
    """

    start: datetime
    counted: int = 0
    good: int = 0
    aside: int = 0


@observation("series-weeks", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWeeks(NotMeasured):
    """Records one metric of one subject by weeks, the latest first, without a hole.

    ``first`` is the time of the oldest sample in them; None, and no weeks, where nothing was ever sampled.
    """

    metric: str
    family: int = 0
    first: datetime | None = None
    weeks: tuple[Week, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        first = moment(self.first, word)
        since = word("never sampled") if self.first is None else word("sampled since {}").format(first)
        asked = word("series {}{}, {} weeks").format(self.metric, _family_text(self.family, word), len(self.weeks))
        yield f"{asked} → {end(self, since, word)}"
        yield from rows(self.weeks, lambda week: _week_text(week, word))


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSummary:
    """Counts the slots of a stretch of time, and summarises the samples that count.

    Slots are counted as: those whose sample counts, those without a sample (gaps), those set aside because the vantage
    was sick, and those of announced maintenance. The other fields are of the samples that count, None where there are
    none; ``median`` and ``p95`` are by nearest rank. Slots before the series began are in none of the numbers.
    """

    start: datetime
    counted: int = 0
    gaps: int = 0
    vantage: int = 0
    maintenance: int = 0
    total: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    p95: float | None = None

    @property
    def mean(self) -> float | None:
        return None if self.total is None or not self.counted else self.total / self.counted

    def text(self, word: Word) -> str:
        """Return the summary in a few words for a reviewer."""
        mean = "" if self.mean is None else decimal(f"{self.mean:g}", word)
        missing = also(word("gaps"), self.gaps or "") + also(word("sick vantage"), self.vantage or "")
        work = also(word("maintenance"), self.maintenance or "")
        return f"{word('{} samples').format(self.counted)}{also(word('mean'), mean)}{missing}{work}"

    @property
    def due(self) -> int:
        """The number of slots that should have a sample that counts: all but those set aside."""
        return self.counted + self.gaps


@observation("series-window", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWindow(NotMeasured):
    """Records one series of a subject from ``since`` up to, not including, ``until``, which ends the slot of the run.

    Windows of more than MOST_POINTS slots are put together from hours: ``until`` ends the hour, and only periods of an
    hour know their median and 95th percentile.

    ``first`` is the time of the oldest sample that there is, also before the window; None where nothing was ever
    sampled. ``whole`` is all of it, ``periods`` its parts of ``step`` seconds, oldest first, the last ending at
    ``until``. ``points`` is a value for each slot of ``cadence`` seconds, None where none counts; it is empty for
    windows of more than MOST_POINTS slots.

    Of a window of ``calendar`` days the periods are days of Vietnam, the last as far as ``until``; ``weeks`` are the
    seven days that begin with each of them, where there are seven.
    """

    window: str
    metric: str
    family: int = 0
    interface: str = ""
    since: datetime
    until: datetime
    cadence: int = CADENCE
    step: int = 86_400
    first: datetime | None = None
    whole: SampleSummary
    periods: tuple[SampleSummary, ...] = ()
    points: tuple[float | None, ...] = ()
    calendar: bool = False
    weeks: tuple[SampleSummary, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        at = word(" at {}").format(self.interface) if self.interface else ""
        since = word("{} to {}").format(moment(self.since, word), moment(self.until, word))
        about = f"{self.metric}{_family_text(self.family, word)}{at}"
        asked = word("series {}, window {} {}").format(about, self.window, since)
        yield f"{asked} → {end(self, self.whole.text(word), word)}"
        yield from rows(self.periods, lambda period: f"{moment(period.start, word)}: {period.text(word)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPoint:
    """Holds the value of a counter at ``time``.

    ``age``: for how many hundredths of a second it had been counting, by the device's own clock.
    """

    time: datetime
    value: int
    age: int


@observation("series-counter", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCounter(NotMeasured):
    """Records earlier readings of one counter of a device, the oldest first, at least an hour apart.

    ``interface`` is the inventory's name for it, empty for the whole device; ``family`` 0: of all families.
    """

    metric: str
    family: int = 0
    interface: str = ""
    points: tuple[CounterPoint, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        at = word(" at {}").format(self.interface) if self.interface else ""
        asked = f"{word('counter')} {self.metric}{_family_text(self.family, word)}{at}"
        yield f"{asked} → {end(self, word('{} earlier readings').format(len(self.points)), word)}"
        yield from rows(
            self.points,
            lambda counter_point: word("{}: {} after {} s of counting").format(
                moment(counter_point.time, word), counter_point.value, f"{counter_point.age / 100:.0f}"
            ),
        )


@observation("earlier-way", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierConnections(NotMeasured):
    """Records a subject's connections in an earlier run, which tell a node that is down from those behind it.

    ``before`` are the last hops before its addresses, ``neighbours`` the names and addresses of the devices at its
    links, ``own`` the addresses that it showed as its own.
    """

    measured: datetime
    before: tuple[IPAddress, ...] = ()
    neighbours: tuple[str, ...] = ()
    own: tuple[IPAddress, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        hops = end(self, word("{} last hops").format(len(self.before)), word)
        yield word("earlier path, measured {} → {}").format(moment(self.measured, word), hops)
        for title, found in (("before", self.before), ("neighbours", self.neighbours), ("own", self.own)):
            if found:
                yield label(word, title) + listed(found)


def _family_text(family: int, word: Word) -> str:
    return word(" over IPv{}").format(family) if family else ""


def _week_text(week: Week, word: Word) -> str:
    counts = word("{} good of {}, {} set aside").format(week.good, week.counted, week.aside)
    return f"{moment(week.start, word)}: {counts}"
