"""Exports metrics to alert on ahead of time: certificates that end soon, and the times at which schedules were due."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from auditor.framework.findings import CheckId
from auditor.service.scheduler.model import ScheduleState
from auditor.service.scheduler.schedules import Schedule
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.records import JudgementId
from inventory.model import SubjectId

_CERTIFICATE = CheckId("security.tls.cert-expiry")
_WITHIN = (0, 7, 30)
"""Days ahead for which ending certificates are counted."""
_LOOK_BACK = timedelta(days=400)
"""The time back in which the last due time of a schedule is searched; an earlier one is not alerted on."""


def certificate_ends(store: Store, judgement: JudgementId, subjects: Sequence[SubjectId]) -> list[datetime]:
    """Return the end times of the certificates that a run saw, one for each address."""
    ends = []
    for place in range(0, len(subjects), AT_ONCE):
        of = store.outlines_of(judgement, subjects[place : place + AT_ONCE], args_of={_CERTIFICATE})
        for outlines in of.values():
            values = (each.args.get("until") for each in outlines if each.check == _CERTIFICATE)
            ends += [datetime.fromisoformat(value) for value in values if isinstance(value, str)]
    return ends


def certificates(ends: Iterable[datetime], now: datetime) -> Metric:
    """Count the certificates that end within each number of days; 0 days: those that have ended."""
    known = list(ends)
    made = GaugeMetricFamily(
        "auditor_certificates_ending", "Addresses whose certificate ends within so many days.", labels=("days",)
    )
    for days in _WITHIN:
        made.add_metric([str(days)], sum(end <= now + timedelta(days=days) for end in known))
    return made


def due(schedules: Iterable[Schedule], standings: Mapping[str, ScheduleState], now: datetime) -> Metric:
    """Export the time at which each schedule was last due, unless it is paused or was made later."""
    made = GaugeMetricFamily(
        "auditor_schedule_due_timestamp_seconds", "When a schedule was due last.", labels=("schedule",)
    )
    for name, when in _last_due(schedules, standings, now):
        made.add_metric([name], when.timestamp())
    return made


def _last_due(
    schedules: Iterable[Schedule], standings: Mapping[str, ScheduleState], now: datetime
) -> Iterator[tuple[str, datetime]]:
    for schedule in schedules:
        standing = standings.get(schedule.name)
        if standing is None or standing.paused_at is not None:
            continue
        latest = next(schedule.table.cron.between(now - _LOOK_BACK, now), None)
        if latest is not None and latest >= standing.mark:  # earlier: before the schedule was there
            yield schedule.name, latest
