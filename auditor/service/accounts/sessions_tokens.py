"""Manages sessions of browsers and tokens of programs, and ends them when they expire.

Setting the clock back does not revive them: an expired row is deleted once that is noticed, and a row begun or used in
the future counts as expired.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from auditor.service.accounts import row_mapping
from auditor.service.accounts.keys import KeyRing
from auditor.service.accounts.model import (
    GRACE,
    IDLE,
    LEEWAY,
    LIFETIME,
    LONGEST_TOKEN,
    AccessError,
    Account,
    LoginSession,
    Role,
    SessionInfo,
    Token,
    TokenGrant,
    TokenScope,
)
from auditor.service.accounts.records import AccountRecords, digest
from auditor.service.store.records import StoreError
from auditor.service.store.sql.accounts import account_rows as rows
from auditor.service.store.sql.database import Database

_TOUCHED = timedelta(minutes=1)
"""The shortest time between two writes of a session's last use."""
_SWEPT = timedelta(days=1)
"""Tokens that expired within this time are deleted. For older ones the clock may have been wrong, so they stay."""
_log = logging.getLogger("auditor.service.accounts")


@dataclass(slots=True)
class _KnownSession:
    """Describes a session as stored: its last use, which is updated, its start, and its last password proof."""

    account: Account
    csrf: str
    seen: datetime
    began: datetime
    proved: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> "_KnownSession":
        held = row._mapping
        return cls(row_mapping.account(row), str(held["csrf"]), held["seen"], held["began"], held["proved"])


@contextmanager
def _as_far_as_it_can_be_written() -> Iterator[None]:
    """Log an error of the store instead of raising it, so that a full disk does not keep anybody from reading."""
    try:
        yield
    except StoreError as error:
        _log.error("the use of a session was not written down: %s", error)


