"""Tests that a killed or interrupted run resumes where it was, and ends as if undisturbed."""

import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.service.store.records import RunState
from auditor.service.store.url import open_store
from containers.rehearsal.lab import Rehearsal
from probes.framework.evidence import RunId
from tests.support import audits
from tests.support.audits import ENVIRONMENT, PROGRAM, CommandResult, Document, auditor, command, essence
from tests.support.ready_vantage import ready_at_vantage

pytest_plugins = ("tests.support.rehearsal",)

SUBJECTS = (
    "cong",
    "suoimay",
    "xaydung",
    "taichinh",
    "giaoduc",
    "nongnghiep",
    "dantoc",
    "banlua",
    "thacbac",
    "benngoc",
    "dongche",
    "thudientu",
    "thu-giaoduc",
    "giaothong",
    "thuviendientu",
    "khuyencong",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Holds one run's folder, with everything that the run needs."""

    lab: Rehearsal
    folder: Path
    rows: Path

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'runs.db'}"

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    @property
    def options(self) -> tuple[str, ...]:
        kept = ("--store", self.store, "--evidence", str(self.folder / "evidence"))
        return (str(self.rows), *kept, "--profile", "quick", "--timeout", "3", "--format", f"json={self.result}")

    @property
    def run(self) -> str:
        return str(json.loads(self._journal().partition(b"\n")[0])["run"]["id"])

    def envelopes(self) -> int:
        """Return the number of written envelopes without self-tests, -1 before the run's first line.

        The number of self-tests depends on the duration of a run.
        """
        journal = self._journal()
        return journal.count(b'"probe":') - journal.count(b'"probe":"selftest"') if b"\n" in journal else -1

    def ids(self) -> list[str]:
        """Return the ids of all envelopes in the order of writing, without a line that was cut off."""
        lines = self._journal().split(b"\n")[1:-1]
        return [fields["id"] for line in lines if "probe" in (fields := json.loads(line))]

    def _journal(self) -> bytes:
        path = self.folder / "evidence" / "evidence.jsonl"
        return path.read_bytes() if path.exists() else b""

    def audit(self, *more: str) -> CommandResult:
        return auditor(self.lab, "audit", *self.options, *more, timeout=1_800)

    def resume(self) -> CommandResult:
        return self.audit("--resume", self.run)

    def start(self) -> subprocess.Popen[str]:
        """Start the audit in a process group of its own, with a leader that leaves an interrupt to the auditor."""
        words = ["env", "--ignore-signal=INT", *command(self.lab, "audit", *self.options)]
        argv = self.lab.command(words[2:])
        return subprocess.Popen(
            [*words[:2], *argv],
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def reach(self, process: subprocess.Popen[str], envelopes: int) -> None:
        """Wait until so many envelopes are written."""
        until = time.monotonic() + 240
        while self.envelopes() < envelopes:
            assert process.poll() is None, "it ended before it could be interrupted"
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.fixture(scope="module")
def ready(lab: Rehearsal) -> Iterator[Rehearsal]:
    """Yield the vantage for resumed runs; undisturbed runs and those to be killed are started by new processes."""
    with ready_at_vantage(lab) as ready:
        yield ready


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("resume")


def _place(lab: Rehearsal, folder: Path, name: str) -> Place:
    (folder / name).mkdir()
    names = {f"{label}.sonlam.gov.vn" for label in SUBJECTS} | {"sonlam.gov.vn"}
    return Place(lab, folder / name, audits.inventory(lab, folder / "inventory.csv", names))


@dataclass(frozen=True, slots=True)
class Whole:
    """Holds the results of an undisturbed run."""

    document: Document
    code: int
    envelopes: int


@pytest.fixture(scope="module")
def whole(lab: Rehearsal, folder: Path) -> Whole:
    place = _place(lab, folder, "whole")
    result = place.audit()
    print(f"undisturbed: {result.seconds:.1f} s, {place.envelopes()} envelopes")
    assert result.code == audits.FINDINGS
    return Whole(audits.read(place.result), result.code, place.envelopes())


def _cut(place: Place, envelopes: int) -> CommandResult:
    """Kill the run after so many envelopes, resume it, and return the result."""
    process = place.start()
    try:
        place.reach(process, envelopes)
        os.killpg(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    assert not place.result.exists()
    kept = place.ids()
    result = place.resume()
    assert place.ids()[: len(kept)] == kept
    return result


def test_killed_at_any_moment_it_ends_as_if_undisturbed(ready: Rehearsal, folder: Path, whole: Whole) -> None:
    """A run is killed before the first evidence, among the names, in the middle, and near the end."""
    moments = {"start": 0, "names": 3, "middle": whole.envelopes // 2, "late": whole.envelopes - 4}
    print(f"killed after {moments} of {whole.envelopes} envelopes")
    places = {name: _place(ready, folder, name) for name in moments}
    with ThreadPoolExecutor(2) as pool:  # more would overload two processors
        said = dict(zip(moments, pool.map(_cut, places.values(), moments.values()), strict=True))
    for name, result in said.items():
        assert (result.code, result.told) == (whole.code, []), name
        found = audits.read(places[name].result)
        audits.assert_same(whole.document, found, name)
        ids = places[name].ids()
        assert len(ids) == len(set(ids)) >= whole.envelopes  # neither losses nor duplicates; more self-tests


def test_killed_twice(ready: Rehearsal, folder: Path, whole: Whole) -> None:
    place = _place(ready, folder, "twice")
    process = place.start()
    place.reach(process, whole.envelopes // 3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    again = Place(ready, place.folder, place.rows)
    argv = ready.command(command(ready, "audit", *again.options, "--resume", again.run))
    process = subprocess.Popen(
        argv, env={**os.environ, **ENVIRONMENT}, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    again.reach(process, 2 * whole.envelopes // 3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    result = again.resume()
    assert result.code == whole.code
    audits.assert_same(whole.document, audits.read(again.result))


SAID = {
    "vi": "Đã dừng giữa chừng; những gì đã đo vẫn được giữ. Chạy tiếp bằng lệnh:",
    "en": "Interrupted; what was measured is kept. Go on with:",
}


def _interrupt(place: Place, lang: str, envelopes: int) -> tuple[int, str, str]:
    """Return exit status, output and error of an audit that is interrupted after so many envelopes."""
    argv = ["env", "--ignore-signal=INT"]
    argv += place.lab.command(command(place.lab, "audit", *place.options, "--lang", lang, "--name", "quý 4"))
    process = subprocess.Popen(
        argv,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        place.reach(process, envelopes)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=300)
    print(f"ended {time.monotonic() - began:.2f} s after the interrupt")
    return process.returncode, out, err


def test_an_interrupt_names_the_command_that_goes_on(ready: Rehearsal, folder: Path, whole: Whole) -> None:
    places = {lang: _place(ready, folder, f"interrupted-{lang}") for lang in SAID}
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda lang: _interrupt(places[lang], lang, whole.envelopes // 2), SAID))
        commands = [
            _command(said, place, ended_so)
            for (said, place, ended_so) in zip(SAID.values(), places.values(), ended, strict=True)
        ]
        resumed = list(pool.map(lambda words: ready.run([*PROGRAM, *words], timeout=1_800, env=ENVIRONMENT), commands))
    for place, done in zip(places.values(), resumed, strict=True):
        assert done.returncode == whole.code
        assert audits.without_progress(done.stderr) == []
        audits.assert_same(whole.document, audits.read(place.result))


def _command(wanted: str, place: Place, ended: tuple[int, str, str]) -> list[str]:
    """Return the words after ``auditor`` of the command that the interrupted audit names."""
    code, out, err = ended
    assert (code, out) == (audits.INTERRUPTED, "")
    said, line = audits.without_progress(err)
    assert said == wanted
    program, *words = shlex.split(line)
    assert program == "auditor"
    assert words[words.index("--resume") + 1] == place.run
    with open_store(place.store, create=False) as store:
        assert store.run(RunId(place.run)).state is RunState.INTERRUPTED
    return words


def test_a_run_goes_on_only_as_what_it_was(ready: Rehearsal, folder: Path, whole: Whole) -> None:
    place = Place(ready, folder / "whole", folder / "inventory.csv")
    other = audits.inventory(ready, folder / "other.csv", {"cong.sonlam.gov.vn"})
    _one_clear_line(auditor(ready, "audit", other, *place.options[1:], "--resume", place.run), place.run)
    for options in (("--only", "ipv6.dns"), ("--clearance", "passive"), ("--skip", "security")):
        _one_clear_line(place.audit("--resume", place.run, *options), place.run)
    _one_clear_line(place.audit("--resume", "20200101T000000Z-abcdef"), "20200101T000000Z-abcdef")
    nowhere = auditor(ready, "audit", place.rows, "--store", f"sqlite:///{folder / 'no.db'}", "--resume", place.run)
    _one_clear_line(nowhere, "")


def _one_clear_line(result: CommandResult, names: str) -> None:
    assert result.code == audits.USAGE
    assert result.out == ""
    (line,) = result.lines
    assert line.startswith("auditor: ")
    assert names in line


def test_a_finished_run_that_is_resumed_measures_nothing_again(ready: Rehearsal, folder: Path, whole: Whole) -> None:
    place = Place(ready, folder / "whole", folder / "inventory.csv")
    before = place.envelopes()
    result = place.resume()
    assert result.code == whole.code
    assert essence(audits.read(place.result)) == essence(whole.document)
    assert place.envelopes() == before
