"""Declares the commands of ``auditor service``. Bodies only hand over, as in ``app``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

service_app = typer.Typer(
    help=ui("The service of this machine"), cls=Group, no_args_is_help=True, rich_markup_mode=None
)


@service_app.command("install", cls=Command, help=ui("Write systemd's units for this installation; starts nothing"))
def service_install(
    dry_run: Annotated[bool, typer.Option("--dry-run", help=ui("Print the files and write nothing"))] = False,
    force: Annotated[bool, typer.Option("--force", help=ui("Write over files that say something else"))] = False,
    units: Annotated[Path, typer.Option("--units", metavar="FOLDER", help=ui("Where the units go"))] = Path(
        "/etc/systemd/system"
    ),
    program: Annotated[
        Path | None,
        typer.Option("--program", metavar="FOLDER", help=ui("Where auditor is; default: this installation")),
    ] = None,
    configuration: Annotated[
        Path, typer.Option("--configuration", metavar="FOLDER", help=ui("The folder of auditor.toml, in /etc"))
    ] = Path("/etc/auditor"),
    state: Annotated[
        Path, typer.Option("--state", metavar="FOLDER", help=ui("The folder of the store, in /var/lib"))
    ] = Path("/var/lib/auditor"),
    root: Annotated[
        Path, typer.Option("--root", metavar="FOLDER", help=ui("Write below this folder, as for a package"))
    ] = Path("/"),
) -> int:
    from auditor.service.cli.commands.service.service_units import ServicePaths, install

    paths = ServicePaths(
        root=root, units=units, program=program or Path(sys.prefix, "bin"), configuration=configuration, state=state
    )
    return install(paths, dry_run=dry_run, force=force)
