"""Compare the vantage's clock with the time that web servers put on their answers (RFC 9110 §6.6.1).

Where no time servers are configured nothing else shows that it is wrong by hours or years. A web server's own clock may
be wrong: the median of several in different networks counts. Gathered in one pass over all evidence. Memory: one number
for each owner of addresses.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from auditor.framework.address_owners import internet_owner
from auditor.framework.gathered import WebTime
from probes.framework.evidence import Evidence
from probes.observations.web import HttpExchange

_PROBE = "http"
"""One probe that asks every site is enough."""
_OWNERS = 5
_MOST_AGE = 10
"""Digits of an age that is read."""


class WebDates:
    """Takes every piece of evidence of a run."""

    def __init__(self) -> None:
        self._ahead: dict[int, float] = {}

    def add(self, evidence: Evidence) -> None:
        if evidence.probe != _PROBE:
            return
        for step in evidence.steps:
            if isinstance(step, HttpExchange) and (ahead := _ahead(step, evidence.time_of(step))) is not None:
                owner = internet_owner(step.address)
                known = self._ahead.get(owner, ahead)
                self._ahead[owner] = min(known, ahead, key=lambda seconds: (abs(seconds), seconds))
                return

    def seen(self) -> WebTime | None:
        """None where too few owners tell."""
        if len(self._ahead) < _OWNERS:
            return None
        return WebTime(ahead=median(self._ahead.values()), owners=len(self._ahead))


def _ahead(step: HttpExchange, ours: datetime) -> float | None:
    """Seconds by which a server's clock is ahead of ours; an answer from a cache says how old it is."""
    fields = {name.lower(): value for name, value in step.headers}
    try:
        date = parsedate_to_datetime(fields.get("date", ""))
        dated = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
        age = fields.get("age", "").strip()
        if age.isascii() and age.isdigit() and len(age) <= _MOST_AGE:
            dated += timedelta(seconds=int(age))
        return (dated - ours).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
