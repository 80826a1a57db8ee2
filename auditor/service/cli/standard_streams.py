"""Keeps a command running when its standard streams are closed, as by cron, or full, as on a full disk."""

import io
import os
import sys
from errno import EPIPE
from pathlib import Path

from auditor.service.cli.failures import EXIT_CLOSED_PIPE, Ended


class _BestEffort(io.FileIO):
    """Drops output that cannot be written; only a closed reader raises an error, because it ends the command."""

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]  # any buffer
        except OSError as error:
            if error.errno == EPIPE:
                raise
            return memoryview(data).nbytes  # type: ignore[arg-type]


def prepare() -> None:
    """Open closed streams, so that no file or socket takes their place, and let messages fail silently.

    A run of hours must not end because the disk of its log is full.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # for the process
    told = sys.stderr
    if isinstance(told, io.TextIOWrapper):  # a program that calls the command in-process may have replaced it
        raw = io.BufferedWriter(_BestEffort(told.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding=told.encoding, errors=told.errors, line_buffering=True)


def drop_output() -> None:
    """Drop the rest of the buffer: otherwise it would be written, and fail again, when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def closed_pipe() -> int:
    """End a command if its output is no longer read; return its exit code."""
    drop_output()
    return EXIT_CLOSED_PIPE


def unwritten(error: OSError) -> int:
    """End a command if its output has no reader or cannot be written, which is reported; return its exit code.

    Raise ``error`` if standard output is not its cause.
    """
    if isinstance(error, BrokenPipeError):
        return closed_pipe()
    try:
        sys.stdout.write("\n")  # an empty buffer would not be written at all
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
