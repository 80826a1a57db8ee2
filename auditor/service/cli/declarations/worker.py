"""Declares ``auditor worker``. Its body only hands over, as in ``app``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import options as o
from auditor.service.cli.extras import require
from auditor.service.cli.words import ui

HELP = ui("Measure for one vantage on behalf of a centre, until interrupted")


def worker(
    inventory: o.SampledInventories = None,
    centre: Annotated[
        str | None, typer.Option("--centre", metavar="URL", help=ui("The centre, such as https://audit.tinh.vn"))
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", metavar="REF", help=ui("Where the worker's token is: env:NAME or file:PATH")),
    ] = None,
    centre_ca: Annotated[
        Path | None,
        typer.Option(
            "--centre-ca",
            metavar="FILE",
            help=ui("Trust the centre's certificate by these roots; default: the system's"),
        ),
    ] = None,
    store: o.StoreUrl = None,
) -> int:
    require(["aiohttp"])
    from auditor.service.cli.commands.measuring.worker import worker as command

    return command(inventory or [], {"store": store}, {"centre": centre, "token": token, "ca_file": centre_ca})
