"""Folders of tests lie in memory where that has room and forbids nothing, and nowhere else."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support import in_memory

ROOM = 1_000_000


@pytest.fixture(autouse=True)
def _memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(in_memory, "_MEMORY", tmp_path)
    monkeypatch.setattr(in_memory, "_available", lambda: ROOM)
    _mounted(monkeypatch, ROOM, 0)


def _mounted(monkeypatch: pytest.MonkeyPatch, free: int, flags: int) -> None:
    mount = SimpleNamespace(f_bavail=free // 1_000, f_frsize=1_000, f_flag=flags)
    monkeypatch.setattr("os.statvfs", lambda _: mount)


def test_memory_with_room_is_used(tmp_path: Path) -> None:
    assert in_memory.place(ROOM) == tmp_path
    assert in_memory.place(ROOM, for_all=True) == tmp_path


def test_memory_without_room_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_memory.place(ROOM + 1) is None
    monkeypatch.setattr(in_memory, "_available", lambda: ROOM - 1)
    assert in_memory.place(ROOM) is None
    monkeypatch.setattr(in_memory, "_available", lambda: ROOM)
    _mounted(monkeypatch, ROOM - 1_000, 0)
    assert in_memory.place(ROOM) is None


@pytest.mark.parametrize("flag", [os.ST_NOEXEC, os.ST_NODEV, os.ST_NOSUID])
def test_memory_that_forbids_something_is_not_for_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flag: int
) -> None:
    _mounted(monkeypatch, ROOM, flag | os.ST_NOATIME)
    assert in_memory.place(ROOM, for_all=True) is None
    assert in_memory.place(ROOM) == tmp_path


def test_a_machine_without_such_a_place_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(in_memory, "_MEMORY", tmp_path / "none")
    assert in_memory.place(0) is None


def test_what_this_machine_has_available_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert in_memory._available() > ROOM
