"""Creates accounts for people that the OpenID provider identifies, and updates them at each login."""

import secrets

from sqlalchemy.exc import IntegrityError

from auditor.service.accounts import passwords, row_mapping
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.store.sql.accounts import account_rows as rows
from inventory.model import AgencyId


def log_in(
    accounts: Accounts,
    issuer: str,
    subject: str,
    name: str,
    role: Role,
    agency: AgencyId | None,
    lang: str,
    address: str,
) -> str:
    """Log in an account that the provider identifies; return the secret of the new session.

    Raises AccessError if the account is disabled, the name belongs to a local account, or the last administrator would
    lose that role.
    """
    with accounts.database.reading() as connection:
        known = rows.account_of_identity(connection, issuer, subject)
    if known is None:
        _make(accounts, issuer, subject, name, role, agency, lang, address)
    else:
        account = row_mapping.account(known)
        if account.disabled:
            raise AccessError("NOT_KNOWN_HERE")
        if (account.role, account.agency) != (role, agency):
            accounts.change(account, address, account.name, role=role, agency=agency or "")
    with accounts.database.writing() as connection:
        row = rows.account_of_identity(connection, issuer, subject)
        if row is None:
            raise AccessError("NOT_KNOWN_HERE")
        return accounts.begin(connection, row_mapping.account(row), address, "OpenID")


def is_of(accounts: Accounts, account: Account, issuer: str, subject: str) -> bool:
    """True if the provider identifies this account by this subject."""
    with accounts.database.reading() as connection:
        row = rows.account_of_identity(connection, issuer, subject)
    return row is not None and row_mapping.account(row).key == account.key


def _make(
    accounts: Accounts,
    issuer: str,
    subject: str,
    name: str,
    role: Role,
    agency: AgencyId | None,
    lang: str,
    address: str,
) -> None:
    """Create the account with a random password that is stored nowhere else."""
    hashed = passwords.hashed(secrets.token_urlsafe(48), "nobody's")
    try:
        accounts.add_vouched(name, hashed, role, agency, lang, address, (issuer, subject))
    except IntegrityError as error:
        raise AccessError("NOT_KNOWN_HERE") from error
