"""Prints help and usage errors in the language asked for. Typer has its own words for both, in English only."""

import re
from typing import TYPE_CHECKING

from typer.core import TyperArgument, TyperCommand, TyperGroup

from auditor.framework.operator_problems import OperatorProblem, problem
from auditor.service.cli.words import ui

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter, Parameter


class Command(TyperCommand):
    """Shows the help of a command in the chosen language."""

    def format_usage(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        arguments = [_placeholder(param) for param in self.params if isinstance(param, TyperArgument)]
        formatter.write_usage(ctx.command_path, " ".join([_options(), *arguments]), ui("Usage: "))

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        write_rows(ui("Arguments"), _arguments(self.params), formatter)
        write_rows(ui("Options"), options_of(self.get_params(ctx), ctx), formatter)


class Group(TyperGroup):
    """Shows the help of a group of commands in the chosen language."""

    def format_usage(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        formatter.write_usage(ctx.command_path, f"{_options()} {ui('COMMAND')} …", ui("Usage: "))

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        write_rows(ui("Options"), options_of(self.get_params(ctx), ctx), formatter)
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        shown = [(name, command.get_short_help_str(200)) for name, command in commands if not command.hidden]
        write_rows(ui("Commands"), shown, formatter)


def _options() -> str:
    return f"[{ui('OPTION')}…]"


def _placeholder(param: TyperArgument) -> str:
    return param.display_name_raw if param.required else f"[{param.display_name_raw}]"


def _arguments(params: "list[Parameter]") -> list[tuple[str, str]]:
    return [(param.display_name_raw, param.help or "") for param in params if isinstance(param, TyperArgument)]


def options_of(params: "list[Parameter]", ctx: "Context") -> list[tuple[str, str]]:
    """Return the options of a command, each with its help."""
    own = {
        "install_completion": ui("Install completion for this shell"),
        "show_completion": ui("Show the completion script for this shell"),
        "help": ui("Show this help"),
    }
    records = [(param.name, param.get_help_record(ctx)) for param in params if not isinstance(param, TyperArgument)]
    default, required = f"[{ui('default')}: ", f"[{ui('required')}]"
    return [
        (record[0], own.get(name or "", record[1]).replace("[default: ", default).replace("[required]", required))
        for name, record in records
        if record is not None
    ]


def write_rows(heading: str, rows: list[tuple[str, str]], formatter: "HelpFormatter") -> None:
    """Write a section of two columns; nothing if it has no rows."""
    if rows:
        with formatter.section(heading):
            formatter.write_dl(rows)


_USAGE: tuple[tuple[str, OperatorProblem], ...] = (
    (
        r"No such command '(?P<name>.*)'\. Did you mean (?P<near>.*)\?",
        problem("no command '{name}'; did you mean {near}?"),
    ),
    (r"No such command '(?P<name>.*)'\.", problem("no command '{name}'; auditor --help lists them")),
    (
        r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)",
        problem("no option {name}; did you mean {near}?"),
    ),
    (r"No such option: (?P<name>\S+)", problem("no option {name}; --help lists them")),
    (r"Option '?(?P<name>\S+?)'? requires an argument\.?", problem("option {name} needs a value")),
    (r"Option '?(?P<name>\S+?)'? does not take a value\.?", problem("option {name} takes no value")),
    (r"Missing argument '(?P<name>.*)'\.", problem("{name} is missing; {command} --help tells how it is used")),
    (
        r"Invalid value for '(?P<name>[^']*)': \w+ '(?P<path>[^']*)' is not readable\.",
        problem("{name}: cannot read {path}"),
    ),
    (r"Missing option '(?P<name>[^']*)'.*", problem("option {name} is missing; {command} --help tells how it is used")),
    (r"Missing command\.", problem("a command is missing; --help lists them")),
    (r"Got unexpected extra argument\(?s?\)? \((?P<name>.*)\)", problem("one too many: {name}")),
    (r"Invalid value for '(?P<name>.*)': Input should be a valid number, .*", problem("{name}: must be a number")),
)


_OF_A_CHECKOUT = ("run", "demo", "test")
"""Commands of ``auditor.sh``, with which README begins; an installed program has no such commands."""


def usage_error(message: str, error: Exception, program: object) -> str:
    """Return Typer's sentence about a wrong command line in the chosen language; an unknown sentence as it is.

    ``error`` has the sentence and the command that was called, ``program`` all commands.
    """
    context = getattr(error, "ctx", None)
    command = "auditor" if context is None else str(context.command_path)
    match = re.match(rf"No such command '({'|'.join(_OF_A_CHECKOUT)})'\.", message)
    if match and " " not in command:
        return ui("'{name}' belongs to a checkout of the source: ./auditor.sh {name}", name=match[1])
    for pattern, known in _USAGE:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            said = match.groupdict()
            if (
                message.startswith("No such command")
                and "near" not in said
                and (within := _within(said["name"], program))
            ):
                return ui("no command '{name}'; did you mean {near}?", name=said["name"], near=within)
            return ui(known.template, command=command, **said)
    return message


def _within(name: str, program: object) -> str:
    """Return the groups that contain a command of this name, each followed by the name, as a person types them."""
    groups = getattr(program, "commands", {}).items()
    return ", ".join(f"'{group} {name}'" for group, each in groups if name in getattr(each, "commands", ()))
