"""Groups of commands that stand above single runs: frameworks. Bodies only hand over, as in ``app``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli import options as o
from auditor.cli.usage import Command, Group
from auditor.cli.words import ui

frameworks_app = typer.Typer(
    help=ui("What regulations and plans ask for"), cls=Group, no_args_is_help=True, rich_markup_mode=None
)
Run = Annotated[str, typer.Argument(metavar="RUN", help=ui("A run of the store"))]


@frameworks_app.command("list", cls=Command, help=ui("All frameworks, one a line"))
def frameworks_list(ids: Annotated[bool, typer.Option("--ids", help=ui("Print the ids only"))] = False) -> int:
    from auditor.cli.commands.frameworks import list_frameworks

    return list_frameworks(ids=ids)


@frameworks_app.command(
    "show", cls=Command, help=ui("The requirements of a framework, and where a run stands with them")
)
def frameworks_show(
    framework: Annotated[str, typer.Argument(metavar="ID", help=ui("The id of a framework"))],
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=ui("A run of the store"))] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.cli.commands.frameworks import show

    return show(framework, run, {"store": store})


@frameworks_app.command("declare", cls=Command, help=ui("Add declared values from CSV files to a run"))
def frameworks_declare(
    run: Run,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("CSV files of declared values"))],
    store: o.StoreUrl = None,
) -> int:
    from auditor.cli.commands.frameworks import declare

    return declare(run, files, {"store": store})


def diff(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="RUN_A RUN_B", help=ui("Two runs, the earlier one first"))
    ] = None,
    previous: Annotated[
        str | None, typer.Option("--previous", metavar="RUN", help=ui("Compare this run with the one before it"))
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", metavar="CODE", help=ui("Only this unit and those under it"))
    ] = None,
    store: o.StoreUrl = None,
    format: Annotated[
        list[str] | None, typer.Option("--format", metavar="text|json[=PATH]", help=ui("Text, the default, or JSON"))
    ] = None,
) -> int:
    from auditor.cli.commands.diff import diff as command

    return command(runs or [], previous, agency, {"store": store, "format": format})
