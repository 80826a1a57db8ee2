"""Declares the commands about the program itself. Bodies only hand over, as in ``app``."""

from typing import Annotated

import typer

from auditor.service.cli import completion as shells
from auditor.service.cli.words import ui

COMPLETION = ui("Print the completion script of a shell: source <(auditor completion bash)")


def completion(
    shell: Annotated[
        str, typer.Argument(metavar="bash|zsh|fish", help=ui("The shell"), autocompletion=shells.words(*shells.SHELLS))
    ],
) -> int:
    return shells.print_script(shell)
