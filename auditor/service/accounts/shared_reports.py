"""Manages links by which a person without an account reads one report, with a password and until a day.

The store has the hash of the link's secret and of its password, so a copy of it gives no access. Guesses wait as those
of logins do. The maker of a link knows both, so it opens only as long as the maker's account may make links, just as a
token works only as long as its account does. Reports that were sent as files are not affected.
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
"""The role that may make links; links of an account that has lost it do not open."""
_SECRET = 16
"""Bytes of a link's secret: 128 bits."""
_MOST_SENT = 200
"""Characters of a sent secret that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """Describes one link. ``agency`` None: the report of everything. ``ended``: when somebody withdrew it.

    ``trusted``: True if the maker's account may make links now.
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
        """True if the link has neither expired nor been withdrawn."""
        return self.ended is None and now < self.expires

    def may_open(self, now: datetime) -> bool:
        """True if the link opens its report: it is not over, and its maker may make links."""
        return self.trusted and self.is_open(now)


class SharedReports(Logins):
    def share(self, by: Account, address: str, report: SharedReport, password: str) -> str:
        """Make a link to a report and return its secret, which is shown once; ``key`` and times are set here.

        Raises AccessError: BAD_SHARE_DAYS, or the code for a bad password.
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

        Raises AccessError: WAIT; or DENIED, the same for a link that is unknown or over, for a maker that may make none
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
            row = rows.of_digest(connection, digest(held))  # read again: it may have been ended meanwhile
            if row is not None and good and (opened := _share(row)).may_open(self._now()):
                self._give_back(connection, turn)
                self._log(connection, name, address, "share_opened", _about(opened))
                return opened
        self.refusals.add(name, address, "share_refused", "")
        raise AccessError("DENIED")

    def shares(self) -> list[SharedReport]:
        """Return all links, the latest first."""
        with self._database.reading() as connection:
            return [_share(row) for row in rows.every(connection)]

    def end_share(self, by: Account, address: str, key: int) -> None:
        """Withdraw a link. Raises AccessError if it is unknown or already over."""
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
