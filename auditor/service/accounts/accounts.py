"""Manages accounts with their logins, sessions, tokens, second factors and links, and writes the audit log.

Browsers and programs hold random secrets; the store has only their SHA-256, so a copy of the database gives no access.
Every change and every refusal is a line of the audit log, written in the transaction of the change.
"""

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from auditor.service.accounts import passwords, row_mapping
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.records import digest
from auditor.service.accounts.sessions_tokens import SessionsAndTokens
from auditor.service.accounts.shared_reports import SharedReports
from auditor.service.store.sql.accounts import account_rows as rows
from inventory.model import AgencyId


class Accounts(SharedReports, SessionsAndTokens):
    """Manages accounts. ``now`` is the clock; methods may be called from any thread."""

    def is_set_up(self) -> bool:
        with self._database.reading() as connection:
            return rows.count_accounts(connection) > 0

    def set_up(self, name: str, password: str, lang: str, address: str) -> None:
        """Create the first account, an administrator. Raises AccessError if one exists already."""
        with self._database.writing() as connection:
            if rows.count_accounts(connection):
                raise AccessError("IS_SET_UP")
            self._add(connection, name, password, Role.ADMIN, None, lang)
            self._log(connection, name, address, "set_up", name)

    def add(
        self, by: Account, address: str, name: str, password: str, role: Role, agency: AgencyId | None, lang: str
    ) -> None:
        """Create a new account; only a viewer may be bound to an agency."""
        if agency is not None and role is not Role.VIEWER:
            raise AccessError("AGENCY_OF_VIEWERS")
        with self._database.writing() as connection:
            self._add(connection, name, password, role, agency, lang)
            self._log(connection, by.name, address, "account_added", f"{name} {role.value} {agency or ''}".rstrip())

    def add_vouched(
        self,
        name: str,
        hashed: str,
        role: Role,
        agency: AgencyId | None,
        lang: str,
        address: str,
        identity: tuple[str, str],
    ) -> None:
        """Add an account that an OpenID provider identifies by issuer and subject.

        Raises AccessError if the name is taken.
        """
        with self._database.writing() as connection:
            self._add(connection, name, None, role, agency, lang, hashed=hashed)
            rows.add_identity(connection, self._existing(connection, name).key, *identity)
            self._log(connection, name, address, "identity_added", f"{name} {role.value} {agency or ''}".rstrip())

    def all(self) -> list[Account]:
        with self._database.reading() as connection:
            return [row_mapping.account(row) for row in rows.accounts(connection)]

    def change(
        self,
        by: Account,
        address: str,
        name: str,
        *,
        disabled: bool | None = None,
        password: str | None = None,
        role: Role | None = None,
        agency: str | None = None,
    ) -> None:
        """Change an account and end its sessions, so that its next login has the new role.

        With a new password its tokens end too. ``agency`` empty: the account is bound to none from now on.
        """
        with self._database.writing() as connection:
            account = self._existing(connection, name)
            if password is not None and account.vouched:
                raise AccessError("VOUCHED_ELSEWHERE")  # a password would allow logins without the provider
            values: dict[str, object] = {} if disabled is None else {"disabled": disabled}
            values |= {} if password is None else {"password": passwords.hashed(password, name)}
            values |= {} if role is None else {"role": role.value}
            values |= {} if agency is None else {"agency": agency}
            bound = bool(account.agency if agency is None else agency)
            if bound and (role or account.role) is not Role.VIEWER:
                raise AccessError("AGENCY_OF_VIEWERS")
            self._keep_an_admin(connection, account, values)
            rows.change_account(connection, account.key, values)
            rows.end_sessions(connection, account.key)
            self._log(connection, by.name, address, "account_changed", f"{name} {' '.join(sorted(values))}")
            if password is not None:
                self._revoke_all(connection, account, by.name, address)

    def change_password(
        self, who: Account, address: str, old: str, new: str, kept: str, *, code: str = "", tokens: bool = False
    ) -> str:
        """Change the account's own password and end every session; with ``tokens`` its tokens too.

        Returns the new secret of the session with the digest ``kept``.
        """
        passwords.must_be_good(new, who.name)
        held = self.prove(who, old, address, code=code, session=kept)
        hashed = passwords.hashed(new, who.name)
        with self._database.writing() as connection:
            rows.change_account(connection, who.key, {"password": hashed})
            rows.end_other_sessions(connection, who.key, digest(held))
            self._log(connection, who.name, address, "password_changed", "")
            if tokens:
                self._revoke_all(connection, who, who.name, address)
        return held

    def _keep_an_admin(self, connection: Connection, account: Account, values: dict[str, object]) -> None:
        loses = values.get("disabled") is True or values.get("role", Role.ADMIN.value) != Role.ADMIN.value
        admins = [
            each_account
            for each_account in map(row_mapping.account, rows.accounts(connection))
            if each_account.role is Role.ADMIN and not each_account.disabled
        ]
        if loses and admins == [account]:
            raise AccessError("LAST_ADMIN")

    def _add(
        self,
        connection: Connection,
        name: str,
        password: str | None,
        role: Role,
        agency: AgencyId | None,
        lang: str,
        *,
        hashed: str = "",
    ) -> None:
        if not name or len(name) > 100 or not name.isprintable() or name != name.strip():
            raise AccessError("BAD_NAME")
        held = hashed if password is None else passwords.hashed(password, name)
        values = {
            "name": name,
            "password": held,
            "role": role.value,
            "agency": agency or "",
            "lang": lang,
            "created": self._now(),
            "disabled": False,
            "totp": None,
            "totp_step": 0,
        }
        try:
            rows.add_account(connection, values)
        except IntegrityError as error:
            raise AccessError("NAME_TAKEN") from error
