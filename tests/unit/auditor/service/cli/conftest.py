"""Runs the command line in this process: its exit code and output, without anybody's own settings."""

from pathlib import Path

import pytest

from auditor.framework.catalogue import Catalogue
from auditor.service.cli import global_options
from auditor.service.runs import sealing
from tests.unit.auditor.service.cli.calling import Cli


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, without the machine's configuration, in English; restore the global state afterwards."""
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
    """Keep the privileges of this process, which later tests need too."""
    monkeypatch.setattr("probes.net.raw.privsep.leave_privileges", lambda: None)


_DIGESTS: dict[tuple[int, ...], tuple[Catalogue, str]] = {}
"""Digests by the ids of checks; the catalogue is kept because Python may reuse the id of a freed check."""
_DIGEST = sealing.texts_digest


def _digest_once(known: Catalogue) -> str:
    """Compute the digest once: a program makes or verifies one seal, the tests hundreds with the same texts."""
    key = tuple(map(id, known.checks.values()))
    if key not in _DIGESTS:
        _DIGESTS[key] = known, _DIGEST(known)
    return _DIGESTS[key][1]


@pytest.fixture(autouse=True)
def _texts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "texts_digest", _digest_once)


@pytest.fixture
def cli(capfdbinary: pytest.CaptureFixture[bytes]) -> Cli:
    return Cli(capfdbinary)