class SessionsAndTokens(AccountRecords):
    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        keys: KeyRing | None = None,
    ) -> None:
        super().__init__(database, now, keys=keys)
        self._remembered: tuple[int, dict[str, _KnownSession]] = (-1, {})

    # --- sessions ----------------------------------------------------------------------------------------------------

    def session(self, held: str, *, used: bool = True) -> LoginSession | None:
        """Return the session; None if it is over, unknown, or of a disabled account.

        ``used`` False: the call does not extend the session.
        """
        key, now = digest(held), self._now()
        known = self._known_session(key)
        if known is None or known.account.disabled:
            return None
        if not -LEEWAY <= now - known.seen <= IDLE or not -LEEWAY <= now - known.began <= LIFETIME:
            with _as_far_as_it_can_be_written(), self._database.writing() as connection:
                rows.end_session(connection, key)
            return None
        if used and now - known.seen > _TOUCHED:
            with _as_far_as_it_can_be_written(), self._database.writing(told=False) as connection:
                rows.touch_session(connection, key, now)  # untold: ``told`` would clear the pages' caches
            known.seen = now
        fresh = known.proved is not None and timedelta() <= now - known.proved <= GRACE
        return LoginSession(account=known.account, csrf=known.csrf, proved=fresh)

    def _known_session(self, key: str) -> _KnownSession | None:
        """Read a session from a cache that any write clears, so that logging out works at once."""
        stamp = self._database.stamp()
        known = self._remembered
        if known[0] != stamp:
            known = self._remembered = (stamp, {})
        if key not in known[1]:
            with self._database.reading() as connection:
                row = rows.session_of(connection, key)
            if row is None:
                return None
            known[1][key] = _KnownSession.of(row)
        return known[1][key]

    def log_out(self, held: str, who: Account, address: str) -> None:
        with self._database.writing() as connection:
            rows.end_session(connection, digest(held))
            self._log(connection, who.name, address, "logout", "")

    def sittings(self, of: Account) -> list[SessionInfo]:
        """List the sessions that are not over, the latest first."""
        now = self._now()
        with self._database.reading() as connection:
            every = map(row_mapping.sitting, rows.sessions_of(connection, of.key))
            return [session for session in every if now - session.seen <= IDLE and now - session.created <= LIFETIME]

    def end(self, of: Account, by: Account, address: str, *, kept: str = "", only: str = "") -> None:
        """End the sessions of an account, all but ``kept`` or only ``only`` (digests).

        An account may end its own sessions, an administrator those of any account.
        """
        if of.key != by.key and by.role is not Role.ADMIN:
            raise AccessError("NOT_ALLOWED")
        with self._database.writing() as connection:
            rows.end_other_sessions(connection, of.key, kept, only)
            self._log(connection, by.name, address, "sessions_ended", of.name)

    def prove_elsewhere(self, session: str) -> str:
        """Mark a session (a digest) as proved by the provider; returns its new secret."""
        with self._database.writing() as connection:
            return self._renewed(connection, session)

    def sweep(self) -> None:
        """Delete expired sessions and tokens, so that a clock set back does not revive them."""
        now = self._now()
        with self._database.writing() as connection:
            rows.forget_sessions(connection, now - IDLE, now - LIFETIME, now + LEEWAY)
            for token in map(row_mapping.token, rows.tokens_over(connection, now - _SWEPT, now)):
                rows.revoke_token(connection, token.digest)
                self._log(connection, token.account, "", "token_over", token.name)

    # --- tokens ------------------------------------------------------------------------------------------------------

    def issue(
        self, by: Account, address: str, name: str, scopes: Iterable[TokenScope], valid: timedelta, *, vantage: str = ""
    ) -> str:
        """Issue a token of the account; return its secret, which is shown once.

        ``vantage``: the one that a worker with this token measures for; given only with the scope of workers.
        """
        if not timedelta() < valid <= LONGEST_TOKEN:
            raise AccessError("BAD_VALIDITY")
        held, now, kinds = f"ira_{secrets.token_urlsafe(32)}", self._now(), sorted({scope.value for scope in scopes})
        if not kinds:
            raise AccessError("NO_SCOPE")
        if bool(vantage) != (TokenScope.WORKER.value in kinds):
            raise AccessError("NO_VANTAGE")
        with self._database.writing() as connection:
            rows.add_token(
                connection,
                {
                    "digest": digest(held),
                    "account": by.key,
                    "name": name[:100],
                    "scopes": kinds,
                    "created": now,
                    "expires": now + valid,
                },
                vantage,
            )
            about = " ".join((name[:100], *kinds, vantage)).strip()
            self._log(connection, by.name, address, "token_issued", about)
        return held

    def token(self, held: str) -> TokenGrant | None:
        """Return the account and scopes of a token; None if it is over or unknown, or the account is disabled."""
        with self._database.reading() as connection:
            row = rows.token_of(connection, digest(held))
        if row is None or row._mapping["disabled"]:
            return None
        if not row._mapping["issued"] - LEEWAY <= self._now() < row._mapping["expires"]:
            return None
        return TokenGrant(
            account=row_mapping.account(row),
            scopes=frozenset(map(TokenScope, row._mapping["scopes"])),
            vantage=str(row._mapping["vantage"] or ""),
        )

    def tokens(self) -> list[Token]:
        with self._database.reading() as connection:
            return [row_mapping.token(row) for row in rows.tokens(connection)]

    def revoke(self, by: Account, address: str, key: str) -> None:
        """Revoke a token of the account, or of any account for an administrator."""
        with self._database.writing() as connection:
            found = next(
                (token for token in map(row_mapping.token, rows.tokens(connection)) if token.digest == key), None
            )
            if found is None or (found.account != by.name and by.role is not Role.ADMIN):
                raise AccessError("NO_TOKEN")
            rows.revoke_token(connection, key)
            self._log(connection, by.name, address, "token_revoked", found.name)

    def _revoke_all(self, connection: Connection, of: Account, by: str, address: str) -> None:
        """Revoke all tokens of an account, in the transaction of the change that ends them."""
        if rows.revoke_tokens(connection, of.key):
            self._log(connection, by, address, "tokens_revoked", of.name)
