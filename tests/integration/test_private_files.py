"""Tests that only the owner can read files of real commands, under any umask, and that only files are replaced."""

import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from auditor.service.store.database.sqlite import open_sqlite
from tests.support.audits import ENVIRONMENT, OK, USAGE
from tests.support.ready import Ready

AUDIT = ("inventory.csv", "--profile", "quick", "--timeout", "1", "--only", "ipv6.path.echo")
CHECK = ("check", "::1", "--profile", "quick", "--timeout", "1", "--only", "ipv6.path.echo", "--fail-on", "never")

Auditor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inventory.csv").write_text("name,kind,ipv6\nh,host,::1\n")
    (tmp_path / "auditor.toml").write_text("[scope]\nallow = ['::1/128']\n")
    return tmp_path


@pytest.fixture
def auditor(folder: Path, program: Ready) -> Auditor:
    """Run a command in the folder under a umask of zero; write its output to a file if one is given."""

    def run(*words: object, stdout: IO[str] | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {**ENVIRONMENT, "PATH": os.environ["PATH"]}
        return program.run(("--config", "auditor.toml", "--lang", "en", *words), environment, folder, 0, stdout)

    return run


def modes(folder: Path, but: frozenset[str]) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.name not in but:
            yield str(path.relative_to(folder)), f"{stat.S_IMODE(path.stat().st_mode):04o}"


def test_everything_that_commands_write_is_private_under_a_umask_of_zero(folder: Path, auditor: Auditor) -> None:
    given = frozenset({"inventory.csv", "auditor.toml"})
    assert auditor("audit", *AUDIT, "--out", "out", "--evidence", "evidence").returncode in (OK, 3, 4)
    with open_sqlite(folder / "auditor.db") as store:
        run = store.runs()[0].id
    for words in (
        ("report", run, "--format", "json=one.json", "--format", "html=one.html", "--format", "docx=letters"),
        ("runs", "seal", run, "--out", "seal.json"),
        ("backup", "copy.db"),
        ("diff", run, run, "--format", "json=diff.json"),
    ):
        completed = auditor(*words)
        assert completed.returncode == OK, completed.stderr
    found = dict(modes(folder, given))
    assert {
        "out/report.html",
        "evidence/evidence.jsonl",
        "one.json",
        "seal.json",
        "copy.db",
        "diff.json",
    } <= found.keys()
    assert {name: mode for name, mode in found.items() if mode not in ("0600", "0700")} == {}


def test_a_store_of_before_is_told_of_by_doctor_and_tightened_by_an_audit(folder: Path, auditor: Auditor) -> None:
    with open_sqlite(folder / "auditor.db"):
        (folder / "auditor.db").chmod(0o644)
    assert "auditor.db can be read by other users of this machine (0644)" in auditor("doctor").stdout
    completed = auditor("audit", *AUDIT)
    assert "now only by its owner" in completed.stderr
    assert stat.S_IMODE((folder / "auditor.db").stat().st_mode) == 0o600
    assert "can be read by other users" not in auditor("doctor").stdout
    assert "now only by its owner" not in auditor("audit", *AUDIT).stderr


def test_a_report_goes_into_a_device_or_a_descriptor_and_replaces_neither(folder: Path, auditor: Auditor) -> None:
    if os.geteuid() == 0:
        os.mknod(folder / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        assert auditor(*CHECK, "--format", "json=null").returncode == OK
        assert stat.S_ISCHR((folder / "null").lstat().st_mode)
    assert auditor(*CHECK, "--format", f"json={os.devnull}").returncode == OK
    assert stat.S_ISCHR(Path(os.devnull).lstat().st_mode)
    assert auditor(*CHECK, "--format", "json=/dev/stdout").stdout.startswith("{")
    with (folder / "said").open("w") as out:
        assert auditor(*CHECK, "--format", "json=/dev/stdout", stdout=out).returncode == OK
    assert (folder / "said").read_text().startswith("{")


def test_links_and_sockets_are_refused_before_anything_is_sent(folder: Path, auditor: Auditor) -> None:
    (folder / "target").write_text("theirs")
    (folder / "link").symlink_to("target")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        for name in ("link", "socket"):
            completed = auditor(*CHECK, "--format", f"json={name}")
            assert (completed.returncode, len(completed.stderr.splitlines())) == (USAGE, 1)
            assert completed.stderr.startswith(f"auditor: {name}: is a s")
    assert (folder / "target").read_text() == "theirs"
    assert (folder / "link").is_symlink()
