"""Tests that ``auditor completion`` prints scripts for each shell that it supports."""

from pathlib import Path

import pytest

from auditor.service.cli.completion import SHELLS
from tests.unit.auditor.service.cli.calling import Cli


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_of_a_known_shell_prints_its_script(cli: Cli, shell: str) -> None:
    ended = cli("completion", shell)
    assert ended.code == 0
    assert "_AUDITOR_COMPLETE" in ended.out


def test_completion_of_an_unknown_shell_is_a_usage_error(cli: Cli) -> None:
    ended = cli("completion", "tcsh")
    assert ended.code == 2
    assert "bash, zsh, fish" in ended.err


def test_backup_and_restore_hand_over_their_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def taken(*values: object) -> int:
        given.extend(values)
        return 0

    for name in ("backup", "restore"):
        monkeypatch.setattr(f"auditor.service.cli.commands.service.backup.{name}", taken)
        assert cli(name, "a.copy").code == 0
    assert [str(value) for value in given if isinstance(value, Path)] == ["a.copy", "a.copy"]
