"""Compares the vantage's clock with the time that web servers put on their answers (RFC 9110 §6.6.1).

Without configured time servers nothing else shows that the clock is wrong by hours or years. A web server's own clock
may be wrong, so the median of several in different networks counts. All evidence is read in one pass. Memory: one
number for each owner of addresses.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from auditor.framework.address_owners import internet_owner
from auditor.framework.gathered import WebTime
from probes.framework.evidence import Evidence
from probes.observations.web import HttpExchange

_PROBE = "http"
"""The only probe that is read; one probe that requests a page from every site is enough."""
_OWNERS = 5
_MOST_AGE = 10
"""Largest number of digits of an Age header that is read."""


class WebDates:
    """Collects the difference to the clocks of web servers from all evidence of a run."""

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
        """Return the median difference of the clocks; None if fewer than ``_OWNERS`` owners are known."""
        if len(self._ahead) < _OWNERS:
            return None
        return WebTime(ahead=median(self._ahead.values()), owners=len(self._ahead))


def _ahead(step: HttpExchange, ours: datetime) -> float | None:
    """Return the seconds by which a server's clock is ahead of ours; None if its date cannot be read.

    The age of an answer from a cache is added to its date.
    """
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
