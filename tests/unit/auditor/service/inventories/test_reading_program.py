"""Tests the file-reading program: its input and output, and the reason of an early end."""

import signal
import sys

import pytest

from auditor.service.inventories.reader_protocol import OUT_OF_MEMORY
from auditor.service.inventories.reading_program import ReadingProgram, started
from inventory.problems.codes import Code
from probes.net.core import children


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the source lines of the program that is started in place of a module of ours."""
    lines: list[str] = ["import os, signal, sys, time"]
    monkeypatch.setattr(children, "command", lambda module: [sys.executable, "-c", "\n".join(lines)])
    return lines


def _code(program: ReadingProgram) -> tuple[Code, dict[str, str]]:
    end = program.early_end(seconds=40, megabytes=1024)
    return end.code, dict(end.args)


def test_program_reads_the_line_and_the_files_behind_it(source: list[str]) -> None:
    source.append("print(sys.stdin.readline().strip(), sys.stdin.read())")
    with started("any", seconds=20) as program:
        program.send({"files": [["a", 3]]}, b"abc", b"def")
        assert program.stdout.read() == b'{"files": [["a", 3]]} abcdef\n'
        assert program.wait() == 0


def test_program_that_ends_before_it_read_everything_is_heard(source: list[str]) -> None:
    source.append("print('said', flush=True)")
    with started("any", seconds=20) as program:
        program.send({}, *(b"x" * 2**20 for _ in range(4)))
        assert program.stdout.read() == b"said\n"


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (f"os.kill(os.getpid(), signal.{signal.SIGXCPU.name})", (Code.NEEDS_TIME, {"limit": "40"})),
        (f"os.kill(os.getpid(), signal.{signal.SIGPROF.name})", (Code.NEEDS_TIME, {"limit": "40"})),
        (f"os.kill(os.getpid(), signal.{signal.SIGKILL.name})", (Code.NEEDS_MEMORY, {"limit": "1024"})),
        (f"sys.exit({OUT_OF_MEMORY})", (Code.NEEDS_MEMORY, {"limit": "1024"})),
        ("sys.exit(3)", (Code.READER_ENDED, {"why": "status 3"})),
    ],
)
def test_end_is_told_by_the_status(source: list[str], ends: str, expected: tuple[Code, dict[str, str]]) -> None:
    source.append(ends)
    with started("any", seconds=20) as program:
        assert _code(program) == expected


def test_program_that_takes_too_long_is_ended_and_needs_time(source: list[str]) -> None:
    source.append("time.sleep(60)")
    with started("any", seconds=0.05) as program:
        assert _code(program) == (Code.NEEDS_TIME, {"limit": "40"})


def test_program_does_not_outlive_the_block(source: list[str]) -> None:
    source.append("time.sleep(60)")
    with pytest.raises(RuntimeError), started("any", seconds=20) as program:
        raise RuntimeError
    assert program.wait() == -signal.SIGKILL
