"""Tests the messages of ``auditor doctor`` about the scope file of the crafted-packet program."""

import os
from pathlib import Path

import pytest

from auditor.service.cli.commands.diagnosis.packet_scope import PLACE, of_packet_scope
from probes.rawpkt import bounds

GOOD = '{"allow": [], "deny": []}'


def told(path: Path, *, by_socket: bool = True) -> list[bool | None]:
    return [line.good for line in of_packet_scope(path, by_socket=by_socket)]


def test_scope_file_is_looked_for_where_the_program_reads_it() -> None:
    assert str(PLACE) == bounds.PLACE


@pytest.mark.parametrize(("by_socket", "said"), [(True, [None]), (False, [])])
def test_scope_file_that_is_missing_is_told_where_systemd_starts_the_program(
    tmp_path: Path, by_socket: bool, said: list[None]
) -> None:
    assert told(tmp_path / "rawpkt.json", by_socket=by_socket) == said


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [(GOOD, 0o644, True), (GOOD, 0o664, False), (GOOD, 0o646, False), ("[]", 0o644, False), ("{", 0o644, False)],
)
def test_scope_file_is_good_where_the_program_takes_it(tmp_path: Path, text: str, mode: int, said: bool) -> None:
    path = tmp_path / "rawpkt.json"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    assert told(path) == [said]


def test_scope_file_of_another_user_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rawpkt.json"
    path.write_text(GOOD, "utf-8")
    os.chown(path, 65_534, 65_534)
    assert told(path) == [False]


def test_scope_file_that_is_a_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(GOOD, "utf-8")
    (tmp_path / "rawpkt.json").symlink_to(tmp_path / "a")
    assert told(tmp_path / "rawpkt.json") == [False]


def test_folder_that_others_may_write_to_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "auditor"
    folder.mkdir(mode=0o755)
    (folder / "rawpkt.json").write_text(GOOD, "utf-8")
    (folder / "rawpkt.json").chmod(0o644)
    folder.chmod(0o777)
    assert told(folder / "rawpkt.json") == [False]
