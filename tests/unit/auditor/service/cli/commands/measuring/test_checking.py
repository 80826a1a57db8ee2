"""Tests a check from its plan to its exit code, with nothing measured: everything is undecided."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.cli.commands.measuring import checking
from auditor.service.cli.wanted_outputs import Output
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.store.api import Store
from inventory.sources.adhoc import parse_target
from probes.observations.dns import LookupStatus, NameLookup
from reports.issuer import ReportIssuer
from tests.unit.probes.framework import examples


def _check(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    interrupted: bool,
    target: str = "example.vn",
    looks: Sequence[NameLookup] = (),
) -> tuple[int, list[bool]]:
    told: list[bool] = []

    def measure(made: Plan, store: Store, *, evidence: Path | None, each: bool) -> None:
        told.append(each)
        if interrupted:
            raise KeyboardInterrupt
        start_run(made, store, datetime.now(UTC))
        if looks:
            [subject] = made.inventory.subjects
            store.add_evidence([replace(examples.evidence(*looks, of=subject.id), run=made.run)])

    monkeypatch.setattr(checking, "measure", measure)
    monkeypatch.setattr(checking, "own_addresses", lambda hints: ())
    outputs = [Output(format="json", path=path)]
    code = checking.check_subjects([parse_target(target)], Config(), outputs, ReportIssuer())
    return code, told


def test_check_subjects_undecided_is_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check(monkeypatch, tmp_path / "r.json", False) == (4, [True])
    assert os.listdir(tmp_path) == ["r.json"]


@pytest.mark.parametrize(
    ("target", "statuses", "is_told"),
    [
        ("smtp://mx.example.vn", (LookupStatus.NO_SUCH_NAME, LookupStatus.NO_SUCH_NAME), True),
        ("smtp://mx.example.vn", (LookupStatus.NO_DATA, LookupStatus.NO_DATA), True),
        ("smtp://mx.example.vn", (LookupStatus.NO_DATA, LookupStatus.NO_ANSWER), False),
        ("smtp://mx.example.vn", (LookupStatus.NO_DATA,), False),
        ("mx.example.vn", (LookupStatus.NO_SUCH_NAME, LookupStatus.NO_SUCH_NAME), False),
    ],
)
def test_check_subjects_tells_of_a_target_without_an_address(
    target: str,
    statuses: tuple[LookupStatus, ...],
    is_told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A mistyped mail server name is reported: checks that need an address do not apply, and nothing else says it."""
    looks = [
        replace(examples.look(rtype, name="mx.example.vn"), status=status)
        for rtype, status in zip(("A", "AAAA"), statuses, strict=False)
    ]
    monkeypatch.setenv("AUDITOR_LANG", "en")
    _check(monkeypatch, tmp_path / "r.json", False, target, looks)
    assert ("mx.example.vn has no address in DNS" in capsys.readouterr().err) is is_told


def test_check_subjects_interrupted_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _check(monkeypatch, tmp_path / "r.json", True) == (130, [True])
    assert os.listdir(tmp_path) == []
