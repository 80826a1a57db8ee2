"""Logs accounts in and asks for the password again; repeated wrong guesses have to wait (``login_backoff``)."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from auditor.service.accounts import passwords, row_mapping
from auditor.service.accounts.login_backoff import (
    REMEMBERED,
    TRUSTED_FAILURES,
    failure_keys,
    remaining_failures,
    rule,
    wait,
)
from auditor.service.accounts.model import LEEWAY, AccessError, Account
from auditor.service.accounts.records import digest
from auditor.service.accounts.refusal_log import network
from auditor.service.accounts.second_factors import SecondFactors
from auditor.service.store.sql.accounts import account_rows as rows

KNOWN_FOR = timedelta(days=365)
"""Time for which a browser is recognised after its owner logged in with it."""
_MOST_KNOWN = 4
"""Accounts that one browser is recognised for at most; an office shares its machines."""


class _CountedTry:
    """Holds a try counted as failed before it was checked: by key, its number and the time of the failure before."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.numbers: dict[str, int] = {}
        self.before: dict[str, datetime | None] = {}


class Logins(SecondFactors):
    def log_in(self, name: str, password: str, code: str, address: str, known: str = "") -> str:
        """Log in and return the secret of the new session. ``known``: this browser's cookie of ``recognisable``.

        Raises AccessError: WAIT, or DENIED for anything that was wrong.
        """
        with self._database.reading() as connection:
            row = rows.account_named(connection, name)
        turn = self._take_turn(name, address, failure_keys(name, address, self._browser(row, known)))
        # Outside the write transaction: hashing is slow and must not block the store.
        good = passwords.matches(None if row is None else str(row._mapping["password"]), password)
        with self._database.writing() as connection:
            # Read again: meanwhile the password may have changed, or the second factor's code been used.
            row = None if row is None else rows.account_with(connection, name, str(row._mapping["password"]))
            wanted = row is not None and good and not row._mapping["disabled"]
            factor = self._second(connection, row, code, address) if row is not None and wanted else None
            if row is not None and factor is not None:
                self._give_back(connection, turn)
                if passwords.is_stale(str(row._mapping["password"])):
                    again = {"password": passwords.hashed_again(password)}
                    rows.change_account(connection, row_mapping.account(row).key, again)
                return self.begin(connection, row_mapping.account(row), address, f"password {factor.value}".rstrip())
        self.refusals.add(name, address, "login_refused", "")
        raise AccessError("DENIED")

    def begin(self, connection: Connection, account: Account, address: str, shown: str) -> str:
        """Begin a session of an identified account and return its secret. ``shown``: the method, for the audit log."""
        held, now = secrets.token_urlsafe(32), self._now()
        row = {
            "digest": digest(held),
            "account": account.key,
            "csrf": secrets.token_urlsafe(24),
            "created": now,
            "seen": now,
            "address": address,
        }
        rows.add_session(connection, row)
        self._log(connection, account.name, address, "login", shown)
        return held

    def prove(self, who: Account, password: str, address: str, *, code: str = "", session: str = "") -> str:
        """Check the password, and any second factor, of a session before a sensitive action.

        The session (a digest) remembers it for a while and gets a new secret, which is returned. Raises AccessError.
        """
        if who.vouched:
            raise AccessError("PROVE_ELSEWHERE")
        turn = self._take_turn(who.name, address, [f"proof {network(address) or '-'} {who.name}"])
        with self._database.reading() as connection:
            row = rows.account_named(connection, who.name)
        good = passwords.matches(None if row is None else str(row._mapping["password"]), password)
        with self._database.writing() as connection:
            row = None if row is None else rows.account_with(connection, who.name, str(row._mapping["password"]))
            if row is not None and good and self._second(connection, row, code, address) is not None:
                self._give_back(connection, turn)
                return self._renewed(connection, session)
        self.refusals.add(who.name, address, "login_refused", "")
        raise AccessError("OWN_PROOF_WRONG" if who.second_factor else "OWN_PASSWORD_WRONG")

    def recognisable(self, name: str, known: str) -> str:
        """Return a cookie that marks this browser, so that guesses by others do not delay its logins."""
        with self._database.reading() as connection:
            row = rows.account_named(connection, name)
        if row is None or self._browser(row, known):
            return known
        text = f"{secrets.token_hex(8)}.{int(self._now().timestamp())}"
        made = f"{text}.{self._keys.sign(_of_browser(int(row._mapping['key']), text))}"
        return "~".join([made, *known.split("~")][:_MOST_KNOWN]).strip("~")

    def unlock(self, by: str, address: str, name: str) -> int:
        """Forget the failures for a name; returns how many were counted."""
        with self._database.writing() as connection:
            gone = rows.forget_failures_of(connection, self._existing(connection, name).name)
            self._log(connection, by, address, "login_unlocked", name)
        return gone

    def _browser(self, row: Row[Any] | None, known: str) -> str:
        """Return the key of a browser with a valid cookie for this account; empty for any other."""
        if row is None or not known:
            return ""
        now = self._now()
        for token in known[:1_000].split("~")[:_MOST_KNOWN]:
            said, _, mac = token.rpartition(".")
            name, _, issued = said.partition(".")
            if not (mac and issued.isascii() and issued.isdigit() and len(issued) < 12):
                continue
            age = now.timestamp() - int(issued)
            if not -LEEWAY.total_seconds() <= age <= KNOWN_FOR.total_seconds():
                continue
            if self._keys.is_signed(_of_browser(int(row._mapping["key"]), said), mac) and self._is_trusted(name):
                return name
        return ""

    def _is_trusted(self, browser: str) -> bool:
        with self._database.reading() as connection:
            pair = rows.failures(connection, f"browser {browser}")
        return pair is None or remaining_failures(*pair, self._now()) < TRUSTED_FAILURES

    def _take_turn(self, name: str, address: str, keys: Iterable[str]) -> _CountedTry:
        """Check and count a try in one step, so that many tries at once cannot exceed the free ones."""
        turn, must_wait = _CountedTry(self._now()), False
        with self._database.writing() as connection:
            rows.forget_failures_before(connection, turn.now - REMEMBERED)
            for what in keys:
                pair = rows.failures(connection, what)
                failed = 0 if pair is None else remaining_failures(*pair, turn.now)
                if pair is not None and pair[1] <= turn.now < pair[1] + wait(what, failed):
                    must_wait = True
                turn.numbers[what], turn.before[what] = failed + 1, None if pair is None else pair[1]
            for what, number in () if must_wait else turn.numbers.items():
                rows.set_failures(connection, what, number, turn.now)
        if must_wait:
            self.refusals.add(name, address, "login_waits", "")
            raise AccessError("WAIT")
        return turn

    @staticmethod
    def _give_back(connection: Connection, turn: _CountedTry) -> None:
        """Undo the count of a successful try: the account's own failures are forgotten, those of others remain."""
        for what, before in turn.before.items():
            pair = rows.failures(connection, what)
            if pair is None:
                continue
            if rule(what).own or pair[0] <= 1:
                rows.forget_failures(connection, what)
            else:
                last = before if pair[1] == turn.now and before is not None else pair[1]
                rows.set_failures(connection, what, pair[0] - 1, last)


def _of_browser(account: int, said: str) -> str:
    return f"browser of account {account}: {said}"
