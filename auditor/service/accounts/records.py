"""Provides the base of every part of ``Accounts``: the store's database, the clock, the keys and the audit log."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from auditor.service.accounts import row_mapping
from auditor.service.accounts.keys import KeyRing, keys_beside_store
from auditor.service.accounts.model import AccessError, Account, AuditEntry
from auditor.service.accounts.refusal_log import RefusalLog
from auditor.service.store.sql.accounts import account_rows as rows
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.sql.database import Database


class AccountRecords:
    """Holds the database, the clock ``now`` and the keys; methods may be called from any thread."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        keys: KeyRing | None = None,
    ) -> None:
        self._database, self._now = database, now
        self.refusals = RefusalLog(self.note, lambda: self._now())
        self._keys = keys or keys_beside_store(database.path)

    @property
    def database(self) -> Database:
        """The store's database, for records kept beside the accounts."""
        return self._database

    def note(self, who: str, address: str, what: str, about: str) -> None:
        """Write a line of the audit log for another part of the service: a run, an export, a waiver."""
        with self._database.writing() as connection:
            self._log(connection, who, address, what, about)

    def deeds(self, most: int = 500) -> list[AuditEntry]:
        """Return the latest lines of the audit log, newest first."""
        with self._database.reading() as connection:
            return [row_mapping.deed(row) for row in log_rows.latest(connection, most)]

    def _log(self, connection: Connection, who: str, address: str, what: str, about: str) -> None:
        values = {"time": self._now(), "who": who, "address": address, "what": what, "about": about[:1_000]}
        log_rows.add(connection, values)

    def _renewed(self, connection: Connection, session: str) -> str:
        """Give a session that was just proved a new secret and return it; empty if the session is over."""
        held = secrets.token_urlsafe(32)
        return held if rows.prove_session(connection, session, digest(held), self._now()) else ""

    @staticmethod
    def _existing(connection: Connection, name: str) -> Account:
        row = rows.account_named(connection, name)
        if row is None:
            raise AccessError("NO_ACCOUNT")
        return row_mapping.account(row)


def digest(held: str) -> str:
    """Return the hash under which the store keeps a session or token."""
    return hashlib.sha256(held.encode()).hexdigest()
