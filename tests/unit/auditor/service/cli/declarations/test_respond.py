"""Tests that ``auditor respond`` passes on its arguments."""

from typing import Any

import pytest

from tests.unit.auditor.service.cli.calling import Cli


def test_respond_hands_over_ports_and_addresses(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def taken(*values: Any) -> int:
        given.extend(values)
        return 0

    monkeypatch.setattr("auditor.service.cli.commands.measuring.respond.respond", taken)
    assert cli("respond", "--bind", "::1", "--tcp", "443", "--dns", "53").code == 0
    assert given == [["::1"], "443", None, 7, 862, None, 53]
