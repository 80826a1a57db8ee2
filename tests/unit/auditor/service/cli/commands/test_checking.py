"""A check from its plan to its exit code, with nothing measured: everything is undecided."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.cli.commands import checking
from auditor.service.cli.wanted_outputs import Output
from auditor.service.config.model import Config
from auditor.service.pipeline.collecting import start_run
from auditor.service.pipeline.plan import Plan
from auditor.service.store.api import Store
from inventory.sources.adhoc import parse_target
from reports.issuer import ReportIssuer


def _check(monkeypatch: pytest.MonkeyPatch, path: Path, interrupted: bool) -> tuple[int, list[bool]]:
    told: list[bool] = []

    def measure(made: Plan, store: Store, *, evidence: Path | None, each: bool) -> None:
        told.append(each)
        if interrupted:
            raise KeyboardInterrupt
        start_run(made, store, datetime.now(UTC))

    monkeypatch.setattr(checking, "measure", measure)
    monkeypatch.setattr(checking, "own_addresses", lambda hints: ())
    outputs = [Output(format="json", path=path)]
    code = checking.check_subjects([parse_target("example.vn")], Config(), outputs, ReportIssuer())
    return code, told


def test_check_subjects_undecided_is_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check(monkeypatch, tmp_path / "r.json", False) == (4, [True])
    assert os.listdir(tmp_path) == ["r.json"]


def test_check_subjects_interrupted_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check(monkeypatch, tmp_path / "r.json", True) == (130, [True])
    assert os.listdir(tmp_path) == []
