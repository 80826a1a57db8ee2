"""Declares the commands about the program itself and its store. Bodies only hand over, as in ``app``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import completion as shells
from auditor.service.cli import options as o
from auditor.service.cli.words import ui

COMPLETION = ui("Print the completion script of a shell: source <(auditor completion bash)")
BACKUP = ui("Copy the store into a new file, while it is in use")
RESTORE = ui("Restore a backup (the current database is kept beside it)")


def completion(
    shell: Annotated[
        str, typer.Argument(metavar="bash|zsh|fish", help=ui("The shell"), autocompletion=shells.words(*shells.SHELLS))
    ],
) -> int:
    return shells.print_script(shell)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=ui("The copy; what exists is never overwritten"))],
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.backup import backup as command

    return command(file, {"store": store})


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=ui("A copy that `auditor backup` made"))],
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.backup import restore as command

    return command(file, {"store": store})
