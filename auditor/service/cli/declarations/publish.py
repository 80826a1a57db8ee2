"""Declares ``auditor publish``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import options as o
from auditor.service.cli.words import ui

PUBLISHING = ui("Write the public edition of a period: pages and open data, nothing that helps an attacker")


def publish(
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help=ui("A year, a quarter or a month: 2026, 2026-Q3, 2026-09"))
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help=ui("Folder of the edition; an earlier one there is corrected"))
    ],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help=ui("Sign with this Ed25519 key, a PEM file"))
    ] = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.publish import publish as command

    return command(period, out, key, {"store": store, "force": force or None})
