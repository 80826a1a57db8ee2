"""Tests that a copy is whole and of one moment, and that restoring one loses nothing."""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.store import files
from auditor.service.store.database import backup
from auditor.service.store.records import StoreError, StoreFailed
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.store.examples import evidence
from tests.unit.auditor.stored import Held, put

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
STORE = Path("auditor.db")
URL = f"sqlite:///{STORE}"


def fill(*names: str, url: str = URL) -> None:
    with open_store(url) as store:
        for name in names:
            put(store, Held(name=name, findings={}))
            store.add_evidence([evidence("www.tinh.vn", of=RunId(name))])


def names(url: str = URL) -> list[str]:
    with open_store(url, create=False) as store:
        return [run.id for run in store.runs()]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_was_lost_since_the_copy_comes_back_and_what_stood_there_stays() -> None:
    fill("a")
    made = backup.back_up(STORE, Path("copy.db"))
    assert (made.runs, made.size) == (1, Path("copy.db").stat().st_size)
    fill("b")
    back = backup.restore(Path("copy.db"), STORE, NOW)
    assert (names(), back.runs) == (["a"], 1)
    assert back.kept == Path("auditor.db.before-20260301T083000Z")
    assert names(f"sqlite:///{back.kept}") == ["a", "b"]
    with open_store(URL) as store:
        assert len(store.evidence(RunId("a"), evidence("www.tinh.vn", of=RunId("a")).subject)) == 1


def test_a_copy_is_one_file_of_its_owner_alone() -> None:
    fill("a")
    with open_store(URL) as store:  # in use: new rows are in its write-ahead log
        put(store, Held(name="b", findings={}))
        backup.back_up(STORE, Path("copy.db"))
    assert sorted(path.name for path in Path().glob("copy*")) == ["copy.db"]
    assert Path("copy.db").stat().st_mode & 0o777 == 0o600
    Path("elsewhere").mkdir()
    backup.restore(Path("copy.db"), Path("elsewhere/auditor.db"), NOW)
    assert names("sqlite:///elsewhere/auditor.db") == ["a", "b"]


def test_a_copy_made_while_others_write_is_whole() -> None:
    fill("a")
    stop = threading.Event()

    def write() -> None:
        with open_store(URL) as store:
            number = 0
            while not stop.is_set():
                number += 1
                put(store, Held(name=f"b{number}", findings={}))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [backup.back_up(STORE, Path(f"copy{number}.db")) for number in range(5)]
    finally:
        stop.set()
        writer.join()
    for copy in copies:
        assert len(names(f"sqlite:///{copy.path}")) == copy.runs


def test_a_restore_is_written_down_before_it_is_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    put_in_place = os.replace

    def seen(source: Path, target: Path) -> None:
        with connected(source) as connection:
            assert connection.execute("SELECT body FROM note WHERE name = 'by'").fetchall() == [(b"lan",)]
        put_in_place(source, target)

    monkeypatch.setattr(os, "replace", seen)
    backup.restore(Path("copy.db"), STORE, NOW, noted=lambda store: store.remember(":test", {"by": b"lan"}))
    assert sorted(path.name for path in Path().glob("auditor.db*")) == [
        "auditor.db",
        "auditor.db.before-20260301T083000Z",
    ]
    with open_store(URL) as store:
        assert store.recall(":test") == {"by": b"lan"}


def test_a_store_in_use_is_not_replaced() -> None:
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    with open_store(URL) as store:
        store.runs()
        noted: list[object] = []
        with pytest.raises(StoreError, match="in use"):
            backup.restore(Path("copy.db"), STORE, NOW, noted=noted.append)
        assert noted == []
        assert [run.id for run in store.runs()] == ["a"]
    assert sorted(path.name for path in Path().glob("auditor.db*")) == ["auditor.db"]


def test_a_damaged_store_can_be_replaced_and_is_kept() -> None:
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    STORE.write_bytes(b"power was lost here")
    back = backup.restore(Path("copy.db"), STORE, NOW)
    assert names() == ["a"]
    assert back.kept is not None
    assert back.kept.read_bytes() == b"power was lost here"


def test_a_copy_has_its_name_only_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy has its name only when it is whole: a kill before leaves no file that looks like a copy."""
    fill("a")
    counted, there = backup._runs, []

    def runs(path: Path) -> int:
        there.append((path.is_file(), Path("copy.db").exists()))
        return counted(path)

    monkeypatch.setattr(backup, "_runs", runs)
    backup.back_up(STORE, Path("copy.db"))
    assert there == [(True, False)]
    assert sorted(path.name for path in Path().glob("*copy*")) == ["copy.db"]


def test_a_restore_leaves_no_moment_without_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore is never without a store: after a kill, the next service would make an empty one."""
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    fill("b")
    replace, there = os.replace, []

    def put_in_place(source: Path, target: Path) -> None:
        there.append(STORE.exists())
        replace(source, target)

    monkeypatch.setattr(os, "replace", put_in_place)
    kept = backup.restore(Path("copy.db"), STORE, NOW).kept
    assert there[-1]
    assert (names(), names(f"sqlite:///{kept}")) == (["a"], ["a", "b"])


