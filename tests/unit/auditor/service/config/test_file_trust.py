"""Tests which ``auditor.toml`` of the current folder is trusted."""

import os
from pathlib import Path

import pytest

from auditor.service.config.loading import ConfigError, load
from auditor.service.config.model import Config

OTHER = 12_345


def loaded(folder: Path, **environment: str) -> Config:
    return load(explicit=None, environment=environment, options={}, directories=[folder], here=folder).config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "auditor.toml"
    made.write_text('lang = "en"\n', "utf-8")
    made.chmod(0o644)
    return made


@pytest.fixture
def of_another(file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the file belong to another user than the one this process runs as."""
    owner = file.stat().st_uid
    real, fake = os.geteuid(), OTHER
    assert owner == real
    monkeypatch.setattr("auditor.service.config.file_trust.os.geteuid", lambda: fake)
    made = os.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        found = list(made(path, **options))
        found[4] = OTHER + 1
        return os.stat_result(found)

    monkeypatch.setattr("auditor.service.config.file_trust.os.stat", stat)
    return file


def test_distrust_own_file_is_none(file: Path) -> None:
    assert loaded(file.parent).lang == "en"


def test_a_file_of_another_user_is_refused(of_another: Path) -> None:
    with pytest.raises(ConfigError, match=f"^{of_another}: belongs to another user and is not read"):
        loaded(of_another.parent)


def test_a_file_of_another_user_is_read_when_it_is_named(of_another: Path) -> None:
    assert loaded(of_another.parent, AUDITOR_CONFIG=str(of_another)).lang == "en"


def test_a_file_that_everybody_may_write_is_refused(file: Path) -> None:
    file.chmod(0o666)
    with pytest.raises(ConfigError, match="can be written by everybody and is not read"):
        loaded(file.parent)


def test_a_link_of_another_user_is_refused(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "auditor.toml").symlink_to(file)
    made = os.lstat

    def lstat(path: Path, **options: bool) -> os.stat_result:
        found = list(made(path, **options))
        found[4] = OTHER
        return os.stat_result(found)

    monkeypatch.setattr("auditor.service.config.file_trust.os.lstat", lstat)
    with pytest.raises(ConfigError, match="belongs to another user"):
        loaded(folder)


def test_distrust_root_trusts_the_sudo_user(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.config.file_trust.os.geteuid", lambda: 0)
    made = os.stat

    def stat(path: Path, **options: bool) -> os.stat_result:
        found = list(made(path, **options))
        found[4] = OTHER
        return os.stat_result(found)

    monkeypatch.setattr("auditor.service.config.file_trust.os.stat", stat)
    monkeypatch.setattr("auditor.service.config.file_trust.os.lstat", stat)
    with pytest.raises(ConfigError):
        loaded(file.parent)
    assert loaded(file.parent, SUDO_UID=str(OTHER)).lang == "en"
