"""Tests that ``auditor doctor`` sizes the next rounds by the last run and reports a disk without room for them."""

from collections import namedtuple
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.cli.commands.diagnosis.store_room import of_room
from auditor.service.config.model import Config
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import Brief, Held, put

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = Config.model_validate({"store": f"sqlite:///{tmp_path / 'a.db'}"})
    with open_store(config.store) as store:
        put(store, Held(name="a", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)]}))
        store.mark_measured(RunId("a"), SubjectId("www.tinh.vn"))
    return config


def _free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: Usage(10**12, 10**12 - free, free))


@pytest.mark.parametrize(("free", "good"), [(10**12, True), (1_000, False)])
def test_room_is_counted_in_rounds_like_the_last_one(
    config: Config, monkeypatch: pytest.MonkeyPatch, free: int, good: bool
) -> None:
    _free(monkeypatch, free)
    (line,) = of_room(config)
    assert line.good is good
    assert ("auditor runs forget" in line.text) is not good


@pytest.mark.parametrize(("lang", "words"), [("en", "66.8 GB free"), ("vi", "còn trống 66,8 GB")])
def test_room_of_a_store_without_runs_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    monkeypatch.setenv("AUDITOR_LANG", lang)
    _free(monkeypatch, 66_800_000_000)
    (line,) = of_room(Config.model_validate({"store": f"sqlite:///{tmp_path / 'none.db'}"}))
    assert line.good is None
    assert words in line.text


def test_folder_that_cannot_be_written_is_a_fault(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    lines = [line for line in of_room(config) if line.good is False]
    assert len(lines) == 2
    assert all("cannot be written by this user" in line.text for line in lines)


def test_store_in_a_database_server_has_no_disk_here() -> None:
    assert list(of_room(Config.model_validate({"store": "postgresql:///auditor"}))) == []
