"""Tests progress: in JSON one object a line; a line for each of a few subjects, only the number of many."""

import json
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework.catalogue import load
from auditor.service.cli.global_options import STATE
from auditor.service.cli.progress import progress
from inventory.model import Kind, SubjectId
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


def test_each_of_few_subjects_is_told_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STATE, "json_progress", False)
    monkeypatch.setattr(STATE, "verbosity", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    checks = [check for check in load().checks.values() if check.id.startswith(("ipv6.web.", "security.tls."))]
    site = replace(parse_target("www.example.vn", Kind.PORTAL), id=SubjectId("www.example.vn\x1b[31m"))
    with progress(1, checks) as told:
        told.named(site, ())
        told.named(site, (ip_address("192.0.2.1"), ip_address("2001:db8::1")))
        told.finished(site, 1, 2)
    assert capsys.readouterr().err.splitlines() == [
        "measured www.example.vn\\x1b[31m: addresses 192.0.2.1 and 2001:db8::1",
        "measured www.example.vn\\x1b[31m: IPv6 web and Basic security",
    ]


def test_each_of_many_subjects_is_only_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STATE, "json_progress", False)
    monkeypatch.setattr(STATE, "verbosity", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    with progress(1_000, tuple(load().checks.values())) as told:
        told.named(parse_target("www.example.vn"), (ip_address("192.0.2.1"),))
        told.finished(parse_target("www.example.vn"), 1, 1_000)
    assert capsys.readouterr().err == ""


def test_each_subject_is_told_of_above_the_bar_at_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(STATE, "json_progress", False)
    monkeypatch.setattr(STATE, "verbosity", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress(1, tuple(load().checks.values())) as told:
        told.named(parse_target("www.example.vn"), (ip_address("192.0.2.1"),))
    assert "measured www.example.vn: addresses 192.0.2.1\n" in capsys.readouterr().err
