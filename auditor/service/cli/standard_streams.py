"""Keeps a command at work whatever became of its standard streams, which cron and full disks close and fill."""

import io
import os
import sys
from errno import EPIPE
from pathlib import Path

from auditor.service.cli.failures import EXIT_CLOSED_PIPE, Ended


class _BestEffort(io.FileIO):
    """Drops what cannot be written; only a reader that left is told of, as it ends the command."""

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]  # any buffer
        except OSError as error:
            if error.errno == EPIPE:
                raise
            return memoryview(data).nbytes  # type: ignore[arg-type]


def prepare() -> None:
    """Open streams that are closed, so that no file or socket takes their place, and let messages fail quietly.

    A run of hours must not end because the disk of its log is full.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # for the process
    told = sys.stderr
    if isinstance(told, io.TextIOWrapper):  # what runs the command inside a program may keep it in memory
        raw = io.BufferedWriter(_BestEffort(told.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding=told.encoding, errors=told.errors, line_buffering=True)


def drop_output() -> None:
    """Drop what is still in the buffer: it would be written, and fail again, when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def closed_pipe() -> int:
    """End a command whose output nobody reads any more; returns its exit code."""
    drop_output()
    return EXIT_CLOSED_PIPE


def unwritten(error: OSError) -> int:
    """End a command whose output is not read any more or cannot be written, which is told; returns its exit code.

    Raises ``error`` where that is not why.
    """
    if isinstance(error, BrokenPipeError):
        return closed_pipe()
    try:
        sys.stdout.write("\n")  # nothing is left in the buffer where there is none
        sys.stdout.flush()
    except OSError:
        drop_output()
    else:
        raise error
    from auditor.service.cli.output import writing

    try:
        with writing(Path("-")):
            raise error
    except Ended as end:
        return end.code
