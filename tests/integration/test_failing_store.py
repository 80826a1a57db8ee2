"""Tests a store with a full disk or without write permission: plain error lines, and no stored data is lost."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import audits
from tests.support.audits import INTERNAL, OK, USAGE, Document
from tests.support.forked import HOSTS, Forked, write_inputs

FULL = "auditor: there is no space left to write {store}; make room, then try again"
SIZES = ("100k", "560k", "700k")
"""Sizes of disks that are full before a run starts, and at several moments of a run; a whole run needs more."""


class Disk:
    """Mounts a small separate disk with a store on it, visible only in its mount namespace."""

    def __init__(self, forked: Forked, folder: Path, size: str) -> None:
        self.forked, self.folder, self.disk = forked, folder, folder / "disk"
        self.disk.mkdir(parents=True)
        write_inputs(folder)
        assert forked.run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.disk) == 0

    @property
    def store(self) -> Path:
        return self.disk / "a.db"

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    def auditor(self, *words: object) -> tuple[int, list[str]]:
        """Return the exit status and the output, without inventory warnings and the name of the written result."""
        log = self.folder / "log"
        status = self.forked.ended(self.forked.audit(words, log))
        said = audits.without_progress(log.read_text())
        return status, [line for line in said if not line.startswith("auditor: warning: ") and line != str(self.result)]

    def audit(self, *more: object) -> tuple[int, list[str]]:
        return self.auditor(
            "--config",
            self.folder / "auditor.toml",
            "--lang",
            "en",
            "audit",
            self.folder / "inventory.csv",
            "--profile",
            "quick",
            "--only",
            "ipv6.path.echo",
            "--store",
            f"sqlite:///{self.store}",
            "--format",
            f"json={self.result}",
            *more,
        )

    def remount(self, options: str) -> None:
        assert self.forked.run("mount", "-o", f"remount,{options}", self.disk) == 0


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    started = Forked.start()
    yield started
    started.end()


@pytest.fixture
def disk(forked: Forked, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Disk]:
    made = Disk(forked, tmp_path / "full", getattr(request, "param", "50m"))
    yield made
    assert forked.run("umount", made.disk) == 0


@pytest.fixture(scope="module")
def whole(forked: Forked, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return the document of a run with enough space."""
    made = Disk(forked, tmp_path_factory.mktemp("whole"), "50m")
    assert made.audit() == (OK, [])
    return audits.read(made.result)


@pytest.mark.parametrize("disk", SIZES, indirect=True)
def test_a_full_disk_is_said_and_the_run_goes_on_where_it_was(disk: Disk, whole: Document) -> None:
    status, said = disk.audit()
    assert said[0] == FULL.format(store=disk.store)
    assert not disk.result.exists()
    disk.remount("size=50m")
    if len(said) == 1:
        assert status == USAGE  # no packet was sent
        assert disk.audit() == (OK, [])
    else:
        assert status == INTERNAL
        assert said[1] == "What was measured until then is kept. Go on with:"
        assert disk.auditor(*shlex.split(said[2])[1:]) == (OK, [])
    found = audits.read(disk.result)
    assert found["summary"]["pass"] == HOSTS
    audits.assert_same(whole, found)


@pytest.mark.parametrize("disk", ["2m"], indirect=True)
def test_a_full_disk_is_said_to_an_import_which_has_no_run_to_resume(disk: Disk) -> None:
    file, store = disk.folder / "inventory.csv", f"sqlite:///{disk.store}"
    look = ("--lang", "en", "inventory", "import", file, "--name", "tinh", "--store", store)
    assert disk.auditor(*look)[0] == OK
    assert disk.forked.run("sh", "-c", f"cat /dev/zero > {disk.disk}/filler 2> /dev/null") != 0
    status, said = disk.auditor(*look, "--apply")
    assert (status, said[-1]) == (USAGE, FULL.format(store=disk.store))
    assert disk.forked.run("rm", disk.disk / "filler") == 0
    assert disk.auditor(*look, "--apply")[0] == OK


def test_a_store_that_may_not_be_written_is_said_in_one_line_and_stays_as_it_is(disk: Disk) -> None:
    assert disk.audit() == (OK, [])
    run = audits.read(disk.result)["run"]["id"]
    disk.result.unlink()
    before = disk.forked.run("cp", disk.store, disk.folder / "before.db")
    disk.remount("ro")
    for more in ((), ("--resume", run)):
        status, said = disk.audit(*more)
        assert (status, len(said)) == (USAGE, 1), said
        assert said[0].startswith(f"auditor: {disk.store} cannot be ")
        assert not disk.result.exists()
    assert before == disk.forked.run("cmp", disk.store, disk.folder / "before.db") == 0
    disk.remount("rw")
    assert disk.audit("--resume", run) == (OK, [])


def test_a_folder_that_may_not_be_written_is_said_before_anything_is_sent(disk: Disk) -> None:
    disk.remount("ro")
    assert disk.audit() == (
        USAGE,
        [f"auditor: {disk.store} cannot be written; check the permissions of the file and of its folder"],
    )
