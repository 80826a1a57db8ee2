"""Declares the commands ``auditor declare …``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

declare_app = typer.Typer(
    cls=Group, no_args_is_help=True, help=ui("Keep values that were declared for a period, and survey for them")
)
_PERIOD = ui("A year, a quarter or a month: 2026, 2026-Q3, 2026-09")


@declare_app.command("add", cls=Command, help=ui("Keep values of CSV files, with source, day and signatory"))
def declare_add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("CSV files of declared values"))],
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help=ui("What the values are for; default: the year of their day")),
    ] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.declare import add

    return add(files, period, {"store": store})


@declare_app.command("list", cls=Command, help=ui("All declared values, one a line"))
def declare_list(
    period: Annotated[str | None, typer.Argument(metavar="PERIOD", help=_PERIOD)] = None,
    history: Annotated[bool, typer.Option("--history", help=ui("Also values that were corrected"))] = False,
    store: o.StoreUrl = None,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.reports.declare import list_values

    return list_values(period, history=history, form=format, options={"store": store})


@declare_app.command("forms", cls=Command, help=ui("Write the survey's workbooks for operators and departments"))
def declare_forms(
    framework: Annotated[
        str, typer.Argument(metavar="ID", help=ui("The id of a framework"), autocompletion=completion.frameworks)
    ],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help=_PERIOD)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=ui("Folder for the workbooks"))],
    force: o.Force = False,
) -> int:
    from auditor.service.cli.commands.reports.declare import forms

    return forms(period, framework, out, {"force": force or None})


@declare_app.command("import", cls=Command, help=ui("Read workbooks of the survey and tell what is missing, from whom"))
def declare_import(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("Workbooks of the survey"))],
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.declare import import_forms

    return import_forms(files, {"store": store})
