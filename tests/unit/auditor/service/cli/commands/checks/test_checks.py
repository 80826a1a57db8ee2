"""Tests ``auditor checks``: every check of the catalogue is listed and explained."""

import pytest

from auditor.framework import catalogue
from tests.unit.auditor.service.cli.calling import Cli


def test_every_check_is_listed(cli: Cli) -> None:
    result = cli("checks", "list", "--ids")
    assert (result.code, result.out.split()) == (0, list(catalogue.load().checks))


def test_every_check_is_explained_in_both_languages(cli: Cli) -> None:
    for name in catalogue.load().checks:
        said = {language: cli("--lang", language, "checks", "explain", name) for language in ("vi", "en")}
        assert {result.code for result in said.values()} == {0}, name
        assert all(result.out.startswith(f"{name}  ") for result in said.values())
        assert said["vi"].out != said["en"].out


def test_an_explanation_is_folded_at_the_width_of_a_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.cli.commands.checks.checks.terminal_width", lambda: 80)
    for name in ("security.snmp.v3", "ipv6.web.aaaa"):
        said = cli("checks", "explain", name).out.splitlines()
        assert max(map(len, said)) <= 80
