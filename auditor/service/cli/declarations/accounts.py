"""Declares the commands of ``auditor accounts``. Bodies only hand over, as in ``app``."""

from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

accounts_app = typer.Typer(help=ui("Accounts of the pages"), cls=Group, no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME", help=ui("The name of an account"))]
PasswordRef = Annotated[
    str | None,
    typer.Option(
        "--password-ref",
        metavar="REF",
        help=ui("Where the password is: env:NAME or file:PATH; default: it is asked for"),
    ),
]


@accounts_app.command("add", cls=Command, help=ui("Make an account; the first one is an administrator"))
def accounts_add(
    name: Name,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", metavar="ROLE", help=ui("What the account may do: viewer, operator or admin; default: viewer")
        ),
    ] = None,
    password_ref: PasswordRef = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.accounts import add

    return add(name, role, password_ref, {"store": store})


@accounts_app.command("list", cls=Command, help=ui("Name the accounts, each with what it may do"))
def accounts_list(format: o.ListFormat = "text", store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.service.accounts import list_accounts

    return list_accounts(format, {"store": store})


@accounts_app.command("password", cls=Command, help=ui("Set a new password; sessions and tokens of the account end"))
def accounts_password(name: Name, password_ref: PasswordRef = None, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.service.accounts import password

    return password(name, password_ref, {"store": store})


@accounts_app.command(
    "unlock", cls=Command, help=ui("Let logins of this name in at once again after many wrong passwords")
)
def accounts_unlock(name: Name, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.service.accounts import unlock

    return unlock(name, {"store": store})


@accounts_app.command(
    "token", cls=Command, help=ui("Make the token of a worker; it is printed once and belongs to this account")
)
def accounts_token(
    name: Name,
    vantage: Annotated[
        str,
        typer.Option(
            "--vantage",
            metavar="NAME",
            help=ui("The vantage that the worker measures for"),
            autocompletion=completion.vantages,
        ),
    ],
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=366, help=ui("How long the token is valid"))
    ] = 365,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.accounts import worker_token

    return worker_token(name, vantage, days, {"store": store})


@accounts_app.command(
    "drop-factor",
    cls=Command,
    help=ui("Remove the second factor of an account whose device and recovery codes are lost"),
)
def accounts_drop_factor(name: Name, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.service.accounts import drop_factor

    return drop_factor(name, {"store": store})
