"""Tests the user of a program that root started, and its remaining privileges."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import other_users
from tests.support.other_users import GID, UID

pytestmark = pytest.mark.needs_root
BECAME = [sys.executable, "-P", "-m", "tests.support.became"]
AUDITOR = str(Path(sys.executable).with_name("auditor"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that every user may enter."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("pytest-", "auditor-tests-", "popen-")):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return tmp_path


def found(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert isinstance(said, dict)
    return said


def test_root_becomes_the_service_user_for_good(folder: Path) -> None:
    said = found(other_users.run(BECAME, folder, cwd=folder))
    assert said == {
        "ids": [UID, UID, UID, GID, GID, GID],
        "groups": [],
        "capabilities": "",
        "regains_root": False,
        "home": "/var/lib/auditor",
        "writes_shadow": False,
        "looks_at_itself": True,
        "has_door": True,
    }


def test_root_becomes_the_user_that_is_named(folder: Path) -> None:
    said = found(other_users.run(BECAME, folder, cwd=folder, user=False, AUDITOR_USER="nobody"))
    assert said["ids"][0] == 65_534
    assert said["regains_root"] is False


@pytest.mark.parametrize("environment", [{"AUDITOR_USER": "root"}, {}], ids=["named", "no such user"])
def test_root_stays_where_it_is_told_to_or_there_is_nobody_to_become(folder: Path, environment: dict[str, str]) -> None:
    said = found(other_users.run(BECAME, folder, cwd=folder, user=bool(environment), **environment))
    assert (said["ids"][0], said["capabilities"]) == (0, "")


def test_root_stays_where_its_configuration_could_not_be_read_otherwise(folder: Path) -> None:
    config = folder / "auditor.toml"
    config.write_text("", "utf-8")
    config.chmod(0o600)
    assert found(other_users.run(BECAME, folder, cwd=folder))["ids"][0] == 0
    config.chmod(0o644)
    assert found(other_users.run(BECAME, folder, cwd=folder))["ids"][0] == UID


def test_a_user_that_is_named_and_cannot_be_become_ends_the_command(folder: Path) -> None:
    done = other_users.run([AUDITOR, "doctor"], folder, cwd=folder, AUDITOR_USER="nosuchuser")
    assert (done.returncode, done.stderr) == (2, "auditor: AUDITOR_USER=nosuchuser: this machine has no such user\n")


def test_what_a_command_writes_belongs_to_the_user_that_it_became(folder: Path) -> None:
    mine = folder / "mine"
    mine.mkdir(mode=0o755)
    mine.chmod(0o777)
    done = other_users.run(
        [AUDITOR, "check", "192.0.2.1", "--only", "ipv6.path.echo", "--format", f"json={mine / 'out.json'}"],
        folder,
        cwd=mine,
    )
    assert done.returncode != 1, done.stderr
    assert (mine / "out.json").stat().st_uid == UID
