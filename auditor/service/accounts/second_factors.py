"""Checks the second factor: time-based codes (TOTP, RFC 6238) and recovery codes, each used once."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import pyotp
from sqlalchemy import Connection, Row

from auditor.service.accounts import recovery_codes, row_mapping
from auditor.service.accounts.keys import UnusableKey, is_sealed
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.records import AccountRecords, digest
from auditor.service.store.sql.accounts import account_rows as rows

_STEP = 30  # seconds of a code (RFC 6238 §4.1)
_log = logging.getLogger("auditor.service.accounts")


class FactorKind(Enum):
    """Lists the kinds of second factor that a login may use; NONE if the account has none."""

    NONE = ""
    DEVICE = "totp"
    RECOVERY = "recovery"


class SecondFactors(AccountRecords):
    """Checks second factors. Seeds are encrypted in the store, each bound to the row of its account."""

    def confirm_second_factor(
        self, by: Account, address: str, secret: str, code: str, *, kept: str = ""
    ) -> tuple[str, ...]:
        """Require the second factor from now on, in place of an earlier one; return the recovery codes.

        ``code`` shows that the owner's device has the secret, and does not work again. Every session but ``kept`` (a
        digest) ends, because it was begun without this factor. The recovery codes are shown once.
        """
        step = matching_step(secret, code, self._now(), 0) if recovery_codes.is_secret(secret) else None
        if step is None:
            raise AccessError("BAD_CODE")
        if by.vouched:
            raise AccessError("VOUCHED_ELSEWHERE")
        sealed = self._keys.seal(secret, _about(by.key))
        with self._database.writing() as connection:
            rows.change_account(connection, by.key, {"totp": sealed, "totp_step": step})
            rows.end_other_sessions(connection, by.key, kept)
            self._log(connection, by.name, address, "second_factor_on", "")
            return self._recovery(connection, by)

    def renew_recovery(self, by: Account, address: str) -> tuple[str, ...]:
        """Replace all recovery codes by new ones."""
        with self._database.writing() as connection:
            if not self._existing(connection, by.name).second_factor:
                raise AccessError("NO_SECOND_FACTOR")
            self._log(connection, by.name, address, "recovery_renewed", "")
            return self._recovery(connection, by)

    def recovery_left(self, of: Account) -> int:
        with self._database.reading() as connection:
            return rows.count_recovery(connection, of.key)

    def drop_second_factor(self, by: Account, address: str, name: str, *, kept: str = "") -> None:
        """Remove the second factor, as its owner or an administrator. Every session but ``kept`` (a digest) ends."""
        if by.name != name and by.role is not Role.ADMIN:
            raise AccessError("NOT_ALLOWED")
        with self._database.writing() as connection:
            account = self._existing(connection, name)
            rows.change_account(connection, account.key, {"totp": None})
            rows.replace_recovery(connection, account.key, ())
            rows.end_other_sessions(connection, account.key, kept)
            self._log(connection, by.name, address, "second_factor_off", name)

    def protect_seeds(self) -> int:
        """Encrypt seeds that are not encrypted with the key in use; return their number.

        Seeds with a missing key stay as they are: with that key they can be read again.
        """
        done = 0
        with self._database.writing() as connection:
            for row in rows.accounts(connection):
                key, stored = int(row._mapping["key"]), row._mapping["totp"]
                if stored is None or self._keys.is_current(str(stored)):
                    continue
                secret = self._seed(key, str(stored))
                if secret is not None:
                    if connection.dialect.name == "sqlite":  # leave nothing of the old one in the file
                        connection.exec_driver_sql("PRAGMA secure_delete=ON")
                    rows.change_account(connection, key, {"totp": self._keys.seal(secret, _about(key))})
                    done += 1
        return done

    def _second(self, connection: Connection, row: Row[Any], code: str, address: str) -> FactorKind | None:
        """Check the second factor and return its kind; None if it is wrong or was used before (RFC 6238 §5.2)."""
        stored, last = row._mapping["totp"], int(row._mapping["totp_step"])
        if stored is None:
            return FactorKind.NONE
        account = row_mapping.account(row)
        secret = self._seed(account.key, str(stored))
        step = None if secret is None else matching_step(secret, code, self._now(), last)
        if step is None:
            return FactorKind.RECOVERY if self._recovered(connection, account, code, address) else None
        rows.change_account(connection, account.key, {"totp_step": step})
        return FactorKind.DEVICE

    def _seed(self, key: int, stored: str) -> str | None:
        """Decrypt the seed; None if it cannot be read. Recovery codes still work then."""
        if not is_sealed(stored):
            return stored
        try:
            return self._keys.open(stored, _about(key))
        except (UnusableKey, OSError) as error:
            _log.error("the second factor of account %d cannot be read: %s", key, error)
            return None

    def _recovered(self, connection: Connection, account: Account, code: str, address: str) -> bool:
        """Use up a recovery code; True if the code was an unused one."""
        if not rows.use_recovery(connection, account.key, digest(recovery_codes.plain(code))):
            return False
        left = rows.count_recovery(connection, account.key)
        self._log(connection, account.name, address, "recovery_used", str(left))
        return True

    @staticmethod
    def _recovery(connection: Connection, of: Account) -> tuple[str, ...]:
        made = recovery_codes.codes()
        rows.replace_recovery(connection, of.key, (digest(recovery_codes.plain(text)) for text in made))
        return made


def matching_step(secret: str, code: str, now: datetime, last: int) -> int | None:
    """Return the time step of this code, within one step of now and after the last one used; None if there is none.

    A last step that lies ahead was used while the clock was wrong, and is ignored.
    """
    step = int(now.timestamp()) // _STEP
    steps: Sequence[int] = (step - 1, step, step + 1)
    used = last if last <= steps[-1] else 0
    factor, given = pyotp.TOTP(secret), code.strip().encode("utf-8", "replace")
    for number in steps:
        if number > used and secrets.compare_digest(factor.generate_otp(number).encode(), given):
            return number
    return None


def _about(key: int) -> str:
    """Return the text that binds a seed to its account: it cannot be opened in the row of another account."""
    return f"second factor of account {key}"