def test_a_restore_through_a_link_puts_the_copy_where_it_leads_to() -> None:
    Path("large").mkdir()
    real = Path("large/auditor.db")
    fill("a", url=f"sqlite:///{real}")
    STORE.symlink_to(real)
    backup.back_up(STORE, Path("copy.db"))
    fill("b")
    kept = backup.restore(Path("copy.db"), STORE, NOW).kept
    assert STORE.is_symlink()
    assert (names(f"sqlite:///{real}"), names(f"sqlite:///{kept}")) == (["a"], ["a", "b"])


def test_a_restore_where_files_have_one_name_only_keeps_what_stood_there(monkeypatch: pytest.MonkeyPatch) -> None:
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    fill("b")

    def refused(*_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    kept = backup.restore(Path("copy.db"), STORE, NOW).kept
    assert (names(), names(f"sqlite:///{kept}")) == (["a"], ["a", "b"])


def _none(path: Path) -> None:
    """Do nothing, so that there is no file."""


def _empty(path: Path) -> None:
    path.touch()


def _text(path: Path) -> None:
    path.write_text("id,name", "utf-8")


def _half(path: Path) -> None:
    backup.back_up(STORE, path)
    path.write_bytes(path.read_bytes()[:20_000])


def _other(path: Path) -> None:
    with connected(path) as connection:
        connection.execute("CREATE TABLE photographs (id INTEGER)")


def _newer(path: Path) -> None:
    backup.back_up(STORE, path)
    with connected(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_none, "no file"),
        (_empty, "not a copy"),
        (_text, "not a copy"),
        (_half, "damaged"),
        (_other, "another program"),
        (_newer, "newer"),
    ],
)
def test_what_is_no_sound_copy_is_refused_and_the_store_stays(make: object, said: str) -> None:
    fill("a")
    assert callable(make)
    make(Path("copy.db"))
    with pytest.raises(StoreError, match=said):
        backup.restore(Path("copy.db"), STORE, NOW)
    assert names() == ["a"]
    assert not list(Path().glob("*restoring*"))


def test_a_copy_never_overwrites_and_a_failed_one_leaves_nothing() -> None:
    fill("a")
    Path("copy.db").write_text("of last year", "utf-8")
    with pytest.raises(StoreError, match="exists already"):
        backup.back_up(STORE, Path("copy.db"))
    assert Path("copy.db").read_text("utf-8") == "of last year"
    STORE.write_bytes(STORE.read_bytes()[:20_000])
    with pytest.raises(StoreError, match="damaged"):
        backup.back_up(STORE, Path("second.db"))
    assert not Path("second.db").exists()
    with pytest.raises(StoreError, match="no store"):
        backup.back_up(Path("none.db"), Path("third.db"))


def test_restored_store_is_given_to_whom_the_store_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    fill("a")
    backup.back_up(STORE, Path("copy.db"))
    given: list[Path] = []
    monkeypatch.setattr(files, "_hand_over", lambda _, path: given.append(path))
    backup.restore(Path("copy.db"), STORE, NOW)
    assert given[:1] == [STORE]


def test_a_copy_that_cannot_be_made_is_told_by_the_name_that_was_given() -> None:
    fill("a")
    with pytest.raises(StoreError, match=r"^nowhere/copy\.db: there is no such file or folder$"):
        backup.back_up(STORE, Path("nowhere/copy.db"))
    with pytest.raises(StoreError, match=rf"^{STORE.name}/copy\.db: what should be its folder is a file$"):
        backup.back_up(STORE, STORE / "copy.db")


def test_a_copy_that_turns_out_to_be_another_program_s_leaves_no_file() -> None:
    with connected(STORE) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(StoreError, match="another program"):
        backup.back_up(STORE, Path("copy.db"))
    assert sorted(path.name for path in Path().iterdir()) == [STORE.name]


def test_a_copy_on_a_full_disk_names_the_copy_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fill("a")

    def full(_: Path) -> sqlite3.Connection:
        (part,) = Path().glob("*.part")
        part.with_name(f"{part.name}-journal").touch()
        raise sqlite3.OperationalError("database or disk is full")

    before = sorted(Path().iterdir())
    monkeypatch.setattr(backup, "_reader", full)
    with pytest.raises(StoreFailed, match=r"^copy\.db\..*: no space left$"):
        backup.back_up(STORE, Path("copy.db"))
    assert sorted(Path().iterdir()) == before
