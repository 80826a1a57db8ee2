"""Tests the location of the files of a store in a database server."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from auditor.service.store.database.database_files import path_of


def test_path_of_first_state_folder_of_systemd_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/auditor:/var/lib/other")
    assert path_of(make_url("postgresql:///audits")) == Path("/var/lib/auditor/audits.postgresql")


def test_path_of_databases_of_one_name_in_two_servers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/auditor")
    urls = [
        "postgresql:///audits",
        "postgresql://db.example/audits",
        "postgresql://db.example:5433/audits",
        "postgresql:///audits?host=/run/other",
    ]
    assert [path_of(make_url(url)).name for url in urls] == [
        "audits.postgresql",
        "audits@db.example.postgresql",
        "audits@db.example:5433.postgresql",
        "audits@_run_other.postgresql",
    ]


def test_path_of_a_database_named_like_a_path_stays_in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert path_of(make_url("postgresql://host/../etc")) == Path("/var/state/auditor/.._etc@host.postgresql")
