"""Puts samples from before into a store: a month of connection points, good or bad, and a day of the mesh."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations

from auditor.judging.vantage import vantage_subject
from auditor.service.store.api import Store
from auditor.service.store.records import Sample, Series
from inventory.model import SubjectId
from probes.observations import series as names

_SLOT = timedelta(seconds=names.CADENCE)
_VIETNAM = timezone(timedelta(hours=7))


def _is_busy(at: datetime) -> bool:
    local = at.astimezone(_VIETNAM)
    return local.weekday() < 5 and (7 <= local.hour < 12 or 13 <= local.hour < 17)


def _rate(what: str, at: datetime) -> float:
    if what == "idle":
        return 1e3
    return 99e6 if what == "bad" else 30e6 if _is_busy(at) else 1e3


def sample(store: Store, subject: str, what: str) -> None:
    """A month of samples. ``good``: always there, used and clean; ``bad``: away every fifth slot, full, faulty;
    ``idle``: carrying nothing but what keeps the line alive; ``lossy``: a day on which much is lost."""
    good = what != "bad"
    now = datetime.now(UTC)
    slots = [now - number * _SLOT for number in range(31 * 288)]

    def add(metric: str, values: list[float], interface: str = "", family: int = 0) -> None:
        series = Series(subject=SubjectId(subject), metric=metric, vantage="hub", interface=interface, family=family)
        store.add_round((series, Sample(time=time, value=value)) for time, value in zip(slots, values, strict=False))

    add(names.REACH, [1.0 if good or number % 5 else 0.0 for number in range(len(slots))])
    add(names.MACHINE_RESTARTS, [1.0 if not good and number % 1000 == 7 else 0.0 for number in range(len(slots))])
    for metric in (names.IN_RATE, names.OUT_RATE):
        add(metric, [_rate(what, time) for time in slots], "eth0")
    for metric in (names.IN_PACKETS, names.OUT_PACKETS):
        add(metric, [1e5] * 288, "eth0")
    for metric in (names.IN_ERRORS, names.OUT_ERRORS, names.IN_DISCARDS, names.OUT_DISCARDS):
        add(metric, [0.0 if good else 50.0] * 288, "eth0")
    add(names.CHANGES, [0.0] * 288, "eth0")
    for family in (4, 6) if what == "lossy" else ():
        add(names.LOSS, [0.4] * 288, family=family)
        add(names.LOSS_SLOW, [0.4] * 288, family=family)


def sample_delay(store: Store, subject: str, families: Sequence[int]) -> None:
    """Add a day of echoes of which none was lost: 8 ms, half as much again while offices work."""
    now = datetime.now(UTC)
    slots = [now - number * _SLOT for number in range(288)]
    delays = [0.012 if _is_busy(time) else 0.008 for time in slots]
    lossless = [0.0] * len(slots)
    for family in families:
        for metric, values in ((names.LOSS, lossless), (names.LOSS_SLOW, lossless), (names.RTT_MEDIAN, delays)):
            series = Series(subject=SubjectId(subject), metric=metric, vantage="hub", family=family)
            store.add_round((series, Sample(time=time, value=value)) for time, value in zip(slots, values, strict=True))


def sample_mesh(store: Store, points: Sequence[str], *, cut: str) -> None:
    """Add a day of samples of every way between some points, in both families; nothing reaches the one that is cut."""
    now = datetime.now(UTC)
    slots = [now - number * _SLOT for number in range(288)]
    for source, target in permutations(points, 2):
        if source == cut:
            continue
        up = float(target != cut)
        values = {names.REACH: up, names.LOSS: 1.0 - up} | ({names.RTT_MEDIAN: 0.004} if up else {})
        for metric, value in values.items():
            for family in (4, 6):
                series = Series(subject=vantage_subject(target).id, metric=metric, vantage=source, family=family)
                store.add_round((series, Sample(time=time, value=value)) for time in slots)
