"""Offers an agency's viewer re-checks of its own subjects, a limited number a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from auditor.framework.localdate import civil_day
from auditor.service.accounts.model import Account, Role
from auditor.service.scheduler.model import Job
from auditor.service.web.site import Site
from inventory.model import Subject

_LOOKED_AT = 2_000
"""The newest jobs to look at; no more are requested in one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckOffer:
    """Describes the re-checks to offer. ``left``: how many the account may still ask for today.

    ``waiting``: one of this subject has not ended.
    """

    left: int
    waiting: bool


def recheck_offer(site: Site, account: Account, subject: Subject) -> RecheckOffer | None:
    """Return the re-check to offer on a subject's page.

    None unless the account is a viewer that is bound to an agency, and for a derived subject.
    """
    if account.agency is None or account.role is not Role.VIEWER or subject.derived_from:
        return None
    waiting = any(subject.id in job.wanted.subjects for job in site.jobs.open_jobs())
    return RecheckOffer(left=rechecks_left(site, account.name), waiting=waiting)


def rechecks_left(site: Site, who: str) -> int:
    asked = asked_on(site.jobs.latest(_LOOKED_AT), who, civil_day(datetime.now(UTC)))
    return max(0, site.config.serve.rechecks_per_day - asked)


def asked_on(jobs: Iterable[Job], who: str, day: date) -> int:
    """Count the re-checks that an account asked for on a day."""
    return sum(1 for job in jobs if job.who == who and job.wanted.subjects and civil_day(job.requested) == day)
