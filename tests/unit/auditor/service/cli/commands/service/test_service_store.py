import logging
from pathlib import Path

import pytest

from auditor.service.cli.commands.service.service_store import open_service_store
from auditor.service.config.model import Config
from inventory.problems.problem import InventoryError


@pytest.fixture(autouse=True)
def quiet_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)


def config(folder: Path) -> Config:
    return Config(store=f"sqlite:///{folder / 'a.db'}")


def test_store_is_open_inside_and_private_to_its_owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_service_store(config(tmp_path), ["Chưa có"]) as store:
        assert store.runs() == ()
    assert (tmp_path / "a.db").stat().st_mode & 0o077 == 0
    said = capsys.readouterr().err
    assert "[scope] allow" in said
    assert "'Chưa có'" in said


def test_files_that_cannot_be_used_are_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InventoryError), open_service_store(config(tmp_path), [str(tmp_path / "none.csv")]):
        raise AssertionError("the service began")
