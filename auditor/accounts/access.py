"""Logging in and out, sessions, tokens and the audit log, over the store's database.

What a browser or a program holds is random; the store has its SHA-256, so that a copy of the database opens nothing.
Every change and every refusal is a line of the audit log, written in the transaction of the change.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from auditor.accounts import passwords, reading, recovery
from auditor.accounts.model import (
    IDLE,
    LIFETIME,
    LONGEST_TOKEN,
    AccessError,
    Account,
    Deed,
    Held,
    Role,
    Scope,
    Session,
    Sitting,
    Token,
)
from auditor.accounts.refusals import Refusals
from auditor.accounts.waiting import REMEMBERED, counted, wait
from auditor.store.sql import account_rows as rows
from auditor.store.sql import log_rows
from auditor.store.sql.database import Database
from inventory.model import AgencyId

_TOUCHED = timedelta(minutes=1)
"""A session's last use is written down at most so often."""
_STEP = 30  # seconds of a code of the second factor (RFC 6238 §4.1)


class Access:
    """Everything about accounts. ``now`` is the clock; methods may be called from any thread."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._now = database, now
        self._remembered: tuple[int, dict[str, Row[Any]]] = (-1, {})
        self.refusals = Refusals(self.note, now)

    @property
    def database(self) -> Database:
        """For what is kept beside the accounts."""
        return self._database

    # --- accounts ----------------------------------------------------------------------------------------------------

    def is_set_up(self) -> bool:
        with self._database.reading() as connection:
            return rows.count_accounts(connection) > 0

    def set_up(self, name: str, password: str, lang: str, address: str) -> None:
        """The first account, an administrator. Raises AccessError where there is one already."""
        with self._database.writing() as connection:
            if rows.count_accounts(connection):
                raise AccessError("IS_SET_UP")
            self._add(connection, name, password, Role.ADMIN, None, lang)
            self._log(connection, name, address, "set_up", name)

    def add(
        self, by: Account, address: str, name: str, password: str, role: Role, agency: AgencyId | None, lang: str
    ) -> None:
        """A new account; only a viewer may be bound to an agency."""
        if agency is not None and role is not Role.VIEWER:
            raise AccessError("AGENCY_OF_VIEWERS")
        with self._database.writing() as connection:
            self._add(connection, name, password, role, agency, lang)
            self._log(connection, by.name, address, "account_added", f"{name} {role.value} {agency or ''}".rstrip())

    def add_vouched(
        self, name: str, hashed: str, role: Role, agency: AgencyId | None, lang: str, address: str,
        identity: tuple[str, str],
    ) -> None:  # fmt: skip
        """An account of who is known elsewhere, as issuer and subject. A name that is taken is an AccessError."""
        with self._database.writing() as connection:
            self._add(connection, name, None, role, agency, lang, hashed=hashed)
            rows.add_identity(connection, self._existing(connection, name).key, *identity)
            self._log(connection, name, address, "identity_added", f"{name} {role.value} {agency or ''}".rstrip())

    def accounts(self) -> list[Account]:
        with self._database.reading() as connection:
            return [reading.account(row) for row in rows.accounts(connection)]

    def change(self, by: Account, address: str, name: str, *, disabled: bool | None = None,
               password: str | None = None, role: Role | None = None,
               agency: str | None = None) -> None:  # fmt: skip
        """Change an account and end its sessions: who was logged in must log in again as what they are now.

        ``agency`` empty: bound to none from now on.
        """
        with self._database.writing() as connection:
            found = self._existing(connection, name)
            values: dict[str, object] = {} if disabled is None else {"disabled": disabled}
            values |= {} if password is None else {"password": passwords.hashed(password, name)}
            values |= {} if role is None else {"role": role.value}
            values |= {} if agency is None else {"agency": agency}
            bound = bool(found.agency if agency is None else agency)
            if bound and (role or found.role) is not Role.VIEWER:
                raise AccessError("AGENCY_OF_VIEWERS")
            self._keep_an_admin(connection, found, values)
            rows.change_account(connection, found.key, values)
            rows.end_sessions(connection, found.key)
            self._log(connection, by.name, address, "account_changed", f"{name} {' '.join(sorted(values))}")

    def _keep_an_admin(self, connection: Connection, account: Account, values: dict[str, object]) -> None:
        loses = values.get("disabled") is True or values.get("role", Role.ADMIN.value) != Role.ADMIN.value
        admins = [
            one
            for one in map(reading.account, rows.accounts(connection))
            if one.role is Role.ADMIN and not one.disabled
        ]
        if loses and admins == [account]:
            raise AccessError("LAST_ADMIN")

    def _add(self, connection: Connection, name: str, password: str | None, role: Role, agency: AgencyId | None,
             lang: str, *, hashed: str = "") -> None:  # fmt: skip
        if not name or len(name) > 100 or not name.isprintable() or name != name.strip():
            raise AccessError("BAD_NAME")
        held = hashed if password is None else passwords.hashed(password, name)
        values = {
            "name": name, "password": held, "role": role.value, "agency": agency or "",
            "lang": lang, "created": self._now(), "disabled": False, "totp": None, "totp_step": 0,
        }  # fmt: skip
        try:
            rows.add_account(connection, values)
        except IntegrityError as error:
            raise AccessError("NAME_TAKEN") from error

    @staticmethod
    def _existing(connection: Connection, name: str) -> Account:
        row = rows.account_named(connection, name)
        if row is None:
            raise AccessError("NO_ACCOUNT")
        return reading.account(row)

    # --- logging in --------------------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str, code: str, address: str) -> str:
        """What the browser is to hold. Raises AccessError: WAIT, or DENIED for whatever was wrong."""
        self._must_not_wait(name, address)
        with self._database.reading() as connection:
            row = rows.account_named(connection, name)
        # Outside the write transaction: hashing takes its time, and nobody may hold the store with it.
        good = passwords.matches(None if row is None else str(row._mapping["password"]), password)
        with self._database.writing() as connection:
            # As it is now: meanwhile the password may have changed, or the second factor's code have been used.
            row = None if row is None else rows.account_with(connection, name, str(row._mapping["password"]))
            if row is None or not good or row._mapping["disabled"] or not self._second(connection, row, code, address):
                self._failed(connection, name, address)
            else:
                rows.forget_failures(connection, f"name {name}")
                if passwords.is_stale(str(row._mapping["password"])):
                    rows.change_account(
                        connection, reading.account(row).key, {"password": passwords.hashed(password, name)}
                    )
                return self.begin(connection, reading.account(row), address)
        raise AccessError("DENIED")

    def _must_not_wait(self, name: str, address: str) -> None:
        with self._database.reading() as connection:
            for what in counted(name, address):
                found = rows.failures(connection, what)
                if found is not None and self._now() < found[1] + wait(found[0]):
                    break
            else:
                return
        self.refusals.add(name, address, "login_waits", "")
        raise AccessError("WAIT")

    def _failed(self, connection: Connection, name: str, address: str) -> None:
        now = self._now()
        rows.forget_failures_before(connection, now - REMEMBERED)
        for what in counted(name, address):
            found = rows.failures(connection, what)
            rows.set_failures(connection, what, 1 if found is None else found[0] + 1, now)
        self._log(connection, name[:100], address, "login_refused", "")

    def _second(self, connection: Connection, row: Row[Any], code: str, address: str) -> bool:
        """Whether the second factor, if there is one, is right and was not used before (RFC 6238 §5.2)."""
        secret, last = row._mapping["totp"], int(row._mapping["totp_step"])
        if secret is None:
            return True
        step = int(self._now().timestamp()) // _STEP
        factor, given = pyotp.TOTP(str(secret)), code.strip().encode("utf-8", "replace")
        for one in (step - 1, step, step + 1):
            if one > last and secrets.compare_digest(factor.generate_otp(one).encode(), given):
                rows.change_account(connection, reading.account(row).key, {"totp_step": one})
                return True
        return self._recovered(connection, row, code, address)

    def _recovered(self, connection: Connection, row: Row[Any], code: str, address: str) -> bool:
        """Whether it is one of the codes that stand once for the second factor."""
        found = reading.account(row)
        if not rows.use_recovery(connection, found.key, digest(recovery.plain(code))):
            return False
        left = rows.count_recovery(connection, found.key)
        self._log(connection, found.name, address, "recovery_used", str(left))
        return True

    def begin(self, connection: Connection, account: Account, address: str) -> str:
        """A session of somebody who is known: what the browser is to hold."""
        held, now = secrets.token_urlsafe(32), self._now()
        rows.forget_sessions(connection, now - IDLE, now - LIFETIME)
        rows.add_session(
            connection,
            {
                "digest": digest(held),
                "account": account.key,
                "csrf": secrets.token_urlsafe(24),
                "created": now,
                "seen": now,
                "address": address,
            },
        )
        self._log(connection, account.name, address, "login", "")
        return held

    # --- sessions and tokens -----------------------------------------------------------------------------------------

    def session(self, held: str) -> Session | None:
        """Whose session it is; None for one that is over, unknown, or of a disabled account."""
        key, now = digest(held), self._now()
        row = self._session_row(key)
        if row is None or row._mapping["disabled"]:
            return None
        seen, began = row._mapping["seen"], row._mapping["began"]
        if now - seen > IDLE or now - began > LIFETIME:
            return None
        if now - seen > _TOUCHED:
            with self._database.writing() as connection:
                rows.touch_session(connection, key, now)
        return Session(account=reading.account(row), csrf=str(row._mapping["csrf"]))

    def _session_row(self, key: str) -> Row[Any] | None:
        """Remembered as long as nothing at all was written since: who is logged out is so at once."""
        stamp = self._database.stamp()
        known = self._remembered
        if known[0] != stamp:
            known = self._remembered = (stamp, {})
        if key not in known[1]:
            with self._database.reading() as connection:
                row = rows.session_of(connection, key)
            if row is None:
                return None
            known[1][key] = row
        return known[1][key]

    def log_out(self, held: str, who: Account, address: str) -> None:
        with self._database.writing() as connection:
            rows.end_session(connection, digest(held))
            self._log(connection, who.name, address, "logout", "")

    def sittings(self, of: Account) -> list[Sitting]:
        """The sessions that are not over, the latest begun first."""
        now = self._now()
        with self._database.reading() as connection:
            every = map(reading.sitting, rows.sessions_of(connection, of.key))
            return [one for one in every if now - one.seen <= IDLE and now - one.created <= LIFETIME]

    def end(self, of: Account, by: Account, address: str, *, kept: str = "") -> None:
        """All sessions of an account but ``kept`` (a digest): one's own, or anybody's by an administrator."""
        if of.key != by.key and by.role is not Role.ADMIN:
            raise AccessError("NOT_ALLOWED")
        with self._database.writing() as connection:
            rows.end_other_sessions(connection, of.key, kept)
            self._log(connection, by.name, address, "sessions_ended", of.name)

    def prove(self, who: Account, password: str, address: str) -> None:
        """That somebody who is logged in knows the password, before something grave. Raises AccessError."""
        self._must_not_wait(who.name, address)
        with self._database.reading() as connection:
            row = rows.account_named(connection, who.name)
        if passwords.matches(None if row is None else str(row._mapping["password"]), password):
            return
        with self._database.writing() as connection:
            self._failed(connection, who.name, address)
        raise AccessError("DENIED")

    def change_password(self, who: Account, address: str, old: str, new: str, kept: str) -> None:
        """One's own; every other session ends."""
        self.prove(who, old, address)
        hashed = passwords.hashed(new, who.name)
        with self._database.writing() as connection:
            rows.change_account(connection, who.key, {"password": hashed})
            rows.end_other_sessions(connection, who.key, kept)
            self._log(connection, who.name, address, "password_changed", "")

    def issue(self, by: Account, address: str, name: str, scopes: Iterable[Scope], valid: timedelta) -> str:
        """A new token of one's own; shown once and never again."""
        if not timedelta() < valid <= LONGEST_TOKEN:
            raise AccessError("BAD_VALIDITY")
        held, now, kinds = f"ira_{secrets.token_urlsafe(32)}", self._now(), sorted({one.value for one in scopes})
        if not kinds:
            raise AccessError("NO_SCOPE")
        with self._database.writing() as connection:
            rows.add_token(
                connection,
                {"digest": digest(held), "account": by.key, "name": name[:100], "scopes": kinds, "created": now,
                 "expires": now + valid},
            )  # fmt: skip
            self._log(connection, by.name, address, "token_issued", f"{name[:100]} {' '.join(kinds)}")
        return held

    def token(self, held: str) -> Held | None:
        """Whose token it is and what it may be used for; None for one that is over or unknown."""
        with self._database.reading() as connection:
            row = rows.token_of(connection, digest(held))
        if row is None or row._mapping["disabled"] or self._now() >= row._mapping["expires"]:
            return None
        return Held(account=reading.account(row), scopes=frozenset(map(Scope, row._mapping["scopes"])))

    def tokens(self) -> list[Token]:
        with self._database.reading() as connection:
            return [reading.token(row) for row in rows.tokens(connection)]

    def revoke(self, by: Account, address: str, key: str) -> None:
        """One's own token, or anybody's by an administrator."""
        with self._database.writing() as connection:
            found = next((one for one in map(reading.token, rows.tokens(connection)) if one.digest == key), None)
            if found is None or (found.account != by.name and by.role is not Role.ADMIN):
                raise AccessError("NO_TOKEN")
            rows.revoke_token(connection, key)
            self._log(connection, by.name, address, "token_revoked", found.name)

    # --- second factor -----------------------------------------------------------------------------------------------

    def confirm_second_factor(self, by: Account, address: str, secret: str, code: str) -> tuple[str, ...]:
        """Require it from now on; ``code`` shows that the owner's device has the secret. What is answered are the codes
        for when the device is lost; they are shown once and never again."""
        if not recovery.is_secret(secret) or not pyotp.TOTP(secret).verify(code, for_time=self._now(), valid_window=1):
            raise AccessError("BAD_CODE")
        with self._database.writing() as connection:
            rows.change_account(connection, by.key, {"totp": secret, "totp_step": 0})
            self._log(connection, by.name, address, "second_factor_on", "")
            return self._recovery(connection, by)

    def renew_recovery(self, by: Account, address: str) -> tuple[str, ...]:
        """New codes, in place of all before."""
        with self._database.writing() as connection:
            if not self._existing(connection, by.name).second_factor:
                raise AccessError("NO_SECOND_FACTOR")
            self._log(connection, by.name, address, "recovery_renewed", "")
            return self._recovery(connection, by)

    def recovery_left(self, of: Account) -> int:
        with self._database.reading() as connection:
            return rows.count_recovery(connection, of.key)

    @staticmethod
    def _recovery(connection: Connection, of: Account) -> tuple[str, ...]:
        made = recovery.codes()
        rows.replace_recovery(connection, of.key, (digest(recovery.plain(one)) for one in made))
        return made

    def drop_second_factor(self, by: Account, address: str, name: str) -> None:
        """By its owner or an administrator."""
        if by.name != name and by.role is not Role.ADMIN:
            raise AccessError("NOT_ALLOWED")
        with self._database.writing() as connection:
            found = self._existing(connection, name)
            rows.change_account(connection, found.key, {"totp": None})
            rows.replace_recovery(connection, found.key, ())
            self._log(connection, by.name, address, "second_factor_off", name)

    # --- the audit log -----------------------------------------------------------------------------------------------

    def note(self, who: str, address: str, what: str, about: str) -> None:
        """A line for what others do: a run, an export, a waiver."""
        with self._database.writing() as connection:
            self._log(connection, who, address, what, about)

    def deeds(self, most: int = 500) -> list[Deed]:
        """The latest first."""
        with self._database.reading() as connection:
            return [reading.deed(row) for row in log_rows.latest(connection, most)]

    def _log(self, connection: Connection, who: str, address: str, what: str, about: str) -> None:
        values = {"time": self._now(), "who": who, "address": address, "what": what, "about": about[:1_000]}
        log_rows.add(connection, values)


def digest(held: str) -> str:
    """By what the store knows a session or token."""
    return hashlib.sha256(held.encode()).hexdigest()
