"""Tests a copy by pg_dump: whole and of one moment, without a visible password, and restoring one loses nothing."""

import os
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from auditor.service.store.database import postgresql
from auditor.service.store.database import postgresql_backup as backup
from auditor.service.store.records import StoreError
from auditor.service.store.sql.runs import run_rows
from auditor.service.store.url import open_store
from tests.support.postgresql import Server
from tests.unit.auditor.stored import Held, put

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
KEPT = "before_20260301t083000z"
SECRET = "rat:bi\\mat mat"


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.dump"


def fill(url: str, *names: str) -> None:
    with open_store(url) as store:
        for name in names:
            put(store, Held(name=name, findings={}))


def names(url: str) -> list[str]:
    with open_store(url, create=False) as store:
        return [run.id for run in store.runs()]


def test_restore_brings_back_the_copy_and_keeps_what_stood_there(postgresql: Server, url: str, copy: Path) -> None:
    fill(url, "a")
    made = backup.back_up(make_url(url), copy)
    assert (made.runs, made.size, stat.S_IMODE(copy.stat().st_mode)) == (1, copy.stat().st_size, 0o600)
    fill(url, "b")
    back = backup.restore(copy, make_url(url), NOW)
    assert (names(url), back.runs, back.kept) == (["a"], 1, KEPT)
    assert len(postgresql.execute(f"SELECT id FROM {KEPT}.run", make_url(url).database or "")) == 2
    fill(url, "c")
    assert names(url) == ["a", "c"]
    with pytest.raises(StoreError, match="only added to"), open_store(url) as store, store.database.writing() as log:
        log.exec_driver_sql("DELETE FROM deed")


def test_restore_into_an_empty_database_keeps_nothing(postgresql: Server, url: str, copy: Path) -> None:
    fill(url, "a")
    backup.back_up(make_url(url), copy)
    with postgresql.database(empty=True) as other:
        assert backup.restore(copy, make_url(other), NOW).kept is None
        assert names(other) == ["a"]


def test_copy_is_written_through_no_link_that_took_its_place(
    url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner of the folder may try to make root, copying into it, overwrite another file by a link."""
    fill(url, "a")
    (copy.parent / "passwd").write_bytes(b"root")
    every = run_rows.every

    def swapped(connection: Any) -> Any:
        for part in copy.parent.glob("*.part"):
            part.unlink()
            part.symlink_to("passwd")
        return every(connection)

    monkeypatch.setattr(run_rows, "every", swapped)
    with pytest.raises(OSError, match="symbolic links"):
        backup.back_up(make_url(url), copy)
    assert (copy.parent / "passwd").read_bytes() == b"root"


def test_copy_has_its_name_only_when_it_is_whole(url: str, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(url, "a")
    check, there = backup._check, []

    def checked(path: Path) -> None:
        there.append((path.is_file(), copy.exists()))
        check(path)

    monkeypatch.setattr(backup, "_check", checked)
    backup.back_up(make_url(url), copy)
    assert there == [(True, False)]
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_copy_that_takes_longer_than_a_program_may_stand_still(
    url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(url, "a")
    monkeypatch.setitem(postgresql._SETTINGS, "idle_in_transaction_session_timeout", "300")
    run = backup._run

    def slow(*words: Any) -> None:
        time.sleep(1)
        run(*words)

    monkeypatch.setattr(backup, "_run", slow)
    assert backup.back_up(make_url(url), copy).runs == 1


def test_restore_that_was_killed_is_said_and_done_again(url: str, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(url, "a")
    backup.back_up(make_url(url), copy)
    fill(url, "b")
    with monkeypatch.context() as killed:
        killed.setattr(backup, "_run", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        killed.setattr(backup, "_put_back", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            backup.restore(copy, make_url(url), NOW)
    with pytest.raises(StoreError, match="a restore was cut off; restore the copy again"):
        open_store(url)
    back = backup.restore(copy, make_url(url), NOW)
    assert (names(url), back.runs, back.kept) == (["a"], 1, KEPT)


def test_back_up_while_others_write_is_of_one_moment(postgresql: Server, url: str, copy: Path) -> None:
    fill(url, "a")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            fill(url, f"b{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backup.back_up(make_url(url), copy)
    finally:
        stop.set()
        writer.join()
    with postgresql.database(empty=True) as other:
        backup.restore(copy, make_url(other), NOW)
        assert len(names(other)) == made.runs


def test_restore_into_a_store_in_use_is_refused(url: str, copy: Path) -> None:
    fill(url, "a")
    backup.back_up(make_url(url), copy)
    with open_store(url) as store, store.database.reading(), pytest.raises(StoreError, match="is in use; end the"):
        backup.restore(copy, make_url(url), NOW)
    assert names(url) == ["a"]


def _text(path: Path) -> None:
    path.write_text("id,name", "utf-8")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [(Path.unlink, "there is no file"), (_text, "is not a copy of a store"), (_half, "damaged|not a copy")],
)
def test_restore_of_no_sound_copy_leaves_the_store_as_it_was(url: str, copy: Path, spoil: object, told: str) -> None:
    fill(url, "a")
    backup.back_up(make_url(url), copy)
    assert callable(spoil)
    spoil(copy)
    with pytest.raises(StoreError, match=told):
        backup.restore(copy, make_url(url), NOW)
    assert names(url) == ["a"]


def test_restore_of_a_newer_version_leaves_the_store_as_it_was(postgresql: Server, url: str, copy: Path) -> None:
    with postgresql.database() as newer:
        fill(newer, "n")
        backup.back_up(make_url(newer), copy)
        postgresql.execute("UPDATE alembic_version SET version_num = '9999'", make_url(newer).database or "")
        copy.unlink()
        _dump(postgresql, make_url(newer).database or "", copy)
    fill(url, "a")
    with pytest.raises(StoreError, match="newer version"):
        backup.restore(copy, make_url(url), NOW)
    assert names(url) == ["a"]


def _dump(postgresql: Server, name: str, copy: Path) -> None:
    backup._run(make_url(postgresql.url(name)), ("pg_dump", "--format=custom", "--schema=public", f"--file={copy}"))


def test_back_up_overwrites_nothing_and_leaves_nothing_after_a_failure(
    url: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.write_text("of last year", "utf-8")
    with pytest.raises(StoreError, match="exists already"):
        backup.back_up(make_url(url), copy)
    assert copy.read_text("utf-8") == "of last year"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StoreError, match=r"pg_dump is not installed; install .*postgresql-client"):
        backup.back_up(make_url(url), copy.with_name("second"))
    assert not copy.with_name("second").exists()


def test_programs_get_the_password_by_a_private_file_only(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "pg_dump"
    fake.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" >{tmp_path}/words\nenv >{tmp_path}/environment\n"
        f'cat "$PGSERVICEFILE" >{tmp_path}/service\nstat -c %a "$PGSERVICEFILE" >{tmp_path}/mode\nexit 1\n'
    )
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(StoreError, match="pg_dump failed"):
        backup.back_up(make_url(url).set(password=SECRET), tmp_path / "copy")
    assert SECRET not in (tmp_path / "words").read_text() + (tmp_path / "environment").read_text()
    assert f"\npassword={SECRET}\n" in (tmp_path / "service").read_text()
    assert (tmp_path / "mode").read_text() == "600\n"
    place = next(line for line in (tmp_path / "environment").read_text().splitlines() if "PGSERVICEFILE" in line)
    assert not Path(place.partition("=")[2]).exists()
