"""Tests that existing files are replaced only with ``--force``, and that lossless writes need no ``--force``."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.cli.failures import Ended
from auditor.service.cli.replacing import keep_files, kept_file, kept_in_folder
from auditor.service.cli.wanted_outputs import parse_outputs

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def written(path: Path, when: datetime = NOW) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def test_file_with_something_in_it_is_kept_and_the_option_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json")
    assert kept_file(path) == f"{path} exists and is not empty; add --force to replace it"


def test_empty_missing_and_device_files_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "fifo")
    paths = (tmp_path / "empty", tmp_path / "none", tmp_path / "fifo", Path("/dev/null"))
    assert [kept_file(path) for path in paths] == [None] * 4


def test_standard_output_into_a_file_is_the_callers_own(tmp_path: Path) -> None:
    with written(tmp_path / "out").open("a") as out:
        assert kept_file(Path(f"/dev/fd/{out.fileno()}")) is None


def test_file_changed_after_a_moment_may_be_replaced(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json")
    assert kept_file(path, since=NOW - timedelta(minutes=1)) is None
    assert kept_file(path, since=NOW + timedelta(minutes=1)) is not None


def test_folder_names_the_first_files_that_match(tmp_path: Path) -> None:
    for name in ("report.html", "agencies/a.html", "agencies/b.html", "agencies/c.html", "notes.txt"):
        written(tmp_path / name)
    line = kept_in_folder(tmp_path, ("report.html", "agencies/*.html"))
    assert line == (
        f"{tmp_path} holds files that would be replaced: agencies/a.html, agencies/b.html, agencies/c.html, … (+1); "
        "name another folder, or add --force"
    )
    assert kept_in_folder(tmp_path, ("result.json",)) is None
    assert kept_in_folder(tmp_path / "none", ("*",)) is None


def test_every_kept_file_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [written(tmp_path / "a"), tmp_path / "b", written(tmp_path / "c")]
    with pytest.raises(Ended) as ended:
        keep_files(paths, force=False)
    assert (ended.value.code, len(capsys.readouterr().err.splitlines())) == (2, 2)
    keep_files(paths, force=True)


def test_parse_outputs_keeps_files_and_letters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = written(tmp_path / "letters" / "cong-van-s1.docx").parent
    words = [f"json={written(tmp_path / 'a.json')}", f"csv={tmp_path / 'a.csv'}", f"docx={letters}"]
    with pytest.raises(Ended):
        parse_outputs(words, default="text")
    assert capsys.readouterr().err.splitlines() == [
        f"auditor: {tmp_path}/a.json exists and is not empty; add --force to replace it",
        f"auditor: {letters} holds files that would be replaced: cong-van-s1.docx; name another folder, or add --force",
    ]
    assert len(parse_outputs(words, default="text", force=True)) == 3
