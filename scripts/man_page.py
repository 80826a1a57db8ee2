"""Writes the manual page auditor(1) to standard output, in mdoc, from the same declarations as the program's help.

.venv/bin/python scripts/man_page.py > auditor.1
"""

import datetime
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["AUDITOR_LANG"] = "en"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import typer  # help is in one language for a whole process, which is chosen above
from typer.core import TyperArgument
from typer.main import get_command

from auditor.service.cli.app import app
from auditor.service.cli.command_sections import sections
from auditor.service.cli.usage import options_of
from auditor.service.pipeline.version import program_version

EXITS = (
    ("0", "Nothing below applies."),
    ("1", "An error of the auditor."),
    ("2", "A mistake in arguments, configuration or inventory; nothing was sent."),
    ("3", "A check of the severity of --fail-on or worse failed."),
    ("4", "A required check could not be decided, although this run was set up to."),
    ("5", "A comparison found something worse."),
    ("130", "Interrupted; the command that resumes is printed."),
    ("141", "The reader of the output has gone."),
)
FILES = (
    ("/etc/auditor/auditor.toml", "Configuration of the machine."),
    ("~/.config/auditor/auditor.toml", "Configuration of the user."),
    ("./auditor.toml", "Configuration of the folder; refused if others may write to it."),
    ("auditor.db", "The store, unless --store names another."),
)


def main() -> None:
    """Print the page."""
    root = get_command(app)
    day = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or 1_795_824_000), datetime.UTC)
    lines = [f".Dd {day:%B} {day.day}, {day.year}", ".Dt AUDITOR 1", f".Os auditor {program_version()}"]
    lines += [".Sh NAME", ".Nm auditor", ".Nd audit IPv6 readiness, TSLCD connectivity and basic security"]
    lines += [".Sh SYNOPSIS", ".Nm", ".Op Ar options", ".Ar command", ".Op Ar arguments", ".Sh DESCRIPTION"]
    lines += [escaped(root.help or ""), ".Pp", "Options of every command:", *options(root)]
    lines += [".Sh COMMANDS"]
    for section in sections():
        lines += [f".Ss {escaped(section.title)}", ".Bl -tag -width Ds"]
        for name in section.commands:
            lines += command(name, root.commands[name])  # type: ignore[attr-defined]
        lines += [".El"]
    lines += [".Sh ENVIRONMENT", "Every key of the configuration is a variable as well:"]
    lines += [".Ev AUDITOR_LIMITS__CONCURRENCY", "is", ".Ql concurrency", "in", ".Ql [limits] ."]
    lines += [".Sh FILES", ".Bl -tag -width Ds"]
    lines += [line for path, text in FILES for line in (f".It Pa {path}", escaped(text))]
    lines += [".El", ".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    lines += [line for code, text in EXITS for line in (f".It {code}", escaped(text))]
    lines += [".El", ".Sh EXAMPLES"]
    for section in sections():
        lines += [f".Dl {escaped(section.example)}"]
    print("\n".join(lines))


def command(name: str, declared: Any) -> Iterator[str]:
    """Yield a command with its options, or the commands of a group."""
    if hasattr(declared, "commands"):
        for below, inner in declared.commands.items():
            if inner.hidden:
                continue
            yield from command(f"{name} {below}", inner)
        return
    arguments = [p for p in declared.params if isinstance(p, TyperArgument)]
    shown = " ".join(f"Ar {escaped(p.display_name_raw.strip('[]'))}" for p in arguments)
    yield f".It Cm {escaped(name)} {shown}".rstrip()
    yield escaped(declared.get_short_help_str(400)) + "."
    yield from options(declared)


def options(declared: Any) -> Iterator[str]:
    """Yield the options of a command as a list."""
    rows = options_of(declared.params, typer.Context(declared))
    if rows:
        yield ".Bl -tag -width Ds -compact"
        for name, text in rows:
            yield f".It {escaped(name)}"
            yield escaped(text)
        yield ".El"


def escaped(text: str) -> str:
    """Write text so that nothing in it is a macro or an escape."""
    text = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}"


if __name__ == "__main__":
    main()
