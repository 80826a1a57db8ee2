"""Tests that the program's help groups every command, each once."""

from collections import Counter

from typer.main import get_command

from auditor.service.cli.app import app
from auditor.service.cli.command_sections import sections
from tests.unit.auditor.service.cli.calling import Cli


def test_every_command_is_in_one_section() -> None:
    named = Counter(name for section in sections() for name in section.commands)
    assert named == Counter(dict.fromkeys(get_command(app).commands, 1))  # type: ignore[attr-defined]


def test_help_shows_each_section_with_its_example(cli: Cli) -> None:
    shown = cli("--help").out
    for section in sections():
        assert f"{section.title}:" in shown
        assert section.example in shown
    assert "Further commands" not in shown
