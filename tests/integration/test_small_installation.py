"""Tests that the wheel without extras checks one target, is small, and names the extra for each missing part."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.built_wheel import built_wheel, installed

Run = Callable[..., subprocess.CompletedProcess[str]]
MOST_MEGABYTES = 80


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(built_wheel(tmp_path_factory), tmp_path_factory.mktemp("small") / "venv")


@pytest.fixture
def auditor(python: Path, tmp_path: Path) -> Run:
    # A separate user could not enter the folder of the test.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AUDITOR_USER": "root", "AUDITOR_LANG": "en"}
    (tmp_path / "auditor.toml").write_text('[vantage]\ncontrol = ["127.0.0.1"]\n')

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-P", "-m", "auditor", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    return run


def test_small_installation_on_disk_within_80_megabytes(python: Path) -> None:
    place = python.parents[1]
    done = subprocess.run(
        ["du", "-sm", "--exclude=__pycache__", str(place)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout.split()[0]) <= MOST_MEGABYTES
    assert not list(place.glob("lib/python*/site-packages/sqlalchemy"))


def test_small_installation_tells_what_there_is(auditor: Run) -> None:
    for words in ("--help", "checks list", "frameworks list"):
        done = auditor(*words.split())
        assert (done.returncode, done.stderr) == (0, "")


def test_small_installation_checks_a_host_with_every_text_format(auditor: Run, tmp_path: Path) -> None:
    formats = [word for name in ("json", "html", "csv", "junit") for word in ("--format", f"{name}={tmp_path / name}")]
    done = auditor("check", "127.0.0.1", "--only", "security.ports", *formats, "--format", "text")
    assert done.returncode in {0, 3, 4}, done.stderr
    assert "127.0.0.1" in done.stdout
    assert json.loads((tmp_path / "json").read_text())["subjects"]
    assert "<html" in (tmp_path / "html").read_text()


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (("audit", "names.csv"), "store"),
        (("runs", "list"), "store"),
        (("serve",), "serve"),
        (("worker",), "serve"),
        (("inventory", "template", "names.xlsx"), "office"),
        (("check", "127.0.0.1", "--format", "pdf=x.pdf"), "pdf"),
        (("check", "127.0.0.1", "--format", "docx=letters"), "office"),
        (("check", "127.0.0.1", "--format", "xlsx=x.xlsx"), "office"),
    ],
)
def test_small_installation_without_an_extra_names_it(
    auditor: Run, tmp_path: Path, words: tuple[str, ...], extra: str
) -> None:
    (tmp_path / "names.csv").write_text("agency_code,name,kind\nA,example.vn,portal\n")
    done = auditor(*words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"the extra {extra} brings it: pipx install --force './ipv6_readiness_auditor-" in line
    assert line.endswith(f"-py3-none-any.whl[{extra}]'")


def test_small_installation_diagnoses_itself(auditor: Run) -> None:
    done = auditor("doctor")
    assert done.returncode in {0, 4}, done.stderr
    assert "– extras that are not installed: chat, office, pdf, postgresql, rawpkt, serve, store" in done.stdout
