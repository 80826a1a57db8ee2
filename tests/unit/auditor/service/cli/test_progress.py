"""Progress as JSON: one object a line, of every subject, whatever it is called."""

import json

import pytest

from auditor.service.cli.global_options import STATE
from auditor.service.cli.progress import progress
from inventory.sources.adhoc import parse_target


def test_json_progress_is_an_object_for_each_subject(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STATE, "json_progress", True)
    monkeypatch.setattr(STATE, "verbosity", 0)
    with progress(2) as told:
        told.finished(parse_target("www.example.vn"), 1, 2)
        told.waiting(3, 30.04)
    planned, measured, waiting = map(json.loads, capsys.readouterr().err.splitlines())
    assert (planned["event"], planned["total"]) == ("planned", 2)
    assert (measured["event"], measured["subject"], measured["done"]) == ("measured", "www.example.vn", 1)
    assert (waiting["event"], waiting["attempts"], waiting["seconds"]) == ("waiting", 3, 30.0)


def test_quiet_shows_no_progress_as_json_either(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STATE, "json_progress", True)
    monkeypatch.setattr(STATE, "verbosity", -1)
    with progress(2) as told:
        told.finished(parse_target("www.example.vn"), 1, 2)
    assert capsys.readouterr().err == ""
