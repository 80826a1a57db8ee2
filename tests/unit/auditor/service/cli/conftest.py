"""The command line in this process: its exit code and what it printed, far from anybody's own settings."""

from pathlib import Path

import pytest

from auditor.service.cli import global_options
from tests.unit.auditor.service.cli.calling import Cli


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, no configuration of the machine's, English; what the command line changes is put back."""
    for name in ("AUDITOR_CONFIG", "AUDITOR_REHEARSAL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AUDITOR_LANG", "en")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(global_options.STATE, "config", None)
    monkeypatch.setattr(global_options.STATE, "lang", None)
    monkeypatch.setattr(global_options.STATE, "color", None)
    monkeypatch.setattr(global_options.STATE, "verbosity", 0)


@pytest.fixture(autouse=True)
def _privileged(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command gives up it would give up for all tests that come after it in this process."""
    monkeypatch.setattr("probes.net.raw.privsep.leave_privileges", lambda: None)


@pytest.fixture
def cli(capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    return Cli(capfdbinary)
