"""Starts a program of ours that reads foreign files, sends it the files, and ends it in every case.

The reader of files and the preview of uploads both run so. Each interprets the output of its own program.
"""

import contextlib
import json
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.service.inventories.reader_protocol import OUT_OF_MEMORY
from inventory.problems.codes import Code
from probes.net.core import children

_OF_TIME = frozenset({signal.SIGPROF, signal.SIGXCPU})
_OF_MEMORY = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL})


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyEnd:
    """Holds why a program ended before its output was complete: the code of a problem, and its arguments."""

    code: Code
    args: tuple[tuple[str, str], ...]


class ReadingProgram:
    """Wraps a running program, its input and its output."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self.stdout = process, process.stdin, process.stdout
        self._late = threading.Event()

    def send(self, asked: Mapping[str, object], *parts: bytes) -> None:
        """Send a line of JSON and the parts after it; if the program ends early, its output is read anyway."""
        with contextlib.suppress(BrokenPipeError), self._stdin as stream:
            stream.write(json.dumps(asked).encode() + b"\n")
            for part in parts:
                stream.write(part)

    def end_late(self) -> None:
        """Kill the program because its time is over."""
        self._late.set()
        self._process.kill()

    def wait(self) -> int:
        """Wait for the end of the program and return its exit status."""
        return self._process.wait()

    def close(self) -> None:
        """Close both pipes; either may be closed already."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self.stdout.close()

    def early_end(self, *, seconds: int, megabytes: int) -> EarlyEnd:
        """Return why the program ended early, from its exit status and its bounds."""
        status = self.wait()
        if self._late.is_set() or -status in _OF_TIME:
            return EarlyEnd(code=Code.NEEDS_TIME, args=(("limit", str(seconds)),))
        if status == OUT_OF_MEMORY or -status in _OF_MEMORY:
            return EarlyEnd(code=Code.NEEDS_MEMORY, args=(("limit", str(megabytes)),))
        return EarlyEnd(code=Code.READER_ENDED, args=(("why", f"status {status}"),))


@contextlib.contextmanager
def started(module: str, *, seconds: float) -> Iterator[ReadingProgram]:
    """Start a module as a program, which is killed after ``seconds`` of elapsed time or when the block is left."""
    process = subprocess.Popen(
        children.command(module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=children.ROOT,
        env=children.environment(),
        start_new_session=True,
    )
    program = ReadingProgram(process)
    timer = threading.Timer(seconds, program.end_late)
    try:
        timer.start()
        yield program
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        program.close()
