"""Inventories out of files, read by a program of its own (``file_reader``) that may take so much memory and time.

The one way by which the command line, the service and its audits read files: what a file does to its reader is one
clear error about that file here, and nothing else waits for it or goes along with it.
"""

import contextlib
import json
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TypeVar

from auditor.pipeline.reading_words import MEMORY, OUT_OF_MEMORY, SECONDS, Word, problem_of
from inventory.codes import Code
from inventory.errors import Place, Problems
from inventory.inventory import Inventory, Source
from inventory.loader import Loaded
from inventory.model import Exemption, Origin, Subject
from inventory.organisation import Organisation, Unit
from inventory.serial import decode
from inventory.sources.files import open_file
from probes.net import children

WALL = 150.0
"""Seconds of the clock after which the reader is ended, however busy the machine is."""
_SAID = 300 * 2**20
"""Bytes that it may say: the largest table that is within the bounds says a third of it."""
_LINE = 8 * 2**20
T = TypeVar("T")


def load_files(paths: Sequence[Path]) -> Loaded:
    """Raises InventoryError."""
    problems = Problems()
    sent = [(str(path), data) for path in paths if (data := open_file(path, problems)) is not None]
    return _load([str(path) for path in paths], sent, problems)


def load_sent(files: Sequence[tuple[str, bytes]]) -> Loaded:
    """What came as bytes under the names of files, as a browser sends them. Raises InventoryError."""
    return _load([name for name, _ in files], files, Problems())


def _load(order: Sequence[str], files: Sequence[tuple[str, bytes]], problems: Problems) -> Loaded:
    reader = _Reader(problems, missing=len(files) < len(order))
    inventory = reader.read(files) if files else None
    problems.raise_errors(order)
    if inventory is None:
        raise RuntimeError("the reader said neither what it read nor what is wrong")
    return Loaded(inventory=inventory, warnings=problems.ordered(order))


class _Reader:
    """One run of the program."""

    def __init__(self, problems: Problems, *, missing: bool) -> None:
        self._problems = problems
        self._missing = missing  # that nothing is left of an inventory is clear then
        self._file = ""
        self._said: dict[Word, list[object]] = {}
        self._late = False

    def read(self, files: Sequence[tuple[str, bytes]]) -> Inventory | None:
        """The inventory; None with problems."""
        process = subprocess.Popen(
            children.command("auditor.pipeline.file_reader"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=children.ROOT, env=children.environment(), start_new_session=True,
        )  # fmt: skip
        timer = threading.Timer(WALL, self._end, [process])
        timer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            _send(process.stdin, files)
            done = self._hear(process.stdout)
            process.stdout.close()
            status = process.wait()
        finally:
            timer.cancel()
            process.kill()
            process.wait()
        if done is None or status:
            self._broke_off(status)
            return None
        return self._inventory() if done else None

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        self._late = True
        process.kill()

    def _hear(self, stream: IO[bytes]) -> bool | None:
        """Whether it read everything; None where it broke off."""
        left = _SAID
        while (line := stream.readline(_LINE)) and left > 0:
            left -= len(line)
            try:
                word, *values = json.loads(line)
                done = self._take(Word(word), values)
            except (ValueError, KeyError, TypeError, RecursionError):
                return None
            if done is not None:
                return done
        return None

    def _take(self, word: Word, values: list[object]) -> bool | None:
        (value,) = values
        if word is Word.END:
            return bool(value)
        if word is Word.FILE:
            self._file = str(value)
        elif word is Word.PROBLEM:
            problem = problem_of(value)
            if not (self._missing and problem.code is Code.NO_TARGETS):
                self._problems.add(problem)
        elif isinstance(value, list):
            wanted = _KINDS[word]
            self._said.setdefault(word, []).extend(decode(wanted, one) for one in value)
        return None

    def _inventory(self) -> Inventory:
        def of(word: Word, kind: type[T]) -> tuple[T, ...]:
            return tuple(one for one in self._said.get(word, []) if isinstance(one, kind))

        return Inventory(
            subjects=of(Word.SUBJECTS, Subject),
            organisation=Organisation(units=of(Word.UNITS, Unit)),
            exemptions=of(Word.EXEMPTIONS, Exemption),
            sources=of(Word.SOURCES, Source),
        )

    def _broke_off(self, status: int) -> None:
        place = Place(self._problems, Origin(source=self._file))
        if self._late or -status in (signal.SIGPROF, signal.SIGXCPU):
            place.report(Code.NEEDS_TIME, limit=str(SECONDS))
        elif status == OUT_OF_MEMORY or -status in (signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL):
            place.report(Code.NEEDS_MEMORY, limit=str(MEMORY))
        else:
            place.report(Code.READER_ENDED, why=f"status {status}")


_KINDS: Mapping[Word, type] = {
    Word.SUBJECTS: Subject, Word.UNITS: Unit, Word.EXEMPTIONS: Exemption, Word.SOURCES: Source,
}  # fmt: skip


def _send(stream: IO[bytes], files: Sequence[tuple[str, bytes]]) -> None:
    """It may end before it has heard everything: what it said until then counts."""
    with contextlib.suppress(BrokenPipeError), stream:
        stream.write(json.dumps([[name, len(data)] for name, data in files]).encode() + b"\n")
        for _, data in files:
            stream.write(data)
