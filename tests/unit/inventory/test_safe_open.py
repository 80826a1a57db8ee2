import os
import socket
from pathlib import Path

import pytest

from auditor.framework.operator_problems import unreadable
from inventory.loader import load
from inventory.problems.problem import InventoryError
from inventory.safe_open import NotAFile, TooLarge, open_file, read_text, read_whole


def test_read_whole_refuses_more_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 3_000_000)
    assert len(read_whole(path, 3_000_000)) == 3_000_000
    with pytest.raises(TooLarge) as caught:
        read_whole(path, 2_999_999)
    assert str(unreadable(caught.value, at="a")) == "a: is larger than 2,999,999 bytes"


def test_read_text_leaves_out_the_byte_order_mark_and_other_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n")
    assert read_text(path) == "a\nb\nc\n"


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.csv")
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))
    with pytest.raises(NotAFile) as caught:
        open_file(path)
    assert str(unreadable(caught.value, at="a.csv")) == "a.csv: is a pipe, a device or a socket, not a file"
    with pytest.raises(InventoryError) as told:
        load([path])
    assert told.value.lines() == ("a.csv: cannot be read: it is a pipe, a device or a socket, not a file",)
    assert "không phải tệp" in told.value.lines("vi")[0]


def test_a_folder_is_told_as_one(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_file(tmp_path)
