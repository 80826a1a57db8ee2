"""The day in Vietnam: rules come into force, exceptions end and things fall due by it, not by the day of UTC.

A round at two in the morning is of that day there, while UTC still has the day before.
"""

from datetime import date, datetime

from auditor.framework.message_format import VIETNAM


def civil_day(moment: datetime) -> date:
    """The date in Vietnam."""
    return moment.astimezone(VIETNAM).date()
