"""Tests options that several commands share."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from auditor.service.cli.shared_options import AUDITING, MEASURING, given_options, taking

TAKEN: list[tuple[str, Mapping[str, object]]] = []


def _run(*words: str) -> tuple[str, Mapping[str, object]]:
    app = typer.Typer()

    @app.command()
    @taking(AUDITING)
    def command(target: str = "none", *, given: Mapping[str, object]) -> int:
        TAKEN.append((target, given))
        return 0

    outcome = CliRunner().invoke(app, words)
    assert outcome.exit_code == 0, outcome.output
    return TAKEN.pop()


def test_command_gets_its_own_options_and_the_shared_ones_as_values() -> None:
    target, given = _run("--target", "a.vn", "--only", "ipv6", "--root-hints", "hints", "--force", "--timeout", "0")
    assert target == "a.vn"
    assert {name: value for name, value in given.items() if value is not None} == {
        "only": ["ipv6"],
        "root_hints": "hints",
        "force": True,
        "timeout": 0.0,
    }


def test_every_shared_option_is_there_when_none_is_given() -> None:
    assert _run() == ("none", dict.fromkeys(AUDITING))


def test_auditing_takes_what_measuring_takes() -> None:
    assert MEASURING.items() <= AUDITING.items()


@pytest.mark.parametrize(
    ("option", "value"), [(False, None), (True, True), (None, None), (Path("a"), "a"), (0.0, 0.0), ([], [])]
)
def test_option_becomes_a_configuration_value(option: object, value: object) -> None:
    assert given_options(x=option) == {"x": value}
