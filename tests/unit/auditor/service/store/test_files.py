"""Tests files and folders for one's own user, and the handling of paths that are no ordinary file."""

import errno
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.service.store import files
from auditor.service.store.records import StoreError


@pytest.fixture(params=[0o000, 0o022, 0o277], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.usefixtures("umask")
def test_what_is_created_is_private_whatever_the_umask(tmp_path: Path) -> None:
    os.close(files.open_file(tmp_path / "log", os.O_APPEND))
    files.make_file(tmp_path / "store")
    files.make_folders(tmp_path / "a" / "b")
    files.write(tmp_path / "report", b"x")
    with files.temporary_folder("t-") as folder:
        assert mode(folder) == 0o700
    assert not folder.exists()
    assert {mode(tmp_path / text) for text in ("log", "store", "report")} == {0o600}
    assert {mode(tmp_path / text) for text in ("a", "a/b")} == {0o700}


def test_a_file_that_is_there_is_opened_or_refused_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before")
    os.close(files.open_file(path))
    assert path.read_bytes() == b"before"
    with pytest.raises(FileExistsError):
        files.open_file(path, os.O_EXCL)


def test_a_file_is_replaced_whole_and_keeps_its_permissions_and_owner(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"before")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = path.stat()
    with files.writing(path) as out:
        out.write(b"af")
        assert path.read_bytes() == b"before"
        out.write(b"ter")
    assert path.read_bytes() == b"after"
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_what_breaks_off_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), files.writing(path) as out:
        out.write(b"half" * (1 // 0))
    assert path.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_device_is_written_to_and_stays_a_device() -> None:
    before = Path(os.devnull).lstat()
    files.write(Path(os.devnull), b"x")
    after = Path(os.devnull).lstat()
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)


def test_a_fifo_is_written_to_and_stays_a_fifo(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    files.write(path, b"report")
    assert os.read(reader, 100) == b"report"
    os.close(reader)
    assert stat.S_ISFIFO(path.lstat().st_mode)


def test_a_fifo_that_nobody_reads_is_an_error_and_no_endless_wait(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError, match="No such device"):
        files.write(path, b"report")


def test_links_sockets_and_folders_are_refused_and_stay(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in ("link", "dangling", "socket", "."):
            before = (tmp_path / name).lstat().st_ino
            with pytest.raises(StoreError):
                files.write(tmp_path / name, b"x")
            assert (tmp_path / name).lstat().st_ino == before
    assert target.read_bytes() == b"theirs"
    assert not (tmp_path / "nothing").exists()


def test_a_descriptor_that_is_open_is_written_to_where_it_stands(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        out.write(b"1 ")
        out.flush()
        files.write(Path(f"/dev/fd/{out.fileno()}"), b"2 ")
        files.write(Path(f"/proc/self/fd/{out.fileno()}"), b"3")
    assert (tmp_path / "out").read_bytes() == b"1 2 3"


def test_permissions_of_others_are_found_and_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.write_bytes(b"")
    path.chmod(0o664)
    assert files.wide(path) == 0o664
    assert files.tighten(path)
    assert (mode(path), files.wide(path), files.tighten(path)) == (0o600, None, False)
    assert files.wide(tmp_path / "nothing") is None


def test_who_is_killed_while_writing_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"before")
    child = os.fork()
    if not child:
        with files.writing(path) as out:
            out.write(b"half of it")
            out.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert os.listdir(tmp_path) == ["report.html"]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("why", [errno.EOPNOTSUPP, errno.EISDIR])
def test_a_file_system_without_unnamed_files_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: int
) -> None:
    opened = os.open

    def refusing(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(why, os.strerror(why))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)
    files.write(tmp_path / "report.html", b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("report.html", b"whole")]


@pytest.mark.parametrize(
    ("us", "owners", "given"),
    [
        (0, {"service": (990, 991)}, [(990, 991)]),
        (0, {"a.db": (880, 881), "service": (990, 991)}, [(880, 881)]),
        (0, {}, []),
        (1000, {"service": (990, 991)}, []),
    ],
    ids=["owner of the folder", "owner of what is replaced", "folder of root", "not root"],
)
def test_file_of_root_is_given_to_whom_it_is_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    us: int,
    owners: dict[str, tuple[int, int]],
    given: list[tuple[int, int]],
) -> None:
    folder = tmp_path / "service"
    folder.mkdir()
    changed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: us)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: changed.append((user, group)))
    monkeypatch.setattr(files, "_owner", lambda place: owners.get(place.name, (0, 0)))
    files.make_file(folder / "a.db")
    assert changed == given


def test_file_that_was_there_is_given_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An existing file keeps its owner: the folder's owner could have put a link there to a file of root's."""
    (tmp_path / "passwd").write_bytes(b"root")
    (tmp_path / "a.db").symlink_to("passwd")
    changed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: changed.append((user, group)))
    monkeypatch.setattr(files, "_owner", lambda place: (990, 991) if place == tmp_path else (0, 0))
    files.make_file(tmp_path / "a.db")
    assert (changed, (tmp_path / "passwd").read_bytes()) == ([], b"root")


def test_file_stays_root_s_where_root_may_not_give_it_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(files, "_owner", lambda _: (990, 991))
    files.make_file(tmp_path / "a.db")
    assert mode(tmp_path / "a.db") == files.FILE
