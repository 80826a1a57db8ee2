"""Keeps links by which somebody without an account reads one report: with a password, and until a day.

The store has the hash of the link's secret and of its password, so that a copy of it opens nothing. Guesses wait as
those of logins do. Who made a link knows both: it opens as long as that account may make links, as a token works as
long as its account does. Reports that were sent as files are not concerned.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from auditor.service.accounts import passwords
from auditor.service.accounts.login_backoff import failure_keys
from auditor.service.accounts.logins import Logins
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.records import digest
from auditor.service.store.sql.accounts import share_rows as rows
from inventory.model import AgencyId
from probes.framework.evidence import RunId

LONGEST_SHARE = timedelta(days=90)
SHARING = Role.OPERATOR
"""Who may make links, and have some that open."""
_SECRET = 16
"""Bytes of a link's secret: 128 bits."""
_MOST_SENT = 200
"""Characters of a secret that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """One link. ``agency`` None: the report of everything. ``ended``: when somebody withdrew it.

    ``trusted``: whether the account of who made it may make links, as it is now.
    """

    key: int
    run: RunId
    judgement: str
    agency: AgencyId | None
    who: str
    made: datetime
    expires: datetime
    ended: datetime | None = None
    trusted: bool = True

    def is_open(self, now: datetime) -> bool:
        """True until its time, or until somebody withdraws it."""
        return self.ended is None and now < self.expires

    def may_open(self, now: datetime) -> bool:
        """True if it opens its report."""
        return self.trusted and self.is_open(now)


class SharedReports(Logins):
    def share(self, by: Account, address: str, report: SharedReport, password: str) -> str:
        """Make a link to a report and return its secret, which is shown once; ``key`` and times are set here.

        Raises AccessError: BAD_SHARE_DAYS, or what is wrong with the password.
        """
        now = self._now()
        if not now < report.expires <= now + LONGEST_SHARE:
            raise AccessError("BAD_SHARE_DAYS")
        hashed, held = passwords.hashed(password, by.name), secrets.token_urlsafe(_SECRET)
        values = {
            "digest": digest(held),
            "password": hashed,
            "run": report.run,
            "judgement": report.judgement,
            "agency": report.agency or "",
            "who": by.name,
            "made": now,
            "expires": report.expires,
            "ended": None,
        }
        with self._database.writing() as connection:
            key = rows.add(connection, values)
            made = replace(report, key=key, who=by.name, made=now)
            self._log(connection, by.name, address, "share_made", _about(made))
        return held

    def open_share(self, held: str, password: str, address: str) -> SharedReport:
        """Return the report that a link with its password opens.

        Raises AccessError: WAIT, or DENIED alike for a link that is unknown or over, for one whose maker may make none
        now, and for a wrong password.
        """
        held = held[:_MOST_SENT]
        with self._database.reading() as connection:
            row = rows.of_digest(connection, digest(held))
        known = None if row is None else _share(row)
        name = "share -" if known is None else f"share {known.key}"
        turn = self._take_turn(name, address, failure_keys(name, address))
        good = passwords.matches(None if row is None else str(row._mapping["password"]), password)
        with self._database.writing() as connection:
            row = rows.of_digest(connection, digest(held))  # as it is now: it may have been ended meanwhile
            if row is not None and good and (opened := _share(row)).may_open(self._now()):
                self._give_back(connection, turn)
                self._log(connection, name, address, "share_opened", _about(opened))
                return opened
        self.refusals.add(name, address, "share_refused", "")
        raise AccessError("DENIED")

    def shares(self) -> list[SharedReport]:
        """All links, the latest first."""
        with self._database.reading() as connection:
            return [_share(row) for row in rows.every(connection)]

    def end_share(self, by: Account, address: str, key: int) -> None:
        """Withdraw a link. Raises AccessError where there is none that is open."""
        with self._database.writing() as connection:
            row = rows.of_key(connection, key)
            if row is None or not _share(row).is_open(self._now()):
                raise AccessError("NO_SHARE")
            rows.end(connection, key, self._now())
            self._log(connection, by.name, address, "share_ended", _about(_share(row)))


def _about(share: SharedReport) -> str:
    agency = "" if share.agency is None else f" {share.agency}"
    return f"share {share.key}: {share.run}{agency}, {share.expires:%Y-%m-%dT%H:%MZ}"


def _share(row: Row[Any]) -> SharedReport:
    return SharedReport(
        key=int(row.key),
        run=RunId(row.run),
        judgement=str(row.judgement),
        agency=AgencyId(row.agency) if row.agency else None,
        who=str(row.who),
        made=row.made,
        expires=row.expires,
        ended=row.ended,
        trusted=row.maker_role is not None and not row.maker_disabled and Role(row.maker_role).covers(SHARING),
    )
