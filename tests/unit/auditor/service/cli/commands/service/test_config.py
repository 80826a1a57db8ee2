"""Tests that ``auditor config show`` prints parsable TOML, set values before built-in ones."""

import tomllib
from pathlib import Path

import pytest

from tests.unit.auditor.service.cli.calling import Cli

SETTINGS = """
contact = "a\\u007f \\"b\\""
[limits]
concurrency = 7
[mesh."Trung tâm"]
addresses = ["2001:db8::1"]
[snmp.profiles.core]
version = "2c"
community = "env:SNMP_COMMUNITY"
[throughput]
hours = "22:00-05:00"
"""


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    (tmp_path / "auditor.toml").write_text(SETTINGS)


@pytest.mark.parametrize("words", [(), ("--all",), ("--origin",)])
def test_output_is_toml(cli: Cli, words: tuple[str, ...]) -> None:
    shown = tomllib.loads(cli("config", "show", *words).out)
    assert shown["contact"] == 'a\x7f "b"'
    assert shown["limits"]["concurrency"] == 7
    assert "Trung tâm" in shown["mesh"]
    assert shown["snmp"]["profiles"]["core"]["community"] == "env:SNMP_COMMUNITY"
    assert ("packets_per_second" in shown["limits"]) == bool(words)


def test_values_that_were_set_come_first_with_their_source(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LIMITS__PACKETS_PER_SECOND", "50")
    lines = cli("config", "show", "--all").out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("limits.packets_per_second = 50"))
    assert lines[place].endswith("# AUDITOR_LIMITS__PACKETS_PER_SECOND")
    assert place < next(number for number, line in enumerate(lines) if line.startswith("limits.per_address_per_second"))


def test_password_of_a_store_is_not_shown(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_STORE", "postgresql://u:secret@db/auditor?sslkey=hidden")
    shown = cli("config", "show").out
    assert "secret" not in shown
    assert "hidden" not in shown
