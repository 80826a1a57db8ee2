"""Returns the calendar day in Vietnam, by which rules come into force, exceptions end and deadlines fall due.

A round at two in the morning belongs to that day there, while UTC still has the day before.
"""

from datetime import date, datetime

from auditor.framework.message_format import VIETNAM


def civil_day(moment: datetime) -> date:
    """Return the date in Vietnam."""
    return moment.astimezone(VIETNAM).date()
