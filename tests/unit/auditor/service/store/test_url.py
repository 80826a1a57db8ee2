from pathlib import Path

import pytest

from auditor.service.accounts.keys import keys_beside_store
from auditor.service.store.url import beside


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_beside_file_is_the_file() -> None:
    assert beside("sqlite:///folder/a.db") == Path("folder/a.db")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({}, "home/.local/state/auditor"),
        ({"XDG_STATE_HOME": "state"}, "state/auditor"),
        ({"XDG_STATE_HOME": "state", "STATE_DIRECTORY": "systemd:other"}, "systemd"),
    ],
)
def test_beside_database_is_in_the_state_folder_wherever_the_program_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], folder: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, str(tmp_path / value) if ":" not in value else f"{tmp_path}/{value}")
    assert beside("postgresql:///audits") == tmp_path / folder / "audits.postgresql"


def test_keys_of_database_are_made_in_a_folder_that_was_not_there(tmp_path: Path) -> None:
    keys_beside_store(beside("postgresql:///audits")).sign("text")
    made = tmp_path / "home" / ".local" / "state" / "auditor"
    assert [path.name for path in made.iterdir()] == ["audits.postgresql.keys"]
    assert made.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.glob("*.keys"))
