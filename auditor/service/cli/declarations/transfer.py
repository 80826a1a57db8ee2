"""Declares the commands that carry results from one store to another as files. Bodies only hand over, as in ``app``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import options as o
from auditor.service.cli.declarations.groups import Run, runs_app
from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

Target = Annotated[Path, typer.Argument(metavar="FILE", help=ui("The file to write"))]
Sources = Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("Sealed files of another auditor"))]
Key = Annotated[Path | None, typer.Option("--key", metavar="FILE", help=ui("Sign with this Ed25519 key, a PEM file"))]
Trusted = Annotated[
    list[str] | None,
    typer.Option(
        "--public-key",
        metavar="[VANTAGE=]FILE",
        help=ui(
            "Take only what is signed with one of these keys, files of a vantage with its own where it has one;"
            " repeatable"
        ),
    ),
]
TrustedFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--public-key", metavar="FILE", help=ui("Take only what is signed with one of these keys; repeatable")
    ),
]

mesh_app = typer.Typer(
    help=ui("Samples that vantages took of each other"), cls=Group, no_args_is_help=True, rich_markup_mode=None
)


@mesh_app.command("export", cls=Command, help=ui("Write what this point sampled of the others, for another store"))
def mesh_export(
    file: Target,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=400, help=ui("Of the last so many days"))] = 2,
    key: Key = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.mesh_transfer import export

    return export(file, days, key, {"store": store, "force": force or None})


@mesh_app.command("import", cls=Command, help=ui("Take in what other points sampled; nothing is taken twice"))
def mesh_import(files: Sources, public_key: Trusted = None, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.runs.mesh_transfer import import_files

    return import_files(files, public_key or [], {"store": store})


@runs_app.command("export", cls=Command, help=ui("Write what a run measured to a sealed file, for another store"))
def runs_export(run: Run, file: Target, key: Key = None, force: o.Force = False, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.runs.run_files import export

    return export(run, file, key, {"store": store, "force": force or None})


@runs_app.command("import", cls=Command, help=ui("Take in runs of other vantages; nothing is taken twice"))
def runs_import(
    files: Sources,
    round: Annotated[
        str | None,
        typer.Option("--round", metavar="ROUND", help=ui("Join this round; it is created if it does not exist")),
    ] = None,
    public_key: Trusted = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.run_files import import_files

    return import_files(files, round, public_key or [], {"store": store})


federate_app = typer.Typer(
    help=ui("Summaries of provinces, for a national centre"), cls=Group, no_args_is_help=True, rich_markup_mode=None
)


@federate_app.command(
    "export", cls=Command, help=ui("Write figures and defects of a judged run or round, without evidence")
)
def federate_export(
    run: Run,
    file: Target,
    province: Annotated[
        str | None,
        typer.Option("--province", metavar="CODE", help=ui("The province; default: the inventory's top unit")),
    ] = None,
    round: Annotated[
        str | None, typer.Option("--round", metavar="NAME", help=ui("The national round; default: the month, 2026-11"))
    ] = None,
    key: Key = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.federate import export

    return export(run, file, (province, round), key, {"store": store, "force": force or None})


@federate_app.command("import", cls=Command, help=ui("Take in files of provinces; a later one corrects an earlier one"))
def federate_import(files: Sources, public_key: TrustedFiles = None, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.reports.federate import import_files

    return import_files(files, public_key or [], {"store": store})


@federate_app.command("report", cls=Command, help=ui("A table of provinces with their figures and worst defects"))
def federate_report(
    round: Annotated[
        str | None, typer.Argument(metavar="ROUND", help=ui("The national round; default: the latest"))
    ] = None,
    format: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="text|json|html[=PATH]", help=ui("Repeatable; default: text")),
    ] = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.federate import report

    return report(round, {"store": store, "format": format, "force": force or None})
