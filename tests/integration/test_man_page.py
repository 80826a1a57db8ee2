"""Tests that the manual page names every command, and that mandoc finds no fault with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from auditor.service.cli.app import app
from tests.architecture.tree import ROOT


@pytest.fixture(scope="module")
def man_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    done = subprocess.run(
        [sys.executable, "scripts/man_page.py"], cwd=ROOT, capture_output=True, check=True, timeout=300
    )
    path = tmp_path_factory.mktemp("man") / "auditor.1"
    path.write_bytes(done.stdout)
    return path


def test_every_command_is_on_the_page(man_page: Path) -> None:
    text = man_page.read_text("utf-8").replace("\\&", "").replace("\\-", "-")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for below, inner in getattr(command, "commands", {"": command}).items():
            assert (f".It Cm {name} {below}".rstrip() in text) is not inner.hidden


def test_mandoc_finds_nothing_to_warn_of(man_page: Path) -> None:
    mandoc = shutil.which("mandoc")
    if mandoc is None:
        pytest.skip("NOT RUN: mandoc is not installed")
    done = subprocess.run(
        [mandoc, "-T", "lint", "-W", "warning", str(man_page)], capture_output=True, text=True, timeout=300
    )
    assert done.stdout == ""
