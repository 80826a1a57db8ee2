"""Runs ``auditor accounts`` for any user that may write the store, even if nobody can log in to the pages any more."""

import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.framework.operator_problems import OperatorError, OperatorProblem
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import AccessError, Account, Role, TokenScope
from auditor.service.cli import audit_entries
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.credentials.credentials import environment
from auditor.service.pipeline.credentials.secret_sources import read_secret
from auditor.service.store.url import open_store
from auditor.service.web.security.setup_code import place
from auditor.service.web.words.lookup import say
from auditor.texts.translate import Texts
from reports.json_data import Plain


def add(name: str, role: str | None, reference: str | None, options: Mapping[str, object]) -> int:
    """Add an account that is bound to no agency; the first account is an administrator."""
    wanted = None if role is None else _role(role)
    secret = _password(reference)
    with _opened(options, create=True) as (accounts, place_of_code):
        first = not accounts.is_set_up()
        if first and wanted not in (None, Role.ADMIN):
            raise refuse([ui("the first account is an administrator; leave --role out, or say admin")])
        given = Role.ADMIN if first else wanted or Role.VIEWER
        if first:
            accounts.set_up(name, secret, language(), "")
            place_of_code.unlink(missing_ok=True)
        else:
            accounts.add(_operator(), "", name, secret, given, None, language())
    print(ui("{name} can log in now, as {role}", name=name, role=say(Texts(language()), f"role_{given.value}")))
    return EXIT_OK


def list_accounts(form: str, options: Mapping[str, object]) -> int:
    """Print one account per line: name, role, agency and further properties, but no secrets."""
    as_json = wants_json(form)
    with _opened(options) as (accounts, _):
        known = sorted(accounts.all(), key=lambda account: account.name)
    if as_json:
        print_json([_data(account) for account in known])
    elif known:
        print("\n".join(map(_line, known)))
    else:
        print(ui("There is no account yet: auditor accounts add NAME"))
    return EXIT_OK


def _data(account: Account) -> dict[str, Plain]:
    return {
        "name": account.name,
        "role": account.role.value,
        "agency": account.agency,
        "created": account.created.isoformat(),
        "disabled": account.disabled,
        "second_factor": account.second_factor,
        "by_provider": account.vouched,
    }


def _line(account: Account) -> str:
    texts = Texts(language())
    told = [say(texts, f"role_{account.role.value}"), account.agency or say(texts, "of_all_agencies")]
    told += [say(texts, "second_factor")] if account.second_factor else []
    told += [ui("logs in by the provider")] if account.vouched else []
    told += [say(texts, "disabled")] if account.disabled else []
    return "\t".join(map(visible, (account.name, *told)))


def password(name: str, reference: str | None, options: Mapping[str, object]) -> int:
    with _opened(options) as (accounts, _):
        accounts.change(_operator(), "", name, password=_password(reference))
        accounts.unlock(_operator().name, "", name)
    print(ui("{name} has a new password", name=name))
    return EXIT_OK


def unlock(name: str, options: Mapping[str, object]) -> int:
    with _opened(options) as (accounts, _):
        accounts.unlock(_operator().name, "", name)
    print(ui("{name} can log in at once again", name=name))
    return EXIT_OK


def worker_token(name: str, vantage: str, days: int, options: Mapping[str, object]) -> int:
    """Print a token of the account for the worker of a vantage; the token itself is stored nowhere."""
    if vantage not in load_config(options).config.vantages:
        raise refuse([ui("no vantage '{vantage}' in the configuration", vantage=vantage)])
    with _opened(options) as (accounts, _):
        owner = next((account for account in accounts.all() if account.name == name), None)
        if owner is None:
            raise AccessError("NO_ACCOUNT")
        if not owner.role.covers(Role.OPERATOR):
            raise AccessError("NOT_ALLOWED")
        scopes = [TokenScope.WORKER]
        held = accounts.issue(owner, "", f"worker {vantage}", scopes, timedelta(days=days), vantage=vantage)
    print(held)
    return EXIT_OK


def drop_factor(name: str, options: Mapping[str, object]) -> int:
    with _opened(options) as (accounts, _):
        accounts.drop_second_factor(_operator(), "", name)
    print(ui("{name} has no second factor any more", name=name))
    return EXIT_OK


@contextmanager
def _opened(options: Mapping[str, object], *, create: bool = False) -> Iterator[tuple[Accounts, Path]]:
    """Open the accounts, with the file for the set-up code of a running service; report a refusal as the pages do."""
    config = load_config(options).config
    audit_entries.to_system_log()
    with open_store(config.store, create=create) as store:
        try:
            yield Accounts(store.database), place(store.database.path)
        except AccessError as error:
            raise refuse([say(Texts(language()), error.code)]) from error


def _operator() -> Account:
    """Return the user at this machine as an account, by the name that the audit log shows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "?"
    return Account(
        key=0,
        name=f"{name} (auditor accounts)",
        role=Role.ADMIN,
        agency=None,
        lang=language(),
        created=datetime.now(UTC),
    )


def _role(text: str) -> Role:
    if text not in {role.value for role in Role}:
        raise refuse([ui("--role: '{value}' is not one of viewer, operator, admin", value=text)])
    return Role(text)


def _password(reference: str | None) -> str:
    """Ask for the password twice without showing it, or read it from the reference; never from the command line."""
    if reference is not None:
        if reference.partition(":")[0] not in ("env", "file"):
            raise refuse([ui("--password-ref: this is neither env:NAME nor file:PATH")])
        problems: list[OperatorProblem] = []
        secret = read_secret(reference, environment(), problems, at="--password-ref")
        if secret is None:
            raise OperatorError(problems)
        return secret
    if not sys.stdin.isatty():
        raise refuse(
            [ui("there is no terminal to ask for a password; name it by --password-ref env:NAME or file:PATH")]
        )
    given = getpass.getpass(ui("Password: "))
    if given != getpass.getpass(ui("Repeat the password: ")):
        raise refuse([ui("the two passwords are not the same")])
    return given
