"""Tests keys: a sealed value opens for its own purpose with a key present, and the file is private to its owner."""

import errno
import os
import stat
from pathlib import Path

import pytest

from auditor.service.accounts.keys import CREDENTIAL, KeyRing, UnusableKey, keys_beside_store, parse_keys, place

OLD, NEW = "a1" * 32, "b2" * 32


def ring(*keys: str) -> KeyRing:
    return KeyRing(lambda: "\n".join(keys))


def test_seal_opened_with_its_key_and_purpose_alone() -> None:
    sealed = ring(OLD).seal("bí mật", "account 1")
    assert "bí mật" not in sealed
    assert ring(OLD).open(sealed, "account 1") == "bí mật"
    assert ring(NEW, OLD).open(sealed, "account 1") == "bí mật"
    for other, about in ((ring(OLD), "account 2"), (ring(NEW), "account 1")):
        with pytest.raises(UnusableKey):
            other.open(sealed, about)


@pytest.mark.parametrize("cut", [0, 1, 8, -1, -8])
def test_open_shortened_text_is_refused(cut: int) -> None:
    with pytest.raises(UnusableKey):
        ring(OLD).open(ring(OLD).seal("bí mật", "a")[:cut], "a")


def test_is_current_after_rotation_is_false_until_sealed_again() -> None:
    sealed, rotated = ring(OLD).seal("x", "a"), ring(NEW, OLD)
    assert (ring(OLD).is_current(sealed), rotated.is_current(sealed)) == (True, False)
    assert rotated.is_current(rotated.seal(rotated.open(sealed, "a"), "a"))


def test_signature_of_an_older_key_still_counts_and_of_a_foreign_one_never() -> None:
    assert ring(NEW, OLD).is_signed("x", ring(OLD).sign("x"))
    assert not ring(NEW).is_signed("x", ring(OLD).sign("x"))
    assert not ring(OLD).is_signed("y", ring(OLD).sign("x"))


@pytest.mark.parametrize("text", ["", "\n", "abc", "g" * 64, f"{OLD}\nx", "ab" * 16])
def test_parsed_anything_but_keys_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey):
        parse_keys(text)


def test_beside_makes_a_file_that_nobody_else_reads_and_keeps_it(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    sealed = keys_beside_store(store).seal("x", "a")
    file = place(store, {})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys_beside_store(store).open(sealed, "a") == "x"


def test_keys_that_could_not_be_written_whole_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a kill leaves no empty key file, which would be taken for the keys from then on."""
    store, there = tmp_path / "a.db", list[bool]()

    def full(_: int) -> None:
        there.append((tmp_path / "a.db.keys").exists())
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            keys_beside_store(store).sign("x")
    assert (there, list(tmp_path.iterdir())) == ([False], [])
    assert keys_beside_store(store).is_signed("x", keys_beside_store(store).sign("x"))


def test_keys_that_another_program_makes_meanwhile_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, theirs = tmp_path / "a.db", "ab" * 32
    monkeypatch.setattr(os, "fsync", lambda _: (tmp_path / "a.db.keys").write_text(theirs))
    ours = keys_beside_store(store)
    assert KeyRing(lambda: theirs).is_signed("x", ours.sign("x"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.db.keys"]


def test_place_with_a_credential_of_systemd_is_that(tmp_path: Path) -> None:
    assert place(tmp_path / "a.db", {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == tmp_path / "a.db.keys"
    (tmp_path / CREDENTIAL).write_text(OLD)
    assert place(tmp_path / "a.db", {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == tmp_path / CREDENTIAL
