"""Groups the commands in the program's help by purpose, each group with an example."""

from typing import TYPE_CHECKING, NamedTuple

from auditor.service.cli.usage import Group, options_of, write_rows
from auditor.service.cli.words import ui

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter


class CommandSection(NamedTuple):
    title: str
    commands: tuple[str, ...]
    example: str


def sections() -> tuple[CommandSection, ...]:
    """Return the groups in the order of the help, in the language asked for."""
    return (
        CommandSection(ui("Check"), ("check", "probe"), "auditor check www.example.vn"),
        CommandSection(
            ui("Audit"),
            ("audit", "sample", "inventory", "checks", "frameworks", "declare"),
            "auditor audit inventory.xlsx --out reports",
        ),
        CommandSection(
            ui("Results"),
            ("runs", "report", "diff", "judge", "publish", "mesh", "federate"),
            "auditor report RUN --format xlsx=run.xlsx",
        ),
        CommandSection(
            ui("Service"),
            ("serve", "worker", "respond", "accounts", "log", "backup", "restore", "service"),
            "auditor serve inventory.xlsx --https",
        ),
        CommandSection(ui("Help"), ("doctor", "config", "completion"), "auditor doctor"),
    )


class Sections(Group):
    """Shows the commands of the program by purpose; a command that no group names comes last."""

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        write_rows(ui("Options"), options_of(self.get_params(ctx), ctx), formatter)
        groups = sections()
        named = {name for group in groups for name in group.commands}
        for group in groups:
            self._write(group.title, group.commands, formatter)
            if group.example:
                with formatter.indentation():
                    formatter.write_text(ui("Example: {command}", command=group.example))
        self._write(ui("Further commands"), [name for name in self.list_commands(ctx) if name not in named], formatter)

    def _write(self, title: str, names: "list[str] | tuple[str, ...]", formatter: "HelpFormatter") -> None:
        known = [(name, self.commands[name]) for name in names if name in self.commands]
        write_rows(title, [(name, command.get_short_help_str(200)) for name, command in known], formatter)
