"""Tests the messages of ``auditor doctor`` about reference data."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.service.cli.commands.diagnosis.configuration_diagnosis import of_reference
from auditor.service.config.model import Config
from auditor.service.pipeline.plan.plan import plan
from inventory.inventory import Inventory


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")


def test_reference_data_is_named_and_what_is_too_old(tmp_path: Path) -> None:
    path = tmp_path / "routes.txt"
    path.write_text("2001:db8::/32 64496\n", "utf-8")

    def lines(taken: datetime | None) -> list[tuple[bool | None, str]]:
        section = {} if taken is None else {"routes": [path], "routes_taken": taken}
        config = Config.model_validate({"reference": section})
        made = plan(Inventory(), config, catalogue.load(), profile="quick", name="", now=datetime.now(UTC))
        return [(doctor_line.good, doctor_line.text) for doctor_line in of_reference(made)]

    missing = (None, "security.routing.rpki is not decided: [reference] names no table for it")
    assert lines(None)[1:] == [missing]
    now = datetime.now(UTC)
    ((fresh, text), other) = lines(now)
    assert (fresh, text.startswith("routes.txt is of "), other) == (True, True, missing)
    ((fresh, text), other) = lines(now - timedelta(days=400))
    assert (fresh, text.endswith("too old for ipv6.path.prefix-announced"), other) == (False, True, missing)
