"""Tests secrets from variables, files, key rings and the terminal; errors name the reference, never the secret."""

import getpass
import sys
from pathlib import Path
from types import ModuleType

import pytest

from auditor.framework.operator_problems import OperatorProblem
from auditor.service.pipeline.credentials import secret_sources
from auditor.service.pipeline.credentials.secret_sources import read_secret

SECRET = "mat-khau-rat-bi-mat"


def read(reference: str, **environment: str) -> tuple[str | None, list[str]]:
    problems: list[OperatorProblem] = []
    text = read_secret(reference, environment, problems, at="snmp.key")
    return text, [str(problem) for problem in problems]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Install a key ring with one entry in place of the package, which need not be installed."""
    package = ModuleType("keyring")
    entries = {("auditor", "core"): SECRET}
    monkeypatch.setattr(package, "get_password", lambda service, name: entries.get((service, name)), raising=False)
    monkeypatch.setitem(sys.modules, "keyring", package)
    return package


def test_read_secret_of_variable_and_file_is_their_text(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n", "utf-8")
    assert [read("env:A", A=SECRET), read(f"file:{path}")] == [(SECRET, []), (SECRET, [])]


def test_read_secret_of_a_key_ring_is_its_entry(keyring: ModuleType) -> None:
    assert read("keyring:auditor/core") == (SECRET, [])
    assert read("keyring:auditor/other") == (None, ["snmp.key: the key ring has no entry auditor/other"])
    assert read("keyring:auditor") == (None, ["snmp.key: a key ring is named as keyring:SERVICE/NAME"])


def test_read_secret_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    text = f"snmp.key: keyring: needs the package keyring: pip --python {sys.prefix}/bin/python install keyring"
    assert read("keyring:auditor/core") == (None, [text])


def test_read_secret_of_a_locked_key_ring_shows_the_kind_of_error_only(
    keyring: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(service: str, name: str) -> str:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(keyring, "get_password", locked)
    assert read("keyring:auditor/core") == (None, ["snmp.key: the key ring could not be read (RuntimeError)"])


def test_read_secret_asks_once_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return SECRET

    secret_sources._answer.cache_clear()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(getpass, "getpass", answer)
    assert [read("ask:"), read("ask:")] == [(SECRET, []), (SECRET, [])]
    assert asked == ["snmp.key: "]
    secret_sources._answer.cache_clear()


def test_read_secret_never_asks_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: pytest.fail("it asked"))
    text = "snmp.key: there is no terminal to ask for it: use env:, file: or keyring:"
    assert read("ask:") == (None, [text])
