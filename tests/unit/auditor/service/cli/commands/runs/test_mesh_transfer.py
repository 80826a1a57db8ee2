"""Tests that ``auditor mesh import`` reports success after samples and their audit log line are on the disk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.cli.commands.measuring import sample
from auditor.service.runs import sealed_file
from auditor.service.runs.handover import KIND
from auditor.service.store.sql.store import SqlStore
from probes.observations.series import REACH
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.cli.calling import Cli

CONFIG = """
[vantage]
name = "hub"
[mesh.hub]
addresses = ["10.64.0.10"]
[mesh.a]
addresses = ["10.64.1.10"]
"""


def test_imported_samples_are_committed_with_their_line_when_they_are_secured(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed: list[tuple[int, int]] = []

    def secure(store: SqlStore) -> None:
        with connected("auditor.db") as other:
            tables = ("track", "deed")
            committed.append(tuple(other.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables))

    monkeypatch.setattr(sample, "own_addresses", lambda *_: ())
    monkeypatch.setattr(SqlStore, "secure", secure)
    Path("auditor.toml").write_text(CONFIG, "utf-8")
    at = int((datetime.now(UTC) - timedelta(minutes=5)).timestamp())
    with Path("a.sealed").open("wb") as file:
        row = sealed_file.dump({"sample": ["hub", REACH, 6, at, 1.0, "ok"]})
        sealed_file.write(file, KIND, {"vantage": "a"}, [row], None)
    assert cli("mesh", "import", "a.sealed").code == 0
    assert committed == [(1, 1)]
