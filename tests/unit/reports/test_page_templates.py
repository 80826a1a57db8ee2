"""Tests that page templates are compiled once for all processes, if Python may store compiled files."""

import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from reports import page_templates


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield the names of compiled templates, each compiled in an environment of its own as in a separate process."""
    names: list[str] = []
    compiling = jinja2.Environment.compile

    def noted(self: jinja2.Environment, source: str, name: str, filename: str) -> object:
        names.append(name)
        return compiling(self, source, name, filename)

    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield names
    page_templates.environment.cache_clear()


def _page(*, keep_trailing_newline: bool = False) -> str:
    page_templates.environment.cache_clear()
    made = page_templates.environment(keep_trailing_newline=keep_trailing_newline)
    return made.get_template("report.css").render()


def test_another_process_compiles_nothing(compiled: list[str]) -> None:
    assert _page() == _page()
    assert compiled == ["report.css"]


def test_what_was_compiled_otherwise_is_compiled_anew(compiled: list[str]) -> None:
    assert _page(keep_trailing_newline=True) != _page()
    assert len(compiled) == 2


@pytest.mark.parametrize("bytes_left", [0, 3, 30])
def test_damaged_files_are_written_anew(compiled: list[str], tmp_path: Path, bytes_left: int) -> None:
    page = _page()
    (file,) = tmp_path.rglob("*.pyc")
    file.write_bytes(file.read_bytes()[:bytes_left])
    assert _page() == _page() == page
    assert len(compiled) == 2


@pytest.mark.parametrize("place", ["kept by nobody", "/proc/nowhere"])
def test_nothing_is_kept_where_python_keeps_nothing(
    compiled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place.startswith("/"):
        monkeypatch.setattr(sys, "pycache_prefix", place)
    else:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _page() == _page()
    assert len(compiled) == 2
    assert not [*tmp_path.rglob("*")]
